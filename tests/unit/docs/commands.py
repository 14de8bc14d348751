"""Every verb of the command line, as the reference lists it."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer

import connector.cli


@cache
def verbs() -> dict[str, Any]:
    """Every command by the words that call it."""
    app = typer.Typer()
    for found_part in pkgutil.iter_modules(connector.cli.__path__):
        part = importlib.import_module(f"connector.cli.{found_part.name}")
        if hasattr(part, "add_to"):
            part.add_to(app)
    group: Any = typer.main.get_command(app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
        else:
            found |= {name if one.hidden else f"{name} {verb}": one for verb, one in inner.items()}
    return found


def described() -> Iterator[str]:
    """Each verb with its help, arguments and options, by name."""
    for name, command in sorted(verbs().items()):
        yield from ("", f"### `gallra {name}`", "", _sentence(command.help or ""), "")
        yield from _parameters(command)


def _parameters(command: Any) -> Iterator[str]:
    shown = [one for one in command.params if not getattr(one, "hidden", False) and one.name != "help"]
    if not shown:
        yield "Takes no options."
        return
    yield "| Option | Default | Meaning |"
    yield "|---|---|---|"
    for one in shown:
        yield f"| {_written(one)} | {_default(one)} | {_sentence(getattr(one, 'help', None) or '') or '–'} |"


def _written(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = (parameter.metavar or parameter.name).upper()
        return f"`{name}`" + ("" if parameter.required else ", may be left out")
    taken = "" if parameter.is_flag else " …"
    return ", ".join(f"`{option}{taken}`" for option in (*parameter.opts, *parameter.secondary_opts))


def _default(parameter: Any) -> str:
    if parameter.envvar:
        return f"`{parameter.envvar}`, else `{parameter.default}`"
    if parameter.required:
        return "required"
    value = parameter.default
    if value in (None, False, "", ()) or callable(value) or str(value).startswith("Sentinel"):
        return "–"
    return f"`{value}`"


def _sentence(text: str) -> str:
    """A help text on one line, with nothing that a table's cell cannot hold."""
    return " ".join(text.split()).replace("|", "\\|")
