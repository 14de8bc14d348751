"""The search syntax of `query:` arguments, as far as Gallra uses it: terms that must all hold."""

import operator
import re
from collections.abc import Callable

from sandbox.shopify.index import Entry
from sandbox.shopify.values import epoch

Test = Callable[[Entry], bool]

_TERM = re.compile(r"""(\w+):(<=|>=|<|>|)('[^']*'|"[^"]*"|\S+)""")
_COMPARE = {"": operator.eq, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
_COLUMNS = {"id": "number", "created_at": "created", "updated_at": "updated"}
_DAY = 86400


def parse(text: str, *, whole_days: bool) -> tuple[list[Test], list[str]]:
    """The tests of a search, and the terms that are passed over. Raises ValueError for a value that is none.

    `whole_days`: moments are told apart by their day alone, as for customers.
    """
    terms = _TERM.findall(text)
    if len(terms) != len(text.split()):
        raise ValueError(text)
    known = [term for term in terms if term[0] in _COLUMNS]
    return [_test(*term, whole_days=whole_days) for term in known], [
        term[0] for term in terms if term not in known
    ]


def _test(name: str, sign: str, value: str, *, whole_days: bool) -> Test:
    compare, place = _COMPARE[sign], Entry._fields.index(_COLUMNS[name])
    limit = int(value) if name == "id" else epoch(value.strip("'\""))
    size = _DAY if name != "id" and whole_days else 1
    return lambda entry: bool(compare(entry[place] // size, limit // size))
