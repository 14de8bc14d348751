"""`gallra approve`: a named person takes a plan on."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ShopOption,
    as_json,
    load,
    one_of,
    out,
    say,
)
from connector.cli.stages.missing import say_what_stops_it
from connector.errors import GallraError
from connector.placeholders import is_left_open

if TYPE_CHECKING:
    from connector.shop import Shop


def approve(  # noqa: PLR0913 (a command's parameters are its options)
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="The report's short code.")],
    by: Annotated[str, typer.Option("--by", help="Who approves.")],
    role: Annotated[str, typer.Option("--role", help="In what role.")],
    shop: ShopOption = DEFAULT,
    on_behalf: Annotated[str, typer.Option("--on-behalf", help="For whom.")] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="What the approval rests on.")] = "",
    wave: Annotated[list[str] | None, typer.Option("--wave", help="Only this wave; may be repeated.")] = None,
    first_run: Annotated[
        bool, typer.Option("--first-run", help="A first run may exceed the limits.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Approve a plan, or some waves of it, by the code of its report; of a folder, several shops' plans."""
    from connector.policy.free_text import said, said_if_any
    from connector.records import Wave
    from connector.stages.flow import Word
    from connector.stages.flow import approve as record
    from connector.views.lint.refusing import must_be_sound

    by = said(_asked(by, "Who approves"), "--by")
    role = said(_asked(role, "In what role"), "--role")
    on_behalf, evidence = said_if_any(on_behalf, "--on-behalf"), said_if_any(evidence, "--evidence")
    waves = [one_of(Wave, w) for w in wave or ()]
    word = Word(by=by, role=role, on_behalf=on_behalf, evidence=evidence, first_run=first_run)
    if shop.is_dir():
        from connector.cli.stages.of_folder import approve_folder

        raise typer.Exit(int(approve_folder(shop, codes, word, waves=waves, json=json)))
    if len(codes) > 1:
        raise GallraError("One shop has one plan to approve. Name one code, or the folder of several shops.")
    opened, code = load(shop), codes[0]
    approved = record(opened, must_be_sound(opened), code, word, waves=waves)
    say_what_stops_it(opened, code, approved)
    if json:
        as_json({"plan": code, "approved": approved, "by": by, "role": role})
        return
    out(f"Approved: {', '.join(approved)} of plan {code}, by {by} ({role}).")
    _say_what_is_left_out(opened, code)


def _asked(text: str, question: str) -> str:
    """What was given; a line pasted as it was shown leaves its placeholder, and a person is asked."""
    if is_left_open(text) and sys.stdin.isatty():
        return str(typer.prompt(question, err=True))
    return text


def _say_what_is_left_out(opened: "Shop", code: str) -> None:
    """An approval names what the plan leaves out because it was not all read."""
    from connector.cli.speaking import spoken
    from connector.ledger.plans import Plans
    from connector.records import Kind
    from connector.report import basis
    from connector.report.words import Words
    from connector.views.dry_run import basis_views

    with opened.ledger.begin() as connection:
        plan = Plans(opened.ledger).need(connection, code).plan
    if plan.withheld or not all(one.complete for one in plan.rests_on):
        withheld = {Kind(kind): count for kind, count in plan.withheld.items()}
        for line in basis.closing(basis_views(plan.rests_on), withheld, Words(spoken())):
            say(f"Note: {line}")
