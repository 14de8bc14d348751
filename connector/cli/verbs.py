"""A verb of the command line: its shop by position or by `--shop`, `-h`, examples; and help by job."""

import re
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from connector.cli.examples import EXAMPLES, JOBS

HELP = ["-h", "--help"]
_SHOP = ("--shop", "-s")
_PATHS = frozenset({"to", "copy"})
"""Arguments that name a file or folder of their own."""


class Verb(TyperCommand):
    """One command; a shop's file may stand by position or behind `--shop`, whichever its own way is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, the shop's file put where this command takes it."""
        shop = next((one for one in self.params if one.name == "shop" and _is_file(one)), None)
        if shop is not None:
            by_position = isinstance(shop, TyperArgument)
            # Where the command takes a path of its own, a folder is that one.
            own = any(isinstance(one, TyperArgument) and one.name in _PATHS for one in self.params)
            found = partial(_to_option, folders=not own)
            args = (_to_position if by_position else found)(args, self._values())
            if by_position and any("--plan" in one.opts for one in self.params):
                args = _code_to_option(args, self._values())
        return super().parse_args(ctx, args)

    def get_help_option_names(self, ctx: Any) -> list[str]:
        """Of every verb the same, whichever context asks first: the answer is kept."""
        return list(HELP)

    def _values(self) -> frozenset[str]:
        """The options that take a value."""
        return frozenset(
            name for one in self.params if not getattr(one, "is_flag", True) for name in one.opts
        ) | set(_SHOP)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Examples, each a line that can be typed."""
        lines = EXAMPLES.get(path_of(ctx), ())
        if lines:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in lines))


class Verbs(typer.Typer):
    """A group of verbs that all take a shop alike; typed alone it shows its own help."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"no_args_is_help": True, **more})

    def command(self, name: str | None = None, **more: Any) -> Callable[[Any], Any]:
        """Registers a verb."""
        return super().command(name, **{"cls": Verb, **more})


class WithOwn(TyperGroup):
    """A group with a verb that needs no word of its own, `gallra todo SHOP`; its help has every flag."""

    own: str
    """The verb that is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, the own verb put ahead of them where they name none of the group."""
        named = bool(args) and args[0] in {*self.commands, *HELP}
        return super().parse_args(ctx, args if named else [self.own, *args])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The shop, as the own verb takes it."""
        return self.commands[self.own].collect_usage_pieces(ctx)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """A line for the own verb, and one for each of the others."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)))
        for name, one in self.commands.items():
            if name != self.own:
                typed = f"{ctx.command_path} {name}"
                formatter.write_usage(typed, " ".join(one.collect_usage_pieces(ctx)), prefix="       ")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The own verb's arguments and options, then the others', each under its name."""
        self.commands[self.own].format_options(ctx, formatter)
        for name, one in self.commands.items():
            if name == self.own:
                continue
            rows = [row for each in one.get_params(ctx) if (row := each.get_help_record(ctx)) is not None]
            with formatter.section(f"{ctx.command_path} {name}"):
                formatter.write_text(short(one, 10**6) + ".")
                formatter.write_dl([row for row in rows if "--help" not in row[0]])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Examples, each a line that can be typed."""
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line}\n" for line in EXAMPLES[path_of(ctx)]))


class ByJob(TyperGroup):
    """The whole command: its help lists the verbs by what they are for."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """One list a job, in the order of the work."""
        for title, names in jobs(self.list_commands(ctx)):
            shown = [(name, self.get_command(ctx, name)) for name in names]
            limit = formatter.width - 6 - max(map(len, names))
            rows = [(name, short(one, limit)) for name, one in shown if one and not one.hidden]
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Where a newcomer begins."""
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line}\n" for line in EXAMPLES[""]))


def short(command: Any, limit: int) -> str:
    """What a verb is for in a line; a stop inside a bracket, as in "(Art. 30)", ends no sentence."""
    whole = " ".join((command.short_help or command.help or "").split())
    first = re.split(r"(?<=[.!?]) (?=[A-Z`])", whole)[0].rstrip(".")
    return textwrap.shorten(first, max(limit, 20), placeholder="...")


def jobs(names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The verbs by what they are for; one that no job names stands last."""
    placed: set[str] = set()
    for title, own in JOBS:
        here = [name for name in own if name in names]
        placed |= {*here}
        if here:
            yield title, here
    if rest := [name for name in names if name not in placed]:
        yield "Other", rest


def path_of(ctx: Any) -> str:
    """A command's words without the first, `hold add`."""
    names: list[str] = []
    while ctx.parent is not None:
        names.insert(0, str(ctx.info_name))
        ctx = ctx.parent
    return " ".join(names)


def _is_file(parameter: Any) -> bool:
    return "GALLRA_SHOP" in (parameter.envvar or ())


def _walk(args: list[str], values: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The place of each argument that is no option and no option's value, up to `--`."""
    skip = False
    for at, arg in enumerate(args):
        if arg == "--":
            return
        if not skip and not (arg.startswith("-") and arg != "-"):
            yield at, arg
        skip = not skip and arg in values


def _to_position(args: list[str], values: frozenset[str]) -> list[str]:
    """`--shop FILE` taken out and put first."""
    skip = False
    for at, arg in enumerate(args):
        if arg == "--":
            break
        if not skip and arg in _SHOP and at + 1 < len(args):
            return [args[at + 1], *args[:at], *args[at + 2 :]]
        if not skip and arg.startswith("--shop="):
            return [arg.partition("=")[2], *args[:at], *args[at + 1 :]]
        skip = not skip and arg in values
    return args


_CODE = re.compile(r"[0-9a-f]{8,64}")


def _code_to_option(args: list[str], values: frozenset[str]) -> list[str]:
    """A plan's code that stands among the others, put behind `--plan`; a file of that name is a file."""
    for at, arg in _walk(args, values):
        if _CODE.fullmatch(arg) and not Path(arg).exists():
            return [*args[:at], *args[at + 1 :], "--plan", arg]
    return args


def _to_option(args: list[str], values: frozenset[str], *, folders: bool) -> list[str]:
    """A shop's file or folder that stands among the others, put behind `--shop`."""
    for at, arg in _walk(args, values):
        if arg.endswith(".toml") or (folders and "/" in arg and Path(arg).is_dir()):
            return [*args[:at], "--shop", arg, *args[at + 1 :]]
    return args
