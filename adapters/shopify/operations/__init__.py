"""The operations sent to Shopify, each in a file of its own; a test holds them against the schema."""

import json
import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files

_SPREAD = re.compile(r"\.\.\.([A-Z]\w+)")
_CONDITION = re.compile(r"\s*# if (\w+(?: \w+)*)\s*$")
_COMMENT = re.compile(r"\s*#.*$")
_BODY = re.compile(r"fragment \w+ on \w+ \{(.*)\}\s*\Z", re.DOTALL)
_SEARCH = '"SEARCH"'
_PAGED = "paged"  # where connections come in pages; a bulk operation brings them whole
# What an operation may select where it is granted; everything else stands in each.
FEATURES = frozenset(
    {"read_returns", "read_companies", "read_store_credit_accounts", "read_customer_payment_methods"}
)


def names() -> tuple[str, ...]:
    """Every operation that can be sent; fragments stand inside them."""
    return tuple(sorted(name for name in _stored() if not _BODY.search(_source(name))))


def read(name: str, *, features: Collection[str] = FEATURES, search: str = "") -> str:
    """The text of an operation: fragments written out, lines of absent features left out.

    Bulk operations take neither variables nor, by their own rules, anything unneeded: `search` is
    written into the text.
    """
    paged = () if name.startswith("bulk_") else (_PAGED,)
    text = "\n".join(_lines(name, frozenset({*features, *paged})))
    return text.replace(_SEARCH, json.dumps(search))


@cache
def _lines(name: str, features: frozenset[str]) -> tuple[str, ...]:
    return tuple(_written_out(_source(name), features).splitlines())


def _kept(text: str, features: frozenset[str]) -> Iterator[str]:
    for line in text.splitlines():
        condition = _CONDITION.search(line)
        if condition and not features.issuperset(condition[1].split()):
            continue
        bare = _COMMENT.sub("", line)
        if bare.strip():
            yield bare


def _written_out(text: str, features: frozenset[str]) -> str:
    """The text with its fragments in their places; a line that goes takes its fragments with it."""
    text = "\n".join(_kept(text, features))
    while _SPREAD.search(text):
        text = _SPREAD.sub(lambda found: "\n" + "\n".join(_kept(_body(found[1]), features)) + "\n", text)
    return "\n".join(line for line in text.splitlines() if line.strip())


@cache
def _body(fragment: str) -> str:
    """What stands between the braces of a fragment."""
    found = _BODY.search(_source(re.sub(r"(?<!^)(?=[A-Z])", "_", fragment).lower()))
    if found is None:
        raise ValueError(f"no fragment {fragment} stands in the folder of operations; add its file")
    return found[1].strip()


@cache
def _source(name: str) -> str:
    return files(__package__).joinpath(f"{name}.graphql").read_text(encoding="utf-8")


@cache
def _stored() -> tuple[str, ...]:
    return tuple(
        entry.name.removesuffix(".graphql")
        for entry in files(__package__).iterdir()
        if entry.name.endswith(".graphql")
    )
