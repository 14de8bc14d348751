"""What becomes of the records of a request that was decided, line by line."""

from typing import TYPE_CHECKING

from connector.cli.common import out, say
from connector.cli.request_answers import say_number_is_shared
from connector.cli.speaking import said, word

if TYPE_CHECKING:
    from connector.ledger.requests import RequestRow
    from connector.shop import Shop
    from connector.stages.flow.requesting import Drawn
    from connector.verdicts import FieldVerdict


def _why(field: "FieldVerdict") -> "list[str]":
    """Why a field stays: its holds, else the law's floor, else its reason."""
    if field.holds:
        return [word("hold", str(one)) for one in field.holds]
    return [word("floor", field.floor) if field.floor else word("reason", field.reason)]


def say_where_it_goes(opened: "Shop", code: str) -> None:
    """To whose address a code goes, and what it does not prove."""
    from connector.ledger.requests import Register
    from connector.stages.flow.code_addressee import addressee_of

    with opened.ledger.begin() as connection:
        row = Register(opened.ledger).get(connection, code)
    found = addressee_of(opened, row)
    if found.record is None:
        say("Send this code to the address that the request gave, and to no other. It is kept nowhere.")
    else:
        say(
            f"Send this code to the e-mail address that {found.record.kind} {found.record.id} has in the "
            "shop now, and to no other. It is kept nowhere."
        )
    for ref in found.unlike:
        say(
            f"Warning: {ref.kind} {ref.id} does not carry the address that was given, so the code does not "
            "prove it."
        )


def say_what_it_waits_for(opened: "Shop", row: "RequestRow") -> None:
    """What an open request waits for, in the words of `status`."""
    from connector.cli.common import language
    from connector.report.overview import needed
    from connector.views.status import of_request

    with opened.ledger.begin() as connection:
        waits = of_request(opened, connection, row, opened.today)
    out(f"  {needed(waits.need(), language(opened, None))}")


def show_drawn(opened: "Shop", drawn: "Drawn") -> None:
    """Each record with what goes and what stays, what could not be told, and the line that approves."""
    from connector.cli.common import language
    from connector.deciding.request_verdicts import Does
    from connector.views.request_erased import said_of

    for one in drawn.records:
        out(f"{word('single', str(one.ref.kind))} {one.label}")
        if any(str(field.action) == "unsubscribe" and str(field.state) == "due" for field in one.fields):
            out("  mailings end now; the contact itself goes at a later run, as T-34 says")
            continue
        for field in one.fields:
            what = word("field", str(field.field)) if field.field else said("the record whole")
            over = field.keep_through is None or field.keep_through < opened.today
            until = "–" if over else f"{field.keep_through}"
            goes = str(field.state) == "due"
            if goes and one.does(field).does is not Does.ERASED:
                out(f"  {what}: {said_of(one.does(field)).of(language(opened, None))}")
                continue
            why = ", ".join(_why(field))
            stays = f"  {what}: stays until {until} ({field.rule}, {why})"
            out(f"  {what}: will be erased" if goes else stays)
    for ref in drawn.scope.asked_refs:
        say(f"Question: is {ref.kind} {ref.id} theirs? It does not carry what was proven, and is left alone.")
    if drawn.scope.shared:
        say_number_is_shared()
    for ref in drawn.scope.unread:
        say(f"Warning: {ref.kind} {ref.id} could not be read now. Decide again before you answer.")
    out(f"Request {drawn.request.code}: {len(drawn.scope.sure)} records carry what was proven.")
    if drawn.plan is not None and drawn.plan.waves:
        with opened.ledger.begin() as connection:
            from connector.ledger.plans import Plans

            line = opened.line_to_approve(connection, Plans(opened.ledger).need(connection, drawn.plan.code))
        out(line)


__all__ = ["say_what_it_waits_for", "say_where_it_goes", "show_drawn"]
