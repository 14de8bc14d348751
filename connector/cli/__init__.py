"""The command line: builds the objects and hands them over; every stage is one verb."""

import signal
import sys
from functools import lru_cache
from typing import Any

import typer

from connector.cli.verbs import HELP, ByJob, Verbs
from connector.errors import Exit, FaultsError, GallraError

app = Verbs(
    name="gallra",
    cls=ByJob,
    context_settings={"help_option_names": HELP},
    help="Makes a web shop's privacy policy true: what may go, what must stay, and proof of both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


STOPPED = 130
"""What typer makes of Ctrl-C outside standalone mode; no command ends with it itself."""


@lru_cache(maxsize=1)
def _command() -> Any:
    """The command with all its verbs, put together once."""
    from connector.cli import (
        audit,
        demo,
        fleet,
        holds,
        keys,
        lawful,
        ledger,
        letters,
        papers,
        policy,
        recipients,
        requests,
        running,
        settings,
        stages,
        starting,
        todo,
        undoing,
        unread,
        unsubscribing,
        warn,
        web,
    )

    everyday = (
        starting, keys, stages, running, fleet, web, undoing, letters, todo, warn, holds, requests, unread,
    )  # fmt: skip
    for part in (*everyday, unsubscribing, recipients, ledger, audit, policy, lawful, papers, settings, demo):
        part.add_to(app)
    return typer.main.get_command(app)


def main() -> None:
    """Runs the command and ends with its exit code; an error is one clear message on stderr."""
    try:
        code = _ended()
    except KeyboardInterrupt:  # also while the command is still being put together
        code = _stopped()
    sys.exit(code)


def _ended() -> int:
    """The exit code of the command that was typed, every error told."""
    from connector.cli.common import Progress, log_to_screen, say, unforeseen
    from connector.cli.speaking import language_typed, speak

    # What a container or systemd sends ends a command in good order, as Ctrl-C does; the first process of a
    # container would not hear it at all.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = _command()
    speak(language_typed(sys.argv[1:]))  # until a shop's file is opened
    log_to_screen()
    Progress()  # tells of waits from here on, whatever the command
    try:
        # Outside standalone mode the exit code comes back as a value, not as an exception.
        code = command(standalone_mode=False)
        if code == STOPPED:
            raise typer.Abort
    except GallraError as error:
        _show(error)
        return int(error.exit)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        return _stopped()
    except Exception as fault:
        if type(fault).__name__ == "NoArgsIsHelpError":
            typer.echo(str(fault))
            return int(Exit.DONE)
        if hasattr(fault, "format_message"):
            told = fault.format_message().rstrip(".")
            say(f"Error: {told}{'' if told.endswith('?') else '.'} See `gallra --help`.")
        else:
            say(f"Error: {unforeseen(fault)}")
        return int(Exit.ERROR)
    return code if isinstance(code, int) else 0


def _stopped() -> int:
    """Ctrl-C or Ctrl-D, anywhere: one sentence."""
    from connector.cli.common import say

    say("Stopped. Nothing is lost; run the same command again.")
    return int(Exit.PARTIAL)


def _show(error: GallraError) -> None:
    lines = error.faults if isinstance(error, FaultsError) else (str(error),)
    if "--json" in sys.argv:
        from connector.cli.common import as_json

        as_json({"errors": lines}, exit_code=error.exit)
    from connector.cli.common import say

    for line in lines:
        say(f"Error: {line}")
