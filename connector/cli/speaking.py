"""Which language a command speaks, and what it says in it."""

import os
import re
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path

from connector.machine.files import text_of
from connector.report.shared import LANGUAGES, Language
from connector.text.decoding import toml_table

_OWN = re.compile(r"""^\s*language\s*=\s*["'](sv|en)["']""", re.MULTILINE)
_BASE = re.compile(r"""^\s*extends\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_EXTENDED_MOST = 8
OF_A_SHOP: Language = "sv"
"""The language of a shop whose file names none."""
ALWAYS = "GALLRA_LANGUAGE"
"""The variable of who reads another language than the shop's: `sv` or `en`, whatever a file names."""

OF_EVERY_LINE = "GALLRA_SHOP"
"""The variable that names the shop's file for a line that names none."""

CLOSING = (
    "Plan: ", "Approved: ", "Applied: ", "Pushed: ", "Verified: ", "Abandoned: ", "Lint: ", "Proposed: ",
    "Warned: ",
)  # fmt: skip
"""How a sentence begins that closes a command, and that scripts look for: it stands last, in English."""

_here: ContextVar[Language] = ContextVar("language")
# A thread in which no shop was opened, such as an adapter's, speaks as the shop that was opened last.
_latest: list[Language] = ["en"]


def speak(language: Language) -> None:
    """From here on what this command says is in this language, or in the one that GALLRA_LANGUAGE names."""
    always = os.environ.get(ALWAYS, "")
    chosen = always if always in LANGUAGES else language
    _here.set(chosen)
    _latest[:] = [chosen]


def spoken() -> Language:
    """The language that is spoken here; English until a shop's file is opened."""
    return _here.get(_latest[0])


def said(text: str) -> str:
    """A text of English sentences in the language that is spoken here."""
    if spoken() == "en":
        return text
    from connector.report.translated import translated

    return translated(text, spoken())


def word(family: str, code: str) -> str:
    """A code as the reports word it, in the language spoken here; in English, as scripts know it."""
    if spoken() == "en":
        return code
    from connector.report.words import Words

    bare, bracket, why = code.partition(" (")
    return Words(spoken()).code(family, bare) + bracket + why


def closed(text: str) -> str:
    """What a command ends with: in the language spoken here, then the English sentence that scripts find."""
    told = said(text)
    return told if told == text or not text.startswith(CLOSING) else f"{told}\n{text}"


def language_of(path: Path) -> Language:
    """The language that a shop's file names, or one that it extends; read also from a file with faults."""
    for _ in range(_EXTENDED_MOST):
        try:
            text = text_of(path)
        except (OSError, ValueError):
            return OF_A_SHOP
        named = _named(text)
        base = _BASE.search(text)
        if named or base is None:
            return named or OF_A_SHOP
        path = path.parent / base[1]
    return OF_A_SHOP


def language_typed(words: Sequence[str]) -> Language:
    """The language of the shop's file that a line names, or of the one here; English where there is none."""
    always = os.environ.get(OF_EVERY_LINE, "")
    files = [Path(word) for word in (*words, always) if word.endswith(".toml")]
    known = [file for file in (*files, Path("shop.toml")) if file.is_file()]
    return language_of(known[0]) if known else "en"


def _named(text: str) -> Language:
    """The language of one file; empty where it names none."""
    try:
        shop = toml_table(text).get("shop")
    except ValueError:
        found = _OWN.search(text)
        return found[1] if found else ""
    name = shop.get("language") if isinstance(shop, dict) else None
    return name if isinstance(name, str) and name in LANGUAGES else ""
