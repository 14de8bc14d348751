"""What a shop's settings file may hold, for the editor it is written in: `gallra settings schema`."""

import typer

from connector.cli.common import out_json

settings = typer.Typer(help="The shop's settings file: what it may hold, for editors.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(settings, name="settings")


@settings.command()
def schema() -> None:
    """Print the JSON schema of a settings file: every key with its meaning, for editors."""
    import json

    from connector.settings.schema import settings_schema

    out_json(json.dumps(settings_schema(), ensure_ascii=False, indent=2))
