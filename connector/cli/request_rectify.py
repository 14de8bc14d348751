"""`gallra request rectify`: what a person gave is planned for their own records, to be approved."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, one_of, out, say
from connector.cli.speaking import said

if TYPE_CHECKING:
    from connector.shop import Shop
    from connector.stages.rectify import Rectifying


def rectify(  # noqa: PLR0913 (a command's parameters are its options)
    code: Annotated[str, typer.Argument(help="The request's code, as R-7K3M2P.")],
    field: Annotated[
        str, typer.Option("--field", help="What is wrong: email, phone, note, billing-city and the like.")
    ],
    order: Annotated[str, typer.Option("--order", help="The number of the one order that is meant.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="The id of the one account meant.")] = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Plan what a person says is right, read from stdin or a prompt, for their records; then approve it."""
    from connector.errors import GallraError
    from connector.ports.rectifying import Part
    from connector.stages.flow import locked
    from connector.stages.flow.rectifying import Given, rectify_request
    from connector.views.lint.refusing import must_be_sound

    if order and customer:
        raise GallraError("Name one order or one account, or neither for all of theirs. Nothing was planned.")
    part, opened = one_of(Part, field), load(shop)
    given = Given(part=part, value=_typed(), order=order, customer=customer)
    with locked(opened):
        row, made = rectify_request(opened, must_be_sound(opened), code, given)
    if json:
        as_json({
            "request": row.code, "plan": made.plan.code if made.plan.waves else None, "records": made.records,
            "by_hand": made.by_hand,
        })  # fmt: skip
        return
    _show(opened, made, str(part))


def _typed() -> str:
    """What a person gave is never in argv, where others could see it."""
    if sys.stdin.isatty():
        return str(typer.prompt(said("What it should be"), hide_input=True))
    return sys.stdin.readline().strip()


def _show(opened: "Shop", made: "Rectifying", part: str) -> None:
    from connector.ledger.plans import Plans

    for label in made.by_hand:
        say(
            f"By hand, in the shop: {part} of {label}. No call sets it without moving money or mailing "
            "somebody. `gallra todo` has it."
        )
    out(f"To rectify: {made.records} records, {len(made.by_hand)} by hand.")
    if made.plan.waves:
        with opened.ledger.begin() as connection:
            line = opened.line_to_approve(connection, Plans(opened.ledger).need(connection, made.plan.code))
        out(line)


__all__ = ["rectify"]
