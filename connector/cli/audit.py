"""`gallra audit verify` and `gallra audit show`: what proves that the ledger is as Gallra left it."""

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopFile, ShopOption, as_json, load, one_of, out, say
from connector.cli.verbs import Verbs
from connector.errors import GallraError, SettingsError

if TYPE_CHECKING:
    from connector.ledger.fate import Fate
    from connector.ledger.proof.sealer import Sealer
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
        as_json({"audit": found}, exit_code=found.exit)
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
    from connector.report.tables import reason_name
    from connector.report.words import Words

    words = Words("en")
    approved = f"approved by {step.approved_by} {step.approved_at}" if step.approved_by else "not approved"
    plan = f"plan {step.plan} of {step.made[:10]} ({step.plan_state})"
    out(f"{step.record}, {plan}, {step.wave}: {step.action}")
    out(f"  planned: {', '.join(step.fields) or 'nothing by API'}; {approved}")
    if step.runs:
        out(f"  runs began: {', '.join(step.runs)}")
    why = f" ({reason_name(step.reason, words)})" if step.reason else ""
    out(f"  {step.state}: {step.outcome or 'no answer yet'}{why}; taken: {', '.join(step.done) or 'nothing'}")
    out(f"  read back: {step.read_back or 'not yet'}")
    for one in step.told:
        seen = f", seen: {one.seen}" if one.seen else ""
        by = f", closed by {one.closed_by}" if one.closed_by else ""
        sent = f", sent {one.sent_on}" if one.sent_on else ""
        out(f"  {one.recipient}, {one.act}: {one.state} {one.outcome}{sent}{seen}{by}")
