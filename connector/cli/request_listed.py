"""`gallra request list`: what persons wait for, in every shop of a folder."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, out, say
from connector.errors import Exit

if TYPE_CHECKING:
    from datetime import date

    from connector.ledger.requests import RequestRow


def list_requests(
    shop: ShopOption = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False,
    json: AsJson = False,
) -> None:
    """List the requests that wait, what is due first; one past its last lawful day ends with code 1."""
    from connector.cli.folder import OneByOne
    from connector.ledger.requests import Register

    late = 0
    found: list[dict[str, Any]] = []
    each = OneByOne(shop)
    for path in each.paths:
        with each.at(path):
            opened = load(path)
            with opened.ledger.begin() as connection:
                rows = Register(opened.ledger).list(connection, every=every)
            found += [{"shop": path.name, **fields_of(row)} for row in rows]
            late += sum(_say_listed(row, path.name, opened.today, quiet=json) for row in rows)
    code = each.code(Exit.ERROR if late else Exit.DONE)
    if json:
        as_json({"requests": found}, exit_code=code)
    else:
        out(f"{len(found)} requests.")
    if code is not Exit.DONE:
        raise typer.Exit(int(code))


def _say_listed(row: "RequestRow", file: str, today: "date", *, quiet: bool) -> bool:
    """Says how a request stands; returns whether its last lawful day has passed."""
    past = row.is_open and row.limit < today
    if quiet:
        return past
    out(f"{row.code}  {row.kind}  {row.state}  {file}  received {row.received}  due {row.due}")
    if past:
        say(f"Error: request {row.code} is past its last lawful day, {row.limit}. Answer it now.")
    elif row.is_open and row.due < today:
        say(f"Warning: request {row.code} is past the day to answer by, {row.due}.")
    return past


def fields_of(row: "RequestRow") -> dict[str, Any]:
    """What a request's JSON says of it."""
    return {name: getattr(row, name) for name in row.__struct_fields__ if name != "id"}


__all__ = ["fields_of", "list_requests"]
