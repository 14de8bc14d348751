"""The command line: builds the objects and hands them over; every stage is one verb."""

import signal
import sys
from functools import lru_cache
from typing import Any

import typer

from connector.errors import Exit, FaultsError, GallraError

app = typer.Typer(
    name="gallra",
    help="Makes a web shop's privacy policy true: what may go, what must stay, and proof of both.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


STOPPED = 130
"""What typer makes of Ctrl-C outside standalone mode; no command ends with it itself."""


@lru_cache(maxsize=1)
def _command() -> Any:
    """The command with all its verbs, put together once."""
    from connector.cli import (
        demo,
        holds,
        lawful,
        ledger,
        letters,
        papers,
        policy,
        running,
        settings,
        stages,
        starting,
        unread,
    )

    everyday = (starting, stages, running, letters, holds, unread, ledger)
    for part in (*everyday, policy, lawful, papers, settings, demo):
        part.add_to(app)
    return typer.main.get_command(app)


def main() -> None:
    """Runs the command and ends with its exit code; an error is one clear message on stderr."""
    from connector.cli.common import Progress, log_to_screen, say, unforeseen

    # What a container or systemd sends ends a command in good order, as Ctrl-C does; the first process of a
    # container would not hear it at all.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = _command()
    log_to_screen()
    Progress()  # tells of waits from here on, whatever the command
    try:
        # Outside standalone mode the exit code comes back as a value, not as an exception.
        code = command(standalone_mode=False)
        if code == STOPPED:
            raise typer.Abort
    except GallraError as error:
        _show(error)
        sys.exit(int(error.exit))
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except typer.Abort:
        say("Stopped. Nothing is lost; run the same command again.")
        sys.exit(int(Exit.PARTIAL))
    except Exception as fault:
        if type(fault).__name__ == "NoArgsIsHelpError":
            typer.echo(str(fault))
            sys.exit(int(Exit.DONE))
        if hasattr(fault, "format_message"):
            say(f"Error: {fault.format_message().rstrip('.')}. See `gallra --help`.")
            sys.exit(int(Exit.ERROR))
        say(f"Error: {unforeseen(fault)}")
        sys.exit(int(Exit.ERROR))
    sys.exit(code if isinstance(code, int) else 0)


def _show(error: GallraError) -> None:
    lines = error.faults if isinstance(error, FaultsError) else (str(error),)
    if "--json" in sys.argv:
        from connector.cli.common import as_json

        as_json({"errors": lines}, exit_code=error.exit)
    from connector.cli.common import say

    for line in lines:
        say(f"Error: {line}")
