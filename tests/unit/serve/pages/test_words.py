"""What the pages say stands in the catalogue, whole in both languages, and nowhere else."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

from connector.about.both import Both
from connector.ledger.states import LetterState, RequestState
from connector.report.catalogues import read_catalogue
from connector.report.dry_run.model import Stands
from connector.report.request_letters.model import Ground, Why
from connector.report.shared import LANGUAGES
from connector.request import Answer, Channel, IdentifierType, RequestKind
from connector.serve import pages
from connector.serve.pages.people import Role
from connector.serve.pages.request_papers import SCOPES
from connector.stages.flow.revealing import WHOSE
from connector.views.request_letters import letters_for

FOLDER = Path(str(pages.__file__)).parent
TEXTS = read_catalogue("web", dict[str, dict[str, Both]])
SOURCES = {path.name: path.read_text("utf-8") for path in (*FOLDER.glob("templates/*"), *FOLDER.glob("*.py"))}
SAID = re.compile(r"""(?<!words\.)say\(\s*f?["']([a-z_]+\.[a-z_]*)["']""")
TOLD = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")


def keys() -> set[str]:
    return {f"{part}.{name}" for part, some in TEXTS.items() for name in some}


def gaps(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def test_both_languages_fill_the_same_gaps() -> None:
    both = [one for some in TEXTS.values() for one in some.values()]
    assert len(both) > 150
    assert [one for one in both if gaps(one.sv) != gaps(one.en)] == []
    assert [one for one in both if not one.sv.strip() or not one.en.strip()] == []


def test_every_sentence_that_a_page_asks_for_is_there() -> None:
    asked = {key for text in SOURCES.values() for key in SAID.findall(text) if not key.endswith(".")}
    assert len(asked) > 90
    assert asked - keys() == set()


def test_every_code_that_a_page_may_show_has_its_words() -> None:
    families = {
        "stands": Stands, "asked": RequestKind, "request_state": RequestState, "role": Role,
        "whose": WHOSE, "via": Channel, "outcome": Answer, "ground": Ground, "extension": Why,
        "letter_state": LetterState, "named": get_args(IdentifierType), "scope": SCOPES,
        "letter": {letter for kind in RequestKind for letter in letters_for(kind)}, "speech": LANGUAGES,
    }  # fmt: skip
    missing = [(family, str(one)) for family, codes in families.items() for one in codes
               if str(one) not in TEXTS[family]]  # fmt: skip
    assert missing == []


def test_no_sentence_is_left_that_no_page_says() -> None:
    whole = "\n".join(SOURCES.values())
    told = {key for key in keys() if key in TOLD.findall(whole) or f".{key.partition('.')[2]}" in whole}
    families = {
        "stands",
        "asked",
        "request_state",
        "role",
        "whose",
        "menu",
        "fault",
        "step",
        "holds",
        "requests",
        "request_did",
        "named",
        "via",
        "outcome",
        "weighed",
        "scope",
        "speech",
        "extension",
        "ground",
        "letter",
        "letter_state",
        "question",
        "request",
        "mailings",
    }
    families |= {"connect_step", "connect_part", "connect_note", "connect_key", "connect_level", "unanswered"}
    families |= {"todo", "settings"}  # the heads of their tables are asked for by name
    assert {key for key in keys() - told if key.partition(".")[0] not in families} == set()


def test_no_template_says_anything_of_its_own() -> None:
    found = {}
    for name, text in SOURCES.items():
        if not name.endswith(".j2"):
            continue
        bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<code>.*?</code>", "", text, flags=re.DOTALL)
        words = re.findall(r"[A-Za-zåäöÅÄÖ]{2,}", re.sub(r"<[^>]*>", " ", bare))
        if left := [one for one in words if one not in ("Gallra", "doctype", "html")]:
            found[name] = left
    assert found == {}


def test_no_template_writes_style_or_script_inline_or_hands_a_value_on_unescaped() -> None:
    for name, text in SOURCES.items():
        if name.endswith(".j2"):
            assert not re.search(r"<style|style=|\son[a-z]+=|<script(?! src=)|\|\s*safe|javascript:", text), (
                name
            )
