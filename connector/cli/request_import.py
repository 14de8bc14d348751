"""`gallra request import`, each row with its outcome; and `loosen`, the owner's word on claims."""

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, out, told
from connector.cli.speaking import said
from connector.errors import Exit, GallraError

By = Annotated[str, typer.Option("--by", help="Your name.")]
_OUTCOMES = {"earlier": "already, and it counts from this earlier day now"}
_WHY_REFUSED = {
    "columns": "it has other columns than the first line, or than a request has",
    "whose": "nothing in it says whose data it is, or what does is not known here",
}


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV or JSON file; the guide has its columns.")],
    by: By,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Take in requests from a file: each row is taken in, known already, or refused with its reason."""
    from connector.policy.free_text import said as checked
    from connector.stages.flow import locked
    from connector.stages.flow.taking_in import take_in_rows
    from connector.stages.requests.intake import MOST_BYTES, rows_of

    opened, name = load(shop), checked(by, "--by")
    try:
        with file.open("rb") as whole:
            content = whole.read(MOST_BYTES + 1)
    except OSError:
        raise GallraError("The file cannot be read. Nothing was taken in.") from None
    rows = rows_of(content, as_json=file.suffix.casefold() == ".json", today=opened.today)
    with locked(opened):
        came = take_in_rows(opened, rows, by=name)
    refused = sum(one.outcome == "refused" for one in came)
    code = Exit.PARTIAL if refused else Exit.DONE
    if json:
        as_json({"rows": came}, exit_code=code)
        raise typer.Exit(int(code))
    for one in came:
        what = one.code or said(_WHY_REFUSED.get(one.why, f"the column {one.why} cannot be used"))
        out(f"  {one.number}: {said(_OUTCOMES.get(one.outcome, one.outcome))}, {what}")
    out(f"{len(came)} rows: {len(came) - refused} in the register, {refused} refused.")
    raise typer.Exit(int(code))


def loosen(  # noqa: PLR0913 (a command's parameters are its options)
    code: Annotated[str, typer.Argument(help="The request's code, as R-7K3M2P.")],
    order: Annotated[str, typer.Option("--order", help="The order's number.")],
    by: Annotated[str, typer.Option("--by", help="The owner's name.")],
    reason: Annotated[str, typer.Option("--reason", help="Why claims are let go; no personal data.")],
    keep: Annotated[bool, typer.Option("--keep", help="Take it back: keep what claims keep.")] = False,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Keep nothing of one order for legal claims, on the owner's word; then decide the request anew."""
    from connector.ledger.request_loosened import OwnersWord
    from connector.policy.free_text import said as checked
    from connector.stages.flow import locked
    from connector.stages.flow.loosening import loosen_claims

    opened = load(shop)
    word = OwnersWord(
        to="kept" if keep else "loosened", by=checked(by, "--by"), why=checked(reason, "--reason")
    )
    with locked(opened):
        row = loosen_claims(opened, code, order, word)
    told(json, f"Noted. Decide it anew: `gallra request decide {row.code}`.", code=row.code, state=row.state)
