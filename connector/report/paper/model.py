"""A paper to read, fill in and sign: parts of text, facts, tables and lines for a signature."""

from datetime import datetime

from connector.records import Value
from connector.report.shared import Both, PolicyRef, Shop


class Part(Value, frozen=True, kw_only=True):
    """One section; a cell of `rows` may hold a quieter note after a line break."""

    id: str
    title: Both
    text: tuple[Both, ...] = ()
    facts: tuple[tuple[Both, Both], ...] = ()
    items: tuple[Both, ...] = ()
    columns: tuple[Both, ...] = ()
    rows: tuple[tuple[Both, ...], ...] = ()
    signature: tuple[Both, ...] = ()


class Paper(Value, frozen=True, kw_only=True):
    """The whole paper; `open` are what is to be filled in, by key, or finished, by row."""

    kind: Both
    title: Both
    shop: Shop
    policy: PolicyRef
    made_at: datetime
    parts: tuple[Part, ...]
    lead: tuple[Both, ...] = ()
    open: tuple[Both, ...] = ()
    sentence: str = ""
    tool_version: str = ""
