"""Holds that people place: `gallra hold count`, `add`, `list` and `release`."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ById,
    ShopOption,
    as_json,
    chooser,
    load,
    one_of,
    out,
    say,
    told,
)
from connector.cli.hold_kinds import bindings, chosen, told_of
from connector.cli.verbs import Verbs
from connector.errors import GallraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.ledger.holds import HoldRow, On, Reach
    from connector.policy.hold_query import HoldQuery
    from connector.records import Kind, Record
    from connector.shop import Shop

hold = Verbs(help="Reasons to wait that no shop data shows: place, list and release them.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(hold, name="hold")


@hold.command()
def add(  # noqa: PLR0913 (a command's parameters are its options)
    reason: Annotated[str, typer.Option("--reason", help="Why; no personal data.")],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")],
    review: Annotated[str, typer.Option("--review", help='When to look again: YYYY-MM-DD or "6 months".')],
    shop: ShopOption = DEFAULT,
    kind: Annotated[
        str,
        typer.Option(
            "--hold",
            help="H1 open order, H2 return or complaint, H3 unpaid, H4 warranty, H5 legal claim (default), "
            "H6 balance, H7 subscription, H8 payment dispute, H9 request; H9A access and "
            "H0, taken out: hold everything.",
        ),
    ] = "",
    order: Annotated[str, typer.Option("--order", help="The order's number.")] = "",
    person: Annotated[
        bool, typer.Option("--person", help="A person; the e-mail is read from stdin or a prompt.")
    ] = False,
    query: Annotated[
        str, typer.Option("--query", help='Records, later ones too: "kind=order status=refunded".')
    ] = "",
    by_id: ById = False,
    json: AsJson = False,
) -> None:
    """Place a hold on an order, a person or what a query says, until a named owner releases it."""
    from connector.ledger.holds import Holds, HoldTerms
    from connector.ledger.same_hold import same_holds
    from connector.policy.free_text import review_day, said
    from connector.records import HoldId

    if [bool(order), person, bool(query)].count(True) != 1:
        raise GallraError("Name one of --order NUMBER, --person and --query TERMS.")
    opened, why = load(shop), said(reason, "--reason")
    kind = chosen(kind, why)
    terms = HoldTerms(
        hold=one_of(HoldId, kind),
        reason=why,
        owner=said(owner, "--owner"),
        review=review_day(review, today=opened.today),
    )
    if terms.hold is HoldId.RESTRICTION:
        raise GallraError(
            "A restriction is a person's request, and is lifted only once they were told: `gallra request "
            "open restrict`. Nothing was placed."
        )
    target = _target(opened, order=order, person=person, query=query, by_id=by_id)
    if target is None:
        told(json, "Nothing was placed.", hold=None)
        return
    opened.unchanged()
    holds = Holds(opened.ledger)
    with opened.ledger.begin() as connection:
        before = same_holds(opened.ledger, connection, terms.hold, target.on)
        number = holds.add(connection, terms, target.on)
        reach = holds.reach(connection, number)
    line = (
        f"Hold {number} ({kind}) is placed on {target.said}: {reach.records} records, "
        f"owner {terms.owner}, review {terms.review}. "
        + (
            f"Plan {reach.plan} has begun: it binds from the next batch."
            if reach.plan
            else "Plan again before you apply."
        )
    )
    binds = bindings(opened, terms.hold, target.kind)
    told(
        json,
        line,
        hold=number,
        kind=kind,
        records=reach.records,
        owner=terms.owner,
        review=terms.review,
        **binds,
    )
    for one_line in () if json else told_of(binds, terms.hold):
        out(f"  {one_line}")
    for one in before:
        say(
            f"Warning: hold {one.id} ({one.hold}, owner {one.owner}, review {one.review}) is on the same "
            f"already. Both bind, and each must be released: `gallra hold release {number} --by NAME` ends "
            "this one."
        )
    _warn_of(reach)


def _warn_of(reach: "Reach") -> None:
    """What a person who places a hold must know of it at once."""
    if not reach.records:
        say(
            "Warning: the hold is on no record now. Check what was typed, run `gallra pull`, and look with "
            "`gallra hold list`; what is pulled later and fits is held."
        )
    if reach.begun:
        say(
            f"Warning: {reach.begun} of these records were being erased when it was placed, and may be "
            "erased. Look at them in the shop."
        )


class Target(NamedTuple):
    """What a hold is to be on, as the ledger takes it and as it is said."""

    on: "On"
    said: str
    kind: "Kind"  # what its fields are told of


def _target(opened: "Shop", *, order: str, person: bool, query: str, by_id: bool) -> Target | None:
    """What the hold is to be on; None where a person at a terminal thought better of it."""
    from connector.ledger.holds import On
    from connector.ledger.naming import meant, named
    from connector.records import Kind

    if query:
        asked = _asked(opened, query)
        if sys.stdin.isatty() and not typer.confirm("Place the hold?"):
            return None
        return Target(On(query=asked), asked.text, asked.kind)
    if person:
        return Target(On(digest=_digest(opened), key=opened.key), "that person", Kind.ORDER)
    row = meant(opened.ledger, Kind.ORDER, order, by_id=by_id, choose=chooser())
    return Target(On(record=row.id), named(row), Kind.ORDER)


def _asked(opened: "Shop", text: str) -> "HoldQuery":
    """The query, once it has been said how many records it matches now."""
    from connector.policy.hold_query import read_query

    asked = read_query(text)
    found = _count(opened, asked)
    say(f"{found.sentence} Records that match later are held too.")
    return asked


@hold.command()
def count(
    query: Annotated[str, typer.Argument(help="The query, in quotes.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Say how many records a hold by query would be on now; places nothing."""
    from connector.policy.hold_query import read_query

    found = _count(load(shop), read_query(query))
    if json:
        as_json({"query": found.query, "matches": found.matches, "records": found.records})
        return
    out(found.sentence)


class Counted(NamedTuple):
    """How many records of a kind a query matches, of all."""

    query: str
    kind: str
    matches: int
    records: int

    @property
    def sentence(self) -> str:
        """One line, the query as it was understood."""
        return f"{self.query}: matches {self.matches} of {self.records} records of kind {self.kind}."


def _count(opened: "Shop", asked: "HoldQuery") -> Counted:
    """What a query matches now; warns where it can match nothing because of a word."""
    from connector.ledger.index import Rows

    statuses: Counter[str] = Counter()

    def matches(record: "Record") -> bool:
        statuses[record.facts.status] += 1
        return asked.matches(record)

    with opened.ledger.begin() as connection:
        found = Rows(opened.ledger).matching(connection, kind=asked.kind, matches=matches)
    records = statuses.total()
    if not records:
        say(f"Warning: no record of kind {asked.kind} has been pulled. Run `gallra pull` first.")
    elif not asked.words("status") <= statuses.keys():
        known = ", ".join(sorted(filter(None, statuses)))
        say(f"Warning: a status of the query stands on no record of kind {asked.kind}. There are: {known}.")
    return Counted(asked.text, str(asked.kind), len(found), records)


def _digest(opened: "Shop") -> bytes:
    """People are named on stdin or at a prompt, never in argv, where others could see them."""
    prompt = sys.stdin.isatty()
    address = typer.prompt("E-mail", hide_input=True) if prompt else sys.stdin.readline().strip()
    digest = opened.keyer("email", address)
    if digest is None:
        raise GallraError("That is no e-mail address. Nothing was placed; try again.")
    return digest


@hold.command("list")
def list_holds(
    shop: ShopOption = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Released ones too.")] = False,
    json: AsJson = False,
) -> None:
    """List the open holds; one past its review date is a warning, it never lapses by itself."""
    from connector.ledger.holds import Holds

    opened = load(shop)
    holds = Holds(opened.ledger)
    with opened.ledger.begin() as connection:
        rows = holds.list(connection, every=every)
        on = {row.id: holds.named_on(connection, row.id) for row in rows}
        counts = {row.id: holds.reach(connection, row.id).records for row in rows}
    if json:
        as_json({"holds": [{**_fields(row), "on": on[row.id], "records": counts[row.id]} for row in rows]})
        return
    for row in rows:
        state = f"released {row.released}" if row.released else f"review {row.review}"
        what = _held(row, on[row.id], counts[row.id])
        out(f"{row.id}  {row.hold}  {what}  {row.owner}  {state}  {row.reason}")
        if not row.released and row.review < opened.today:
            say(f"Warning: hold {row.id} is past its review date. Ask {row.owner}, then release or renew it.")
    out(f"{len(rows)} holds.")


def _fields(row: "HoldRow") -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _held(row: "HoldRow", on: "Sequence[str]", count: int) -> str:
    """What a hold is on, by number: the order, some of a person's records, or some that a query matches."""
    from connector.ledger.naming import said_of

    named = ", ".join(map(said_of, on)) + (" …" if count > len(on) else "")
    if row.by == "order":
        return named or "an order that is gone"
    whom = row.query or row.by
    return f"{whom}: {count} records" + (f" ({named})" if named else "")


@hold.command()
def release(
    number: Annotated[int, typer.Argument(help="The hold's number.")],
    by: Annotated[str, typer.Option("--by", help="Who releases it.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """End a hold, by a named person."""
    from connector.ledger.holds import Holds
    from connector.policy.free_text import said

    person = said(by, "--by")
    opened = load(shop)
    opened.unchanged()
    with opened.ledger.begin() as connection:
        Holds(opened.ledger).release(connection, number, by=person)
    told(json, f"Hold {number} is released by {person}.", hold=number, released_by=person)
