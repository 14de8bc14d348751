"""What every verb of the command line has in common, whichever module brings it."""

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.cli import _command, main
from connector.cli.examples import EXAMPLES
from connector.cli.verbs import HELP, Verb, WithOwn, jobs
from tests.unit.stages.opened import ENVIRON, Opened

SHOWS = frozenset({"demo", "sandbox", "request schema"})
"""They show what others do, and have nothing of their own to say as JSON; the schema is JSON itself."""


def _leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from _leaves(one, (*path, name))
        else:
            yield " ".join((*path, name)), one


VERBS = dict(_leaves(_command()))


def _groups(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from _groups(one, (*path, name))


def _of_shop(verb: Any) -> bool:
    return any(one.name == "shop" and "GALLRA_SHOP" in (one.envvar or ()) for one in verb.params)


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_is_one_that_takes_its_shop_alike(name: str) -> None:
    assert isinstance(VERBS[name], Verb)


@pytest.mark.parametrize("name", [name for name in VERBS if name not in SHOWS])
def test_every_verb_can_say_what_it_has_to_say_as_json(name: str) -> None:
    assert any("--json" in one.opts for one in VERBS[name].params)


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_an_example(name: str) -> None:
    assert EXAMPLES.get(name)


@pytest.mark.parametrize("path", [*_groups(_command())], ids=" ".join)
def test_the_help_of_every_group_can_be_read(path: tuple[str, ...], tmp_path: Path) -> None:
    said = Opened(tmp_path).gallra(*path, "--help")
    assert said.code == 0, said.err


def test_every_verb_has_its_place_among_the_jobs() -> None:
    assert "Other" not in dict(jobs([name.partition(" ")[0] for name in VERBS]))


def _parsed(line: str) -> None:
    """Reads a line as the command would, and runs nothing. Raises where it could not be typed."""
    _, *words = shlex.split(line.partition(" < ")[0])
    group: Any = _command()
    context = group.make_context("gallra", ["--help"], resilient_parsing=True)
    while hasattr(group, "commands"):
        default = group.own if isinstance(group, WithOwn) else "list"
        own = default if words[0] not in group.commands else words.pop(0)
        group = group.commands[own]
    group.make_context(group.name, list(words), parent=context)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_typed(name: str) -> None:
    for line in EXAMPLES[name]:
        if all(word not in line for word in ("keys ask", "settings schema")) or name in VERBS:
            _parsed(line)


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if _of_shop(verb)])
@pytest.mark.parametrize("how", ["--shop", "-s", "--shop=", ""])
def test_every_verb_of_a_shop_takes_it_by_position_and_by_name(name: str, how: str) -> None:
    verb = VERBS[name]
    example = EXAMPLES[name][0]
    words = [word for word in shlex.split(example.partition(" < ")[0])[1:] if word not in name.split()]
    words = [word for word in words if word not in {"--shop", "egg.toml", "shops", "promises"}]
    given = (
        ["--shop=nest/hen.toml"]
        if how == "--shop="
        else [how, "nest/hen.toml"]
        if how
        else ["nest/hen.toml"]
    )
    context = verb.make_context(name, [*words, *given])
    assert context.params["shop"] == Path("nest/hen.toml")


def test_a_value_that_ends_as_a_file_does_is_left_to_its_option() -> None:
    verb = VERBS["approve"]
    words = ["1f0c9a2b", "--by", "D", "--role", "owner", "--evidence", "minutes.toml", "hen.toml"]
    context = verb.make_context("approve", words)
    assert (context.params["evidence"], context.params["shop"]) == ("minutes.toml", Path("hen.toml"))


def test_h_is_help_everywhere() -> None:
    assert _command().context_settings["help_option_names"] == HELP


def test_completion_can_be_shown() -> None:
    assert "--show-completion" in {name for one in _command().params for name in one.opts}


def test_the_help_of_a_verb_ends_with_lines_to_type(tmp_path: Path) -> None:
    said = Opened(tmp_path).gallra("approve", "-h")
    assert "Examples:" in said.out
    assert "gallra approve 1f0c9a2b" in said.out


READING = (
    ("show",),
    ("status",),
    ("explain", "1"),
    ("hold", "list"),
    ("hold", "count", "kind=order status=refunded"),
    ("letters", "list"),
    ("unread", "list"),
    ("warn", "list"),
    ("report",),
    ("record",),
    ("policy", "text"),
    ("policy", "document"),
    ("policy", "lint"),
    ("check", "--resolved"),
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A shop that has run."""
    opened = Opened(tmp_path_factory.mktemp("ran"))
    opened.ran("1")
    return opened


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_verb_that_only_reads_needs_no_key_of_the_shop(
    ran: Opened, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """The ledger's own two keys open it; those of the services are not at hand."""
    whole = ran.open

    def keyless(path: Path, **_: object) -> Any:
        shop = whole(path, environ={k: v for k, v in ENVIRON.items() if k not in ("EGG_KEY", "EGG_SECRET")})
        del shop.__dict__["platforms"]
        return shop

    monkeypatch.setattr(ran, "open", keyless)
    said = ran.gallra(*words)
    assert said.code == 0, said.err


@pytest.mark.parametrize("group", ["todo", "promises"])
def test_the_help_of_a_group_with_a_verb_of_its_own_has_every_flag(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        mock.patch.object(sys, "argv", ["gallra", group, "--help"]),
        mock.patch.dict(os.environ, {"COLUMNS": "80"}),
        pytest.raises(SystemExit),
    ):
        main()
    said = capsys.readouterr().out
    of_group = {name: one for name, one in VERBS.items() if name.split()[0] == group}
    assert len(of_group) > 1
    for verb in of_group.values():
        assert all(name in said for one in verb.params for name in one.opts if name.startswith("--"))
    assert max(map(len, said.partition("Examples:")[0].splitlines())) <= 80


@pytest.mark.parametrize("verb", ["show", "apply"])
def test_a_plans_code_may_stand_by_position(verb: str) -> None:
    command = VERBS[verb]
    for words in (["1f0c9a2b"], ["egg.toml", "1f0c9a2b"], ["1f0c9a2b", "--shop", "egg.toml"]):
        given = command.make_context(verb, list(words)).params
        assert given["plan"] == "1f0c9a2b"
        assert given["shop"].name == ("shop.toml" if len(words) == 1 else "egg.toml")
