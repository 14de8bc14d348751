"""The stages as commands: check, pull, plan, show, approve, apply, push, verify, report."""

import typer

from connector.cli.stages.applying import apply
from connector.cli.stages.approving import approve
from connector.cli.stages.planning import plan, show, write_dry_run
from connector.cli.stages.reading import check, pull
from connector.cli.stages.reporting import report, write_missing_protocols
from connector.cli.stages.telling import push, verify


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    for command in (check, pull, plan, show, approve, apply, push, verify, report):
        app.command()(command)


__all__ = ["add_to", "write_dry_run", "write_missing_protocols"]
