"""`gallra audit verify` and `gallra audit show`: what proves that the ledger is as Gallra left it."""

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopFile, ShopOption, as_json, load, one_of, out, say
from connector.cli.speaking import spoken
from connector.cli.verbs import Verbs
from connector.errors import GallraError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.ledger.fate import Fate
    from connector.ledger.proof.sealer import Sealer
    from connector.report.words import Words
    from connector.shop import Shop
    from connector.views.proof import Audit

audit = Verbs(help="Proof: that nothing in the ledger was changed by hand, and one order's fate.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(audit, name="audit")


@audit.command()
def verify(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """Check chain, plans, approvals, holds, receipts and signatures, offline; name the first break."""
    from connector.views.proof import audit as audited

    opened = load(shop)
    sealer, lacking = _sealer(opened)
    found = audited(opened, sealer, lacking=lacking)
    if found.breaks:
        _tell_monitors(opened, found.breaks[0])
    if json:
        named = {name: getattr(found, name) for name in found.__struct_fields__}
        as_json({"audit": {**named, "counts": found.counts._asdict()}}, exit_code=found.exit)
    else:
        _show(found)
    raise typer.Exit(int(found.exit))


def _tell_monitors(opened: "Shop", first: str) -> None:
    """A break that an audit found is told as a deviation; the audit itself asks nobody anything."""
    if not opened.settings.alerts.webhook:
        return
    from connector.serve.posting import altered, tell

    for line in tell(opened, altered(opened, first)):
        say(f"Warning: {line}")


def _sealer(opened: "Shop") -> "tuple[Sealer | None, str]":
    """The seal key, or why it is not at hand: an audit goes without it as far as it can."""
    try:
        return opened.sealer, "the shop's file names no ledger.seal_key"
    except SettingsError:
        return None, "the seal key is not at hand"


def _show(found: "Audit") -> None:
    counts = found.counts
    out(f"Chain: {counts.events} events, head {found.seq}:{found.head or 'none'}")
    if found.sealed:
        out(f"Sealed: {found.sealed}")
    for line in found.unchecked:
        say(f"Not checked: {line}.")
    for one in found.breaks:
        say(f"Break: {one}")
    out(found.sentence)


@audit.command()
def show(
    number: Annotated[str, typer.Argument(help="The order's number, or its id.")],
    shop: ShopOption = DEFAULT,
    kind: Annotated[str, typer.Option("--kind", help="What it is, where it is no order.")] = "order",
    json: AsJson = False,
) -> None:
    """Tell one order's fate: what was planned, who approved it, what came of it, and who was told."""
    from connector.ledger.fate import fate_of
    from connector.records import Kind

    opened, meant = load(shop), one_of(Kind, kind)
    with opened.ledger.begin() as connection:
        found = fate_of(opened.ledger, connection, meant, number)
    if json:
        as_json({"fate": found})
        return
    if not found:
        raise GallraError(
            f"No plan has taken anything of such a {meant}. Correct the number, or see what "
            "stays of it and why: `gallra explain`."
        )
    for step in found:
        _tell(step)


def _tell(step: "Fate") -> None:
    """One step's fate, in the language spoken."""
    from connector.report.words import Words

    words = Words(spoken())
    plan = {"plan": step.plan, "day": step.made[:10], "state": words.code("state_of_plan", step.plan_state)}
    wave, action = words.code("wave", step.wave), words.code("action", step.action)
    out(words.say("audit.step", record=step.record, wave=wave, action=action, **plan))
    for line in (*_decided(step, words), *_came(step, words), *_heard(step, words)):
        out(f"  {line}")


def _decided(step: "Fate", words: "Words") -> "Iterator[str]":
    """What was planned, who approved it, and when it began."""
    approved = words.say("audit.not_approved")
    if step.approved_by:
        approved = words.say("audit.approved", who=step.approved_by, at=step.approved_at)
    fields = _fields(step.fields, words) or words.say("audit.by_api")
    yield words.say("audit.planned", fields=fields, approved=approved)
    if step.runs:
        yield words.say("audit.runs", runs=", ".join(step.runs))


def _came(step: "Fate", words: "Words") -> "Iterator[str]":
    """What came of it, and what reading it back said."""
    from connector.report.tables import lower_first, reason_name

    outcome = words.code("outcome", step.outcome) if step.outcome else words.say("audit.no_answer")
    why = f" ({lower_first(reason_name(step.reason, words))})" if step.reason else ""
    state = words.code("state_of_step", step.state)
    fields = _fields(step.done, words) or words.say("audit.nothing")
    came = "audit.came_back" if step.action == "restore" else "audit.came"
    yield words.say(came, state=state, outcome=f"{outcome}{why}", fields=fields)
    yield words.say("audit.read_back", seen=_seen(step, words))
    for one in step.undone:
        back = _fields(one.fields, words)
        yield words.say("audit.undone", at=one.at, plan=one.plan, fields=back)


def _seen(step: "Fate", words: "Words") -> str:
    """What the read-back said; of an undo, that it is there again or not: clean is no word for it."""
    if not step.read_back:
        return words.say("audit.not_yet")
    if step.action == "restore":
        return words.say("audit.there_again" if step.read_back == "clean" else "audit.not_there_again")
    return step.read_back


def _heard(step: "Fate", words: "Words") -> "Iterator[str]":
    """Whom it was passed on to, and what came of that."""
    for one in step.told:
        beside = (("sent", "on", one.sent_on), ("seen", "seen", one.seen), ("closed", "by", one.closed_by))
        told = words.say(
            "audit.told",
            recipient=words.service(one.recipient),
            act=words.code("act", one.act),
            state=words.code("state_of_delivery", one.state),
            outcome=words.code("outcome", one.outcome) if one.outcome != one.state else "",
        )
        more = (words.say(f"audit.{key}", **{name: value}) for key, name, value in beside if value)
        yield ", ".join((told.rstrip(), *more))


def _fields(fields: "Sequence[str]", words: "Words") -> str:
    return ", ".join(words.code("field", one) for one in fields)
