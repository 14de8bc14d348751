"""Every sentence that a command says can be read in Swedish, not errors alone: a new one brings its own."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from connector.report.translated import NUMBERS, is_translated, translated
from tests.unit.report.test_errors_in_swedish import messages
from tests.unit.report.test_translated import CATALOGUES
from tests.unit.report.test_translated import GAP as GAPS
from tests.unit.test_imports import files, named, tree_of

ROOMS = ("cli", "serve", "fleet", "views", "stages", "services", "deciding", "ledger")
"""Where what a command says is put together; what `report` says stands in its catalogues."""

# Files whose texts stand in both languages side by side, and are chosen by the reader's.
IN_BOTH = (
    "connector/cli/init/", "connector/setup/", "connector/cli/demo/", "connector/views/papers/",
    "connector/views/lint/",
    "connector/views/promises/", "connector/views/dry_run/build.py",
    "connector/views/dry_run/unanswered.py",
)  # fmt: skip
# Files whose texts no reader of reports meets, and why.
ENGLISH = {
    "connector/cli/examples.py": "help is English",
    "connector/cli/verbs.py": "help is English",
    "connector/serve/metrics.py": "read by a monitor",
    "connector/ledger/states.py": "meanings for the reference",
    "connector/ledger/schema.py": "names of the ledger",
    "connector/cli/policy.py": "`policy list` and `due` name no shop, and are told in codes",
    "connector/ledger/migrations": "SQL",
    "connector/ledger/proof/left_out.py": "reasons for programmers",
    "connector/views/processing.py": "a rule of the schedule by its own text",
}
# Texts that are no sentence of ours, or of the log.
NOT_SAID = {
    "gallra ⟨1⟩": "the program's name and version",
    "<Draft ⟨1⟩ ⟨1⟩ ⟨1⟩>": "for programmers",
    "<Objector ⟨1⟩>": "for programmers",
    "draft ⟨1⟩": "a plan's code before it has one",
    "replaced ⟨1⟩ ⟨1⟩": "a plan's code after it was replaced",
    '⟨1⟩ namespaces="⟨1⟩" ⟨1⟩ ⟨1⟩\n': "a line of ssh-keygen's file",
    "webhooks ⟨1⟩": "a thread's name",
    "a webhook could not be taken in (%s)": "the log",
    "the metrics could not be read (%s)": "the log",
    "the server of webhooks has ended (%s)": "the log",
    "a page could not be shown (%s)": "the log",
    "work of a page could not be done (%s)": "the log",
    "the form could not be shown (%s)": "the log",
    "the form could not be followed up (%s)": "the log",
    "what was asked by the form could not be followed up (%s)": "the log",
    "<Confirmed ⟨1⟩ ⟨1⟩>": "for programmers",
    "mail ⟨1⟩": "by what a mail server's log knows a letter",
    "mailings ⟨1⟩": "by what a page finds its work again",
    "<Wanted ⟨1⟩>": "for programmers",
    "sign in": "what a passkey's question is for",
    "approve ⟨1⟩": "what a passkey's question is for",
    "first run": "what a passkey's question is about",
    "passkey ⟨1⟩": "an approval's evidence, as the ledger has it",
    "approver, by passkey": "an approval's role, as the ledger has it",
    "free pages": "a name of SQLite",
    "from pathlib import Path\nfrom connector.testing.of_file import suite_of\n"
    "TestRecipient = suite_of(PATHS)\n": "the lines of a test",
    "erasures ⟨1⟩": "what a message to a monitor is known by",
    "request ⟨1⟩": "what a hold, and a plan, of a request is known by",
    "request ⟨1⟩:⟨1⟩": "what a record's number is keyed with",
    "event ⟨1⟩": "what a message to a monitor is known by",
    "audit ⟨1⟩": "what a message to a monitor is known by",
}
# Pieces that stand only inside a sentence, which is known with them.
PIECES = {
    " of ⟨1⟩", "review ⟨1⟩", "⟨1⟩: ⟨1⟩ records", "message ⟨1⟩", "⟨1⟩ comes", "id ⟨1⟩",
    "⟨1⟩⟨1⟩ (id ⟨1⟩)", " by ⟨1⟩", "letter ⟨1⟩", "see `ack`", "to ⟨1⟩ (⟨1⟩⟨1⟩)", " (and ⟨1⟩ more)",
    "protocol ⟨1⟩: ⟨1⟩", "account ⟨1⟩",
}  # fmt: skip
GAP = "⟨1⟩"
_PROSE = re.compile(rf"[a-z]{{2,}} [a-z{GAP[0]}(`]|{GAP} [a-z]{{2,}}")
# What is typed, or sent to the database, is the same in every language.
_NO_WORDS = re.compile(r"^(gallra [a-z]|\s*--|PRAGMA|SELECT|CREATE|DELETE|UPDATE|INSERT|DROP|ALTER|VACUUM\b)")
ENGLISH_BY_DESIGN = {"help", "epilog", "short_help", "metavar", "docs"}


@cache
def sentences() -> tuple[tuple[str, str], ...]:
    """Every text of these rooms that reads like a sentence, its gaps filled with a sign, and its file."""
    return tuple(
        (named(path), text)
        for path in files("connector")
        if (name := named(path)).split("/")[1].removesuffix(".py") in ROOMS
        and not name.startswith(IN_BOTH)
        and not name.startswith(tuple(ENGLISH))
        for text in _of(tree_of(path))
        if _PROSE.search(text) and not _NO_WORDS.match(text)
    )


def _of(tree: ast.Module) -> Iterator[str]:
    skipped = {id(inner) for node in ast.walk(tree) for part in _not_said(node) for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else GAP for one in node.values)


def _not_said(node: ast.AST) -> Iterator[ast.AST]:
    """What is no text of its own: docstrings, errors (asked for elsewhere), help, types, pieces of a text."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if docstring or isinstance(node, ast.Raise):
        yield node
    elif isinstance(node, ast.keyword) and node.arg in ENGLISH_BY_DESIGN:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (one for one in node.values if isinstance(one, ast.Constant))
    elif isinstance(node, ast.FunctionDef) and node.returns:
        yield node.returns
    elif isinstance(node, ast.arg) and isinstance(node.annotation, ast.Constant):
        yield node.annotation


def whole(text: str) -> str:
    """A text as it is said: what fills a gap before or after a sentence is a sentence of its own."""
    text = re.sub(rf"(?:{GAP}){{2,}}", GAP, text)
    text = re.sub(rf"{GAP} (?=[A-Z])", f"{GAP}. ", text)
    return re.sub(rf"(?<=[.!?]){GAP}", f" {GAP}.", text)


def test_every_sentence_that_a_command_says_is_known_in_swedish() -> None:
    known = PIECES | NOT_SAID.keys()
    asked = {(path, whole(text)) for path, text in sentences() if text not in known}
    left = {(path, text) for path, text in asked if not is_translated(text)}
    told = "\n".join(f"{path}: {text!r}" for path, text in sorted(left))
    assert not left, f"give each its Swedish sentence in connector/report/texts/says.toml:\n{told}"


def test_every_exception_is_still_there() -> None:
    texts = {text for _, text in sentences()}
    assert [text for text in (*NOT_SAID, *PIECES) if text not in texts] == []
    assert all(any(named(path).startswith(name) for path in files("connector")) for name in ENGLISH)


# Words that no Swedish sentence has; what is typed stands between backticks, gaps in brackets.
STOP_WORDS = re.compile(r"(?<![\w/.-])(the|are|was|were|and|with|has|have|which|that|this|not|of)(?![\w/.-])")


@cache
def _swedish(text: str) -> str:
    return re.sub(r"`[^`]*`", "", translated(text, "sv"))


def test_no_sentence_is_half_in_english() -> None:
    """A gap at a sentence's end may take in the sentence after it; what it took must be known too."""
    known = PIECES | NOT_SAID.keys()
    asked = {(path, whole(text)) for path, text in sentences() if text not in known} | set(messages())
    left = {(path, found) for path, text in asked if STOP_WORDS.search(found := _swedish(text))}
    told = "\n".join(f"{path}: {text!r}" for path, text in sorted(left))
    assert not left, f"give the whole of each, or what is left, in connector/report/texts/says.toml:\n{told}"


# What fills a gap in a shop: words that are known phrases too, of which a name or a code is made.
NAMED = {
    "by": "Whole Done", "person": "Open Read", "path": "/srv/order/done.toml", "folder": "/srv/customers",
    "file": "orders.csv", "address": "https://closed.example/order", "host": "order.example", "role": "owner",
    "name": "orders", "key": "action", "known": "kind, field, action", "code": "done", "wave": "accounts",
    "operation": "open", "command": "gallra hold list", "owner": "agency",
}  # fmt: skip
NUMBER = "1 234"
OTHER = "Åsö"


def _filled(english: str) -> tuple[str, list[str]]:
    """A template with realistic values in its gaps, and the values that must stand in what is said of it."""
    gaps = re.findall(r"\{([a-z_]+)\}", english)
    values = {gap: NAMED.get(gap, NUMBER if gap in NUMBERS else OTHER) for gap in gaps}
    return re.sub(r"\{([a-z_]+)\}", lambda gap: values[gap[1]], english), [values[gap] for gap in gaps]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_template_with_names_and_codes_in_it_is_wholly_swedish_and_keeps_them(path: Path) -> None:
    wrong = []
    for english, swedish in tomllib.loads(path.read_text(encoding="utf-8")).items():
        text, values = _filled(english)
        told = translated(text, "sv")
        kept = [value for gap, value in zip(GAPS.findall(english), values, strict=True) if gap in swedish]
        bare = re.sub(r"`[^`]*`", "", told)
        if STOP_WORDS.search(bare) or any(value not in told for value in kept):
            wrong.append(f"{text!r} -> {told!r}")
    assert not wrong, "\n".join(wrong)
