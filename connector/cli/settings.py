"""What a shop's settings file may hold, for the editor it is written in: `gallra settings schema`."""

from typing import Annotated

import typer

from connector.cli.common import out_json
from connector.cli.verbs import Verbs

settings = Verbs(help="The shop's settings file: what it may hold, for editors.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(settings, name="settings")


@settings.command()
def schema(_json: Annotated[bool, typer.Option("--json", help="JSON (always).")] = True) -> None:
    """Print the JSON schema of a settings file: every key with its meaning, for editors."""
    import json

    from connector.settings.schema import settings_schema

    out_json(json.dumps(settings_schema(), ensure_ascii=False, indent=2))
