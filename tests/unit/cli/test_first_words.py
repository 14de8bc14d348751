"""What a newcomer types first is met with what helps: a group's own help, a guess, a hint."""

import builtins
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connector import __main__ as door
from connector.about.web import SecureUrl
from connector.cli import _command, main
from connector.cli.verbs import short
from connector.setup.understood import among

SYSTEMS = {"woocommerce": "WooCommerce", "shopify": "Shopify", "unknown": "annat"}
GROUPS = sorted(
    name
    for name, one in _command().commands.items()
    if hasattr(one, "commands") and name not in ("todo", "promises", "web")
)


def _typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["gallra", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_typed_alone_shows_its_own_help(
    group: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _typed(monkeypatch, group) == 0
    assert f"gallra {group} [OPTIONS]" in capsys.readouterr().out


def test_a_guess_ends_with_its_question_mark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _typed(monkeypatch, "chek") == 1
    assert "Did you mean 'check'? See `gallra --help`." in capsys.readouterr().err


def test_no_verb_is_told_of_in_half_a_bracket() -> None:
    for command in _command().commands.values():
        told = short(command, 200)
        assert told
        assert told.count("(") == told.count(")"), told


def test_ctrl_c_while_the_parts_are_loaded_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def stopped(name: str, *more: Any) -> Any:
        if name == "connector.cli":
            raise KeyboardInterrupt
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", stopped)
    with pytest.raises(SystemExit) as ended:
        door.main()
    assert ended.value.code == 3
    assert capsys.readouterr().err == "Stopped. Nothing is lost; run the same command again.\n"


@pytest.mark.parametrize(
    ("typed", "meant"), [("woo", "woocommerce"), ("Shopi", "shopify"), ("wo", "wo"), ("x", "x")]
)
def test_a_shortened_name_is_understood_where_it_is_one_of_them_only(typed: str, meant: str) -> None:
    assert among(typed, SYSTEMS) == meant


@pytest.mark.parametrize("path", ["/wp-admin", "/wp-admin/edit.php", "/sv/wp-login.php"])
def test_an_address_that_was_copied_from_the_shops_own_pages_is_told_of(path: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(SecureUrl).validate_python(f"https://egg.example{path}")
    assert "1 faults" in str(refused.value)
    assert TypeAdapter(SecureUrl).validate_python("https://egg.example/wp-administration")
