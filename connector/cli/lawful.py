"""Whether the policy is sound and the promises are true: `policy lint`, `promises`, `record`, `attest`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import AsJson, Language, as_json, load, out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.lint import Finding
    from connector.settings import Settings
    from connector.settings.promises import Promise

OptionalShop = Annotated[Path | None, typer.Argument(envvar="GALLRA_SHOP", help="The shop's TOML file.")]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    from connector.cli.policy import policy

    policy.command()(lint)


def promises_of(settings: "Settings") -> "tuple[Promise, ...] | None":
    """The promises that the shop's file names, None where it names none."""
    from connector.settings.promises import load_promises

    path = settings.policy.promises
    return None if path is None else load_promises(path)


def lint(
    shop: OptionalShop = None,
    source: Annotated[str, typer.Option("--policy", help="A preset or a TOML file.")] = "",
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Say what is wrong with a policy, or with a shop's policy, recipients and promises."""
    from connector.lint import exit_code, lint_policy, lint_shop

    chosen = lang
    if source or shop is None:
        found = lint_policy(source or "swedish-webshop")
    else:
        settings = load(shop).settings
        chosen = lang or settings.shop.language
        found = lint_shop(settings, promises_of(settings))
    code = exit_code(found)
    if json:
        as_json({"sentence": _lint_sentence(found), "findings": found}, exit_code=int(code))
    else:
        _show_findings(found, chosen or "sv")
    raise typer.Exit(int(code))


def _show_findings(found: "Sequence[Finding]", language: str) -> None:
    for one in found:
        says, remedy = (getattr(text, language, text.en) for text in (one.says, one.remedy))
        out(f"{one.code} {one.severity:7} {one.place}: {says}")
        out(f"      {remedy}")
    out(_lint_sentence(found))


def _lint_sentence(found: "Sequence[Finding]") -> str:
    """English in every language, made to be grepped."""
    counts = {name: sum(one.severity == name for one in found) for name in ("error", "warning", "info")}
    return f"Lint: {counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes."
