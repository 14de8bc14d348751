"""The text catalogues: complete in both languages, nothing missing, nothing left over."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

from connector.policy.file_format import Clock
from connector.ports import Act, Role
from connector.records import Action, Field, HoldId, Kind, Outcome, Wave
from connector.report.dry_run.consequences import NOTICES, WHOLE, gravest_first
from connector.report.protocol.model import Label
from connector.report.shared import LANGUAGES
from connector.report.words import Words, catalogue
from tests.support import REPOSITORY

PRESETS = REPOSITORY / "config" / "policies"
SOURCE_FOLDER = Path(str(files("connector.report")))
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (SOURCE_FOLDER, *(Path(str(files(f"connector.{one}"))) for one in ("views", "cli")))
    for path in sorted(folder.rglob("*"))
    if path.suffix in {".py", ".j2"}
)


def braces(text: str) -> set[str]:
    """The names of the braces in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert set(catalogue("sv")) == set(catalogue("en"))


@pytest.mark.parametrize("key", sorted(catalogue("sv")))
def test_a_text_has_the_same_braces_in_both_languages(key: str) -> None:
    assert braces(catalogue("sv")[key]) == braces(catalogue("en")[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert all(text.strip() for text in catalogue(language).values())


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("field", Field),
        ("hold", HoldId),
        ("wave", Wave),
        ("outcome", Outcome),
        ("action", Action),
        ("kind", Kind),
        ("role", Role),
        ("label", Label),
    ],
)
def test_every_value_of_an_enum_has_a_word(family: str, codes: type[Field]) -> None:
    missing = [code for code in codes if f"{family}.{code}" not in catalogue("sv")]
    assert missing == []


def test_every_clock_of_the_policy_has_words() -> None:
    assert [clock for clock in Clock if f"clock.{clock}" not in catalogue("sv")] == []


def test_the_clocks_that_only_a_floor_or_a_warning_reads_have_words() -> None:
    folder = Path(str(files("connector.policy")))
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    named = set(re.findall(r'ClockUse\(name="(\w+)"', source))
    assert named >= {"supplied", "warned"}
    assert {f"clock.{name}" for name in named} <= set(catalogue("sv"))


def test_every_rule_and_alert_of_the_preset_has_words() -> None:
    preset = tomllib.loads((PRESETS / "swedish-webshop.toml").read_text(encoding="utf-8"))
    alerts = [alert["code"] for rule in preset["rule"] for alert in rule.get("alert", ())]
    alerts += [rule["warning"]["alert"] for rule in preset["rule"] if "warning" in rule]
    keys = {f"rule.{rule['id']}" for rule in preset["rule"]} | {f"alert.{code}" for code in alerts}
    assert keys - set(catalogue("sv")) == set()


def test_every_kind_has_a_word_for_a_whole_record() -> None:
    assert all(f"field.whole_{kind}" in catalogue("sv") for kind in Kind)


def test_every_role_and_act_has_an_honest_label() -> None:
    assert all(f"told.{role}_{act}" in catalogue("sv") for role in Role for act in Act)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("act", Act)
def test_a_controller_is_notified_and_never_said_to_delete(language: str, act: Act) -> None:
    label = catalogue(language)[f"told.{Role.CONTROLLER}_{act}"]
    assert label.startswith(("underrättas", "notified"))
    assert not re.search(r"rader|eras|delet", label)


def test_every_consequence_has_a_sentence() -> None:
    codes = {code for each in (*NOTICES.values(), *WHOLE.values()) for code in each} | {"nothing"}
    assert {f"notice.{code}" for code in codes} <= set(catalogue("sv"))
    assert {f"irreversible.{code}" for code in gravest_first()} <= set(catalogue("sv"))


def used(key: str) -> bool:
    """A key is used where it is written out, its family is looked up by code, or built in place."""
    family, _, name = key.rpartition(".")
    root = family.removeprefix("count.")
    if re.search(rf'["\']{re.escape(key)}["\']', SOURCE):
        return True
    looked_up = "|".join({family, family.partition(".")[0]})  # a code may have a dot: `order.updated`
    if re.search(rf'(\.(code|detailed)|words_of)\(\s*["\']({looked_up})["\']', SOURCE):
        return True
    if re.search(rf'\.count\(\s*["\']{root}["\']', SOURCE):
        return True
    built = re.search(rf'f"{family}\.\{{', SOURCE)
    return bool(built) and (family == "told" or bool(re.search(rf'"{name}"', SOURCE)))


@pytest.mark.parametrize("key", sorted(catalogue("sv")))
def test_no_text_is_left_over(key: str) -> None:
    assert used(key)


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert Words("sv").code("reason", "carrier_on_strike") == "carrier_on_strike"


def test_an_unknown_language_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="choose one of sv, en"):
        Words("fi")
