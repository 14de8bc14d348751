"""Every error that is raised can be read in Swedish: a new one brings its Swedish sentence with it."""

import ast
from collections.abc import Iterator
from functools import cache

from connector import errors
from connector.report.translated import is_translated
from tests.unit.test_imports import files, named, tree_of

RAISED = {name for name, kind in vars(errors).items()
          if isinstance(kind, type) and issubclass(kind, errors.GallraError)}  # fmt: skip
# Sentences that still have no Swedish. The number only falls.
LEFT = 0
# Errors whose sentence is put together elsewhere; what they are put together from is asked for there.
# Lists of faults (settings, agency.toml, policy, init's list, a description), each placed by its file and
# line; a sentence that another function words (what waits for approval, how the ledger was changed by
# hand); tables of advice.
ELSEWHERE = 34
GAP = "⟨1⟩"


@cache
def messages() -> tuple[tuple[str, str], ...]:
    return tuple(_messages())


def _messages() -> Iterator[tuple[str, str]]:
    """Every message of an error in the code, its gaps filled with a sign, and the file it stands in."""
    for path in files("connector", "adapters"):
        tree = tree_of(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for text in texts_of(node):
                    for message in said(text, tree):
                        yield named(path), message


def texts_of(call: ast.Call) -> Iterator[ast.expr]:
    """What a call says: an error its first argument, or each of a list; a table's row its advice."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in RAISED and call.args:
        first = call.args[0]
        yield from first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
    yield from (word.value for word in call.keywords if word.arg == "advice")


def said(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """The texts that an expression can be; what is known only when it runs is a gap."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(one.value) if isinstance(one, ast.Constant) else filled(one, tree) for one in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from (*said(node.body, tree), *said(node.orelse, tree))
    elif isinstance(node, ast.Name) and (values := constants(tree).get(node.id)):
        yield from (text for value in values for text in said(value, tree))
    else:
        yield GAP


def filled(gap: ast.expr, tree: ast.Module) -> str:
    """What fills a gap: a sentence that the file itself holds, else a sign."""
    inner = gap.value if isinstance(gap, ast.FormattedValue) else gap
    return next(said(inner, tree)) if isinstance(inner, ast.Name) else GAP


@cache
def constants(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Texts that a file gives a name to, in whatever function."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr | ast.IfExp):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


def test_every_error_has_its_sentence_in_swedish() -> None:
    left = {(path, text) for path, text in messages() if not is_translated(text)}
    told = "\n".join(f"{path}: {text}" for path, text in sorted(left))
    assert len(left) == LEFT, f"give each its Swedish sentence in an errors.toml, and lower LEFT:\n{told}"


def test_no_more_errors_are_put_together_elsewhere() -> None:
    assert sum(text.replace(GAP, "").strip(" :.") == "" for _, text in messages()) == ELSEWHERE
