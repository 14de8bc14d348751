"""The search syntax of `query:` arguments: terms, comparisons, AND, OR, NOT, brackets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.shopify.index import Entry
from sandbox.shopify.values import epoch
from sandbox.wire import Json

Test = Callable[[Entry], bool]
EntryOf = Callable[[int], Entry]
Reader = Callable[[int], Json]

_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<word>(?:AND|OR|NOT)\b(?!:))
    |(?P<minus>-)?(?P<name>\w+):(?P<sign><=|>=|<|>)?(?P<value>'[^']*'|"[^"]*"|[^\s()]*)
    |(?P<text>'[^']*'|"[^"]*"|[^\s()]+))""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "": lambda one, other: one == other, "<": lambda one, other: one < other,
    ">": lambda one, other: one > other, "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}  # fmt: skip
_DAY = 86400


@dataclass(slots=True)
class Filters:
    """What one kind of record can be searched by."""

    read: Reader
    moments: dict[str, str]
    texts: dict[str, Callable[[Json], list[str]]]
    numbers: dict[str, Callable[[Json], int]] = field(default_factory=dict)
    whole_days: frozenset[str] = frozenset()


@dataclass(slots=True)
class Search:
    """A parsed query; `unknown` are the terms that Shopify passes over, with a warning and no error."""

    test: Test | None
    unknown: list[str]


class _Parser:
    def __init__(self, text: str, filters: Filters) -> None:
        self.filters = filters
        self.tokens = list(_TOKEN.finditer(text.strip()))
        self.place = 0
        self.unknown: list[str] = []

    def peek(self) -> "re.Match[str] | None":
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def either(self) -> Test | None:
        tests = [self.all_of()]
        while (token := self.peek()) and token["word"] == "OR":
            self.place += 1
            tests.append(self.all_of())
        known = [test for test in tests if test]
        if len(known) < len(tests):
            return None
        return known[0] if len(known) == 1 else lambda entry: any(test(entry) for test in known)

    def all_of(self) -> Test | None:
        tests: list[Test] = []
        while (token := self.peek()) and not token["close"] and token["word"] != "OR":
            if token["word"] == "AND":
                self.place += 1
                continue
            if test := self.one():
                tests.append(test)
        if len(tests) <= 1:
            return tests[0] if tests else None
        return lambda entry: all(test(entry) for test in tests)

    def one(self) -> Test | None:
        token = self.tokens[self.place]
        self.place += 1
        if token["word"] == "NOT":
            return _negated(self.one())
        if token["open"]:
            inner = self.either()
            self.place += 1
            return inner
        if token["name"] is None:
            return self.free_text((token["text"] or "").strip("'\""))
        test = self.term(token["name"], token["sign"] or "", token["value"].strip("'\""))
        return _negated(test) if token["minus"] else test

    def term(self, name: str, sign: str, value: str) -> Test | None:
        filters, compare = self.filters, _COMPARE[sign]
        if name in ("id", "customer_id"):
            wanted = int(value.rsplit("/", 1)[-1] or 0)
            if name == "id":
                return lambda entry: compare(entry.number, wanted)
            return lambda entry: compare(entry.customer, wanted)
        if name == "email":
            return lambda entry: entry.email == value.lower()
        if name in filters.moments:
            return self.moment(name, sign, value)
        if name in filters.texts:
            reader, read, wish = filters.texts[name], filters.read, value.lower()
            return lambda entry: wish in reader(read(entry.number))
        if name in filters.numbers:
            number, read, limit = filters.numbers[name], filters.read, int(value or 0)
            return lambda entry: compare(number(read(entry.number)), limit)
        self.unknown.append(name)
        return None

    def moment(self, name: str, sign: str, value: str) -> Test:
        compare, column = _COMPARE[sign], Entry._fields.index(self.filters.moments[name])
        limit = epoch(value)
        if name in self.filters.whole_days or (len(value) == 10 and not sign):
            day = limit // _DAY
            return lambda entry: compare(entry[column] // _DAY, day)  # type: ignore[operator]
        return lambda entry: compare(entry[column], limit)  # type: ignore[arg-type]

    def free_text(self, text: str) -> Test | None:
        if text in ("", "*"):
            return None
        wish = text.lower()
        return lambda entry: wish in entry.email


def _negated(test: Test | None) -> Test | None:
    return (lambda entry: not test(entry)) if test else None


def parse(text: str, filters: Filters) -> Search:
    """The query as a test of entries. Raises ValueError where a moment or number cannot be read."""
    parser = _Parser(text, filters)
    test = parser.either()
    return Search(test, parser.unknown)


def matching(keys: list[tuple[int, int]], entry_of: EntryOf, test: Test | None) -> list[tuple[int, int]]:
    """The places of a sorted list whose records pass."""
    return keys if test is None else [key for key in keys if test(entry_of(key[1]))]
