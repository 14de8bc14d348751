"""What the policy says: `gallra policy` and `explain`; adds `detect`."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, one_of, out
from connector.cli.detecting import detect
from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.records import Ref
    from connector.shop import Shop
    from connector.verdicts import FieldVerdict

policy = typer.Typer(help="The retention policy: its rules, its calculator, its deadlines.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(policy, name="policy")
    app.command()(explain)
    app.command()(detect)


def _today(text: str) -> date:
    if not text:
        from connector.shop import system_clock

        return system_clock().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GallraError(f"{text} is no date. Write YYYY-MM-DD.") from None


@policy.command("list")
def list_rules(
    source: Annotated[str, typer.Option("--policy", help="A preset or a TOML file.")] = "swedish-webshop",
    json: AsJson = False,
) -> None:
    """List the rules of a policy."""
    from connector.policy import ShopContext, load_policy

    loaded = load_policy(source, context=ShopContext())
    if json:
        as_json(
            {
                "name": loaded.name,
                "version": loaded.version,
                "rules": [r.model_dump(mode="json") for r in loaded.rules],
            }
        )
        return
    for rule in loaded.rules:
        fields = ", ".join(rule.fields) or "the whole record"
        out(f"{rule.id:6} {rule.kind:11} {rule.action:11} {fields}")
    out(f"{loaded.name}@{loaded.version}: {len(loaded.rules)} rules.")


@policy.command()
def due(
    facts: Annotated[str, typer.Option("--facts", help="A JSON file, or - for stdin.")],
    source: Annotated[str, typer.Option("--policy", help="A preset or a TOML file.")] = "swedish-webshop",
    today: Annotated[str, typer.Option("--today", help="YYYY-MM-DD; default today.")] = "",
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout (always).")] = True,
) -> None:
    """The calculator: facts of one record in, per field how long it is kept and why out."""
    import msgspec

    from connector.due import due as calculate

    try:
        given = msgspec.json.decode(sys.stdin.buffer.read() if facts == "-" else Path(facts).read_bytes())
    except OSError as fault:
        raise GallraError(f"{facts} cannot be read ({type(fault).__name__}). Correct the path.") from None
    except msgspec.DecodeError:
        raise GallraError(
            f"{facts} holds no JSON. Give one object with kind, shop, facts and fields."
        ) from None
    answer = calculate(given, today=_today(today), policy=source)
    out(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


@policy.command()
def deadline(
    received: Annotated[str, typer.Option("--received", help="The day a request came (YYYY-MM-DD).")],
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout (always).")] = True,
) -> None:
    """The last day to answer a person's request (Art. 12(3))."""
    import msgspec

    from connector.calendar import deadline as answer_by

    out(msgspec.json.encode(answer_by(_today(received))).decode())


def explain(
    order: Annotated[str, typer.Argument(help="The order's number.")],
    shop: ShopOption = DEFAULT,
    kind: Annotated[str, typer.Option("--kind", help="order, customer, subscriber …")] = "order",
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show whose it is, live, on a terminal only.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Say for each field of a record which rule, clock, law and hold apply, and the next date."""
    from connector.ledger.holds import Holds
    from connector.ledger.index import Index
    from connector.policy import decide
    from connector.records import Kind

    opened = load(shop)
    with opened.ledger.begin() as connection:
        row = Index(opened.ledger).find(connection, kind=one_of(Kind, kind), number=order)
        if row is None:
            raise GallraError(
                f"{kind} {order} is not in the index. Run `gallra pull`, or correct the number."
            )
        record = Holds(opened.ledger).open(connection).on(row)
    verdict = decide(record, opened.policy, today=opened.today)
    if json:
        as_json({"verdict": verdict})
        return
    for one in (*verdict.fields, *([verdict.record] if verdict.record else [])):
        _explain_field(one)
    for alert in verdict.alerts:
        out(f"! {alert}")
    out(f"Next change: {verdict.next_due or 'only when something new is known'}.")
    if reveal:
        _reveal(opened, row.record.ref)


def _reveal(opened: "Shop", ref: "Ref") -> None:
    """Asks the shop whose record this is; never where it could end in a file or a log."""
    if not sys.stdout.isatty():
        raise GallraError("--reveal shows a person's address and works on a terminal only.")
    for live in opened.platforms[ref.adapter].fetch([ref]):
        for name in ("email", "phone"):
            for value in live.handles.get(name, ()):
                out(f"{name}: {value}")


def _explain_field(one: "FieldVerdict") -> None:
    symbol = {"due": "-", "held": "!", "keep": "="}[one.state]
    what = one.field or "the whole record"
    out(f"{symbol} {what}: {_verdict(one)}")
    clock = one.clock
    if clock is not None:
        source = f" ({clock.source})" if clock.source else ""
        out(f"    counted from {clock.name} {clock.on or 'unknown'}{source}")
    for end in one.ends:
        out(f"    {end.purpose}: through {end.through or 'unknown'}")
    if one.floor:
        out(f"    floor {one.floor}: through {one.floor_through or 'unknown'}")
    out(f"    {one.rule}, {one.basis}")


def _verdict(one: "FieldVerdict") -> str:
    waits: list[Any] = [*one.holds, *(f"{hold} (unknown)" for hold in one.unknown_holds)]
    if one.state == "due":
        return f"{one.action} is due since {one.eligible_from}"
    if one.state == "held":
        return f"waits for {', '.join(waits)}"
    until = f"kept through {one.keep_through}" if one.keep_through else "kept, no end can be computed"
    return f"{until}{f' ({one.reason})' if one.reason else ''}"
