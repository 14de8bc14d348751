"""No part of the engine changes another behind its back, or asks it for what no protocol names."""

import ast
from collections.abc import Iterator

from tests.unit.test_imports import files, named, tree_of

ROOMS = ("ports", "deciding", "services", "stages", "ledger", "policy", "serve", "views", "shop.py")
# Whose attributes are no protocol of the engine's: a database's fault, a module of an adapter.
ASKED = {"connector/ledger/faults.py", "connector/registry.py"}
# Values that one file builds step by step and hands on whole; the records of a log.
BUILT = {
    "connector/stages/run.py": {"result"},
    "connector/views/promises/reading.py": {"census"},
    "connector/serve/connections.py": {"record"},
    "connector/shop.py": {"other"},
    "connector/ledger/states.py": {"state"},
    "adapters/shopify/bulk.py": {"tally"},
    "adapters/shopify/check.py": {"look"},
    "adapters/shopify/fetch.py": {"other"},
    "adapters/shopify/platform.py": {"other"},
    "adapters/woocommerce/check.py": {"look"},
    "adapters/woocommerce/store.py": {"live"},
    # What `requests` and `urllib3` made, and an error on its way up.
    "adapters/http/answer.py": {"error"},
    "adapters/http/edge.py": {"session"},
    "adapters/http/line.py": {"session", "response"},
    "adapters/watch.py": {"_mine", "manager"},
    "adapters/woocommerce/client.py": {"request"},
}
# What a class of the engine may be: a value, an enumeration, a protocol, a fault, or a table of the answers
# that a key stands for.
VALUES = {
    "Value", "BaseModel", "NamedTuple", "StrEnum", "Enum", "IntEnum", "Stated", "Protocol", "TypedDict",
    "Struct", "Table", "local", "Exception", "Filter", "H11Protocol", "BaseTrigger",
    "Mapping", "dict",
    "NewTask",  # a value; a stored task is one with its number
}  # fmt: skip
# Parts of one class that lie in several files: each stands alone no more than a page of a book does.
PARTS = {"Subjects", "Marks", "Reading"}


def engine() -> Iterator[tuple[str, ast.Module]]:
    for path in files(*(f"connector/{room}" for room in ROOMS)):
        yield named(path), tree_of(path)


def asked_for(tree: ast.Module) -> Iterator[str]:
    """The attributes that a file asks for by a name in quotes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("getattr", "setattr", "hasattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant):
                yield str(name.value)


def test_nothing_is_asked_for_by_a_name_in_quotes() -> None:
    found = {name: list(asked_for(tree)) for name, tree in engine() if name not in ASKED}
    assert {name: asked for name, asked in found.items() if asked} == {}


def written_to(tree: ast.Module) -> Iterator[str]:
    """The names, self apart, whose attributes a file sets."""
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.AugAssign | ast.AnnAssign) else []
        )  # fmt: skip
        for target in targets:
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                yield target.value.id


def test_nobody_sets_an_attribute_of_another() -> None:
    trees = (*engine(), *((named(path), tree_of(path)) for path in files("adapters")))
    found = {name: set(written_to(tree)) - {"self"} - BUILT.get(name, set()) for name, tree in trees}
    assert {name: those for name, those in found.items() if those} == {}


def planting(tree: ast.Module) -> Iterator[str]:
    """The methods of a file's protocols that give nothing back, and so can only leave something behind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and "Protocol" in {getattr(one, "id", "") for one in node.bases}:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and ast.unparse(method.returns or node) == "None":
                    yield f"{node.name}.{method.name}"


def test_no_port_takes_something_and_gives_nothing_back() -> None:
    assert [name for path in files("connector/ports") for name in planting(tree_of(path))] == []


def bases(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                inner = base.value if isinstance(base, ast.Subscript) else base
                yield inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")


def test_no_class_is_made_of_another_that_does_something() -> None:
    found = {name: set(bases(tree)) - VALUES - PARTS for name, tree in engine()}
    assert {name: those for name, those in found.items() if those} == {}


def unfrozen(tree: ast.Module) -> Iterator[str]:
    """The structures that a file lets be changed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and {getattr(base, "attr", "") for base in node.bases} & {"Struct"}:
            told = {word.arg: word.value for word in node.keywords}
            frozen = told.get("frozen")
            if not (isinstance(frozen, ast.Constant) and frozen.value):
                yield node.name


def test_no_cursor_of_an_adapter_can_be_changed() -> None:
    found = {named(path): list(unfrozen(tree_of(path))) for path in files("adapters")}
    assert {name: those for name, those in found.items() if those} == {}
