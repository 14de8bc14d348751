"""`gallra detect`: reads JSON lines from stdin and writes what is found in each."""

import sys
from typing import Annotated

import typer

from connector.cli.common import say
from connector.errors import GallraError


def detect(json: Annotated[bool, typer.Option("--json", help="JSON lines out (always).")] = True) -> None:
    """Read JSON lines {id, key, text} from stdin and write what is found in each; spans count characters.

    A faulty line ends the run: its number on stderr, the answers to the lines before it on stdout.
    """
    from connector.detect.lines import answers

    try:
        for line in answers(sys.stdin.buffer):
            sys.stdout.buffer.write(line)
    except GallraError as error:
        sys.stdout.buffer.flush()
        say(f"Error: {error}")
        raise typer.Exit(int(error.exit)) from None
