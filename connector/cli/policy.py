"""What the policy says: `gallra policy` and `explain`; adds `detect`."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ById,
    Language,
    ShopOption,
    as_json,
    chooser,
    language,
    load,
    one_of,
    out,
    width,
)
from connector.cli.detecting import detect
from connector.cli.verbs import Verbs
from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.policy.file_format import Rule
    from connector.records import Ref
    from connector.shop import Shop

policy = Verbs(help="The retention policy: its rules, its calculator, its deadlines.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(policy, name="policy")
    app.command()(explain)
    app.command()(detect)


def day_of(text: str, option: str) -> date:
    """The Stockholm date of what an option was given."""
    from connector.calendar import to_date

    try:
        return to_date(text)
    except ValueError as fault:
        raise GallraError(f"{option}: {fault}.") from None


def _today(text: str | None) -> date:
    if text is None:
        from connector.shop import system_clock

        return system_clock().date()
    return day_of(text, "--today")


@policy.command("list")
def list_rules(
    source: Annotated[str, typer.Option("--policy", help="A preset or a TOML file.")] = "swedish-webshop",
    json: AsJson = False,
) -> None:
    """List the rules of a policy."""
    from connector.policy import ShopContext, load_policy
    from connector.registry import recipient_codes

    loaded = load_policy(source, context=ShopContext(), codes=recipient_codes())
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
        out(f"       {periods_of(rule)}; {rule.basis}")
    for row in loaded.attestations:
        period = row.period or "as long as the books"
        out(f"{row.id:6} attested    {period}; {row.basis}")
    out(f"{loaded.name}@{loaded.version}: {len(loaded.rules)} rules.")


def periods_of(rule: "Rule") -> str:
    """How long a rule keeps, by purpose, from which clock, on which basis of Article 6, and its floors."""
    purposes = [f"{one.period} from {one.clock} ({one.id}, {one.legal_basis})" for one in rule.purpose]
    purposes += [f"{one.consumables} of consumables ({one.id})" for one in rule.purpose if one.consumables]
    floors = [f"floor {one.id}" + (f" when {', '.join(one.when)}" if one.when else "") for one in rule.floor]
    off = ["off until turned on"] if rule.optional else []
    return ", ".join((*purposes, *floors, *off))


@policy.command()
def due(
    facts: Annotated[str, typer.Option("--facts", help="A JSON file, or - for stdin.")],
    source: Annotated[str, typer.Option("--policy", help="A preset or a TOML file.")] = "swedish-webshop",
    today: Annotated[str | None, typer.Option("--today", help="YYYY-MM-DD; default today.")] = None,
    request: Annotated[
        str, typer.Option("--request", help="After a person's request: erase, or object (to marketing).")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout (always).")] = True,
) -> None:
    """The calculator: facts of one record in, per field how long it is kept and why out."""
    import msgspec

    from connector.policy.calculator import due as calculate
    from connector.text.strict_json import KeyTwice, read_json

    try:
        given = read_json(sys.stdin.buffer.read() if facts == "-" else Path(facts).read_bytes())
    except OSError as fault:
        raise GallraError(f"{facts} cannot be read ({type(fault).__name__}). Correct the path.") from None
    except KeyTwice as fault:
        raise GallraError(f"{facts} states the key {fault} twice in one object. Keep one of them.") from None
    except ValueError:
        raise GallraError(
            f"{facts} holds no JSON. Give one object with kind, shop, facts and fields."
        ) from None
    answer = calculate(given, today=_today(today), policy=source, request=request)
    out(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


@policy.command()
def deadline(
    received: Annotated[
        str, typer.Option("--received", help="When a request came: YYYY-MM-DD, or a time with its offset.")
    ],
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout (always).")] = True,
) -> None:
    """The last day to answer a person's request (Art. 12(3))."""
    import msgspec

    from connector.calendar import deadline as answer_by

    out(msgspec.json.encode(answer_by(day_of(received, "--received"))).decode())


def explain(  # noqa: PLR0913 (a command's parameters are its options)
    number: Annotated[str, typer.Argument(help="The order's number, or another record's id.")],
    shop: ShopOption = DEFAULT,
    kind: Annotated[str, typer.Option("--kind", help="order, customer, subscriber …")] = "order",
    by_id: ById = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show whose it is, live, on a terminal only.")
    ] = False,
    lang: Language = None,
    json: AsJson = False,
) -> None:
    """Say for each field of a record which rule, law, clock, hold and promise apply, and the next date."""
    from connector.records import Kind
    from connector.report.explanation.document import terminal
    from connector.views import explanation

    opened = load(shop)
    row, placed = explanation.find(opened, one_of(Kind, kind), number, by_id=by_id, choose=chooser())
    verdict, view = explanation.explain(opened, row, placed)
    if json:
        promises = [(one.field or "record", one.promises) for one in view.fields]
        as_json({"verdict": verdict, "holds": view.placed, "promises": dict(promises)})
        return
    out(terminal(view, language=language(opened, lang), width=width()))
    if reveal:
        _reveal(opened, row.record.ref)


def _reveal(opened: "Shop", ref: "Ref") -> None:
    """Asks the shop whose record this is; never where it could end in a file or a log."""
    if not sys.stdout.isatty():
        raise GallraError("--reveal shows a person's address and works on a terminal only.")
    from connector.ports import living, looked

    opened.recognise()  # another shop's person under the same id is nobody's business here
    found = living(looked(opened.platforms[ref.adapter].fetch([ref]), [ref]))
    if not found:
        raise GallraError("The shop does not show this record now. Look it up in the shop's own admin.")
    for name in ("email", "phone"):
        for value in found[ref].handles.get(name, ()):
            out(f"{name}: {value}")
