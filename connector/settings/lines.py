"""Where each key of a TOML text stands: tomllib parses the values but gives no lines."""

import re
import tomllib

import msgspec

from connector.about.refusing import Where

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_MULTILINE = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}', re.DOTALL)
_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'')
_SCALAR = re.compile(r"[^,\]}\n#]+")


class Place(msgspec.Struct, frozen=True):
    """A line of a file, as faults and `check --resolved` show it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def find_lines(text: str) -> dict[Where, int]:
    """The 1-based line of every table, key and list item of a text that tomllib accepts."""
    scan = _Scan(text)
    scan.document()
    return scan.lines


def dotted(where: Where) -> str:
    """A path as a reader writes it: `listener[0].mark`, `policy.rules.T-03.period`."""
    text = ""
    for part in where:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        text += ("." if text else "") + (part if _BARE_KEY.fullmatch(part) else f'"{part}"')
    return text


class _Scan:
    """One walk over the text; `at` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Where, int] = {}
        self.last_item: dict[Where, int] = {}

    def document(self) -> None:
        table: Where = ()
        while self.blank():
            if self.text.startswith("[[", self.at):
                table = self.array_header()
            elif self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)

    def blank(self) -> bool:
        """Skips space, line ends and comments; False at the end of the text."""
        found = _BLANK.match(self.text, self.at)
        if found:
            self.at = found.end()
        return self.at < len(self.text)

    def note(self, where: Where, line: int) -> None:
        for depth in range(1, len(where) + 1):
            self.lines.setdefault(where[:depth], line)

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def header(self) -> Where:
        line = self.line()
        self.at += 1
        where = self.into_items(self.key())
        self.skip("]")
        self.note(where, line)
        return where

    def array_header(self) -> Where:
        line = self.line()
        self.at += 2
        *outer, name = self.key()
        array = (*self.into_items(tuple(outer)), name)
        self.skip("]]")
        self.last_item[array] = self.last_item.get(array, -1) + 1
        where = (*array, self.last_item[array])
        self.note(where, line)
        return where

    def into_items(self, key: Where) -> Where:
        """The path of a header: a name that stands for a list of tables means its last item."""
        where: Where = ()
        for name in key:
            where = (*where, name)
            if where in self.last_item:
                where = (*where, self.last_item[where])
        return where

    def key(self) -> Where:
        parts: list[str | int] = [self.key_part()]
        while self.blank() and self.text[self.at] == ".":
            self.at += 1
            parts.append(self.key_part())
        return tuple(parts)

    def key_part(self) -> str:
        self.blank()
        bare = _BARE_KEY.match(self.text, self.at)
        if bare:
            self.at = bare.end()
            return bare.group()
        start = self.at
        self.match(_STRING)
        return str(tomllib.loads(f"key = {self.text[start : self.at]}")["key"])

    def pair(self, table: Where) -> None:
        self.blank()
        line = self.line()
        where = (*table, *self.key())
        self.note(where, line)
        self.skip("=")
        self.value(where)

    def value(self, where: Where) -> None:
        self.blank()
        if self.text[self.at] == "[":
            self.array(where)
        elif self.text[self.at] == "{":
            self.inline_table(where)
        elif not self.match(_MULTILINE) and not self.match(_STRING):
            self.match(_SCALAR)

    def array(self, where: Where) -> None:
        self.skip("[")
        position = 0
        while self.blank() and self.text[self.at] != "]":
            self.note((*where, position), self.line())
            self.value((*where, position))
            position += 1
            self.skip(",")
        self.skip("]")

    def inline_table(self, where: Where) -> None:
        self.skip("{")
        while self.blank() and self.text[self.at] != "}":
            self.pair(where)
            self.skip(",")
        self.skip("}")

    def match(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found is not None

    def skip(self, mark: str) -> None:
        """Steps over a mark where it stands next, after blanks."""
        if self.blank() and self.text.startswith(mark, self.at):
            self.at += len(mark)
