"""JSON inside a text, changed where it stands: spacing, order and every other value stay as written."""

import json
import re
from typing import Any

from connector.text.formats.leaf import Change, Deeper, Leaf, Uncut, renamed, under

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+\-]*|[{}\[\]:,]', re.DOTALL)
_NOTHING = "null"  # a number whose digits are gone


def parsed(text: str) -> Any:
    """The object or list that a text is in JSON, else None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Names:
    """The names that entries of a JSON text have, read once one of them changes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._taken: set[str] = set()

    def renamed(self, name: str, new: str) -> str:
        """The new name of an entry, never that of another."""
        if new == name:
            return name
        if not self._taken:
            self._taken = {json.loads(token) for token in _TOKEN.findall(self._text) if token[0] == '"'}
        free = renamed(name, self._taken, new)
        self._taken.add(free)
        return free


class _Level:
    """An object or a list that is being read: the names around it, and the one that is current."""

    def __init__(self, path: str, key: str, taken: _Names, *, is_object: bool) -> None:
        self.path = path
        self.outer = key
        self.key = key
        self.is_object = is_object
        self.awaits_name = is_object
        self.taken = taken


def rewrite_json(path: str, key: str, text: str, change: Change, deeper: Deeper) -> str:
    """The JSON with every leaf changed, in place. Raises Uncut where the result is no JSON."""
    found: list[str] = []
    levels: list[_Level] = [_Level(path, key, _Names(text), is_object=False)]
    at = 0
    for token in _TOKEN.finditer(text):
        found.append(text[at : token.start()])
        found.append(_token(token[0], levels, change, deeper))
        at = token.end()
    result = "".join((*found, text[at:]))
    if parsed(result) is None:
        raise Uncut
    return result


def _token(lexeme: str, levels: list[_Level], change: Change, deeper: Deeper) -> str:
    level = levels[-1]
    if lexeme in "{[":
        path = under(level.path, level.key) if level.key != level.outer else level.path
        levels.append(_Level(path, level.key, level.taken, is_object=lexeme == "{"))
    elif lexeme in "}]":
        levels.pop()
    elif lexeme == ",":
        level.awaits_name = level.is_object
    elif lexeme == ":":
        level.awaits_name = False
    elif level.awaits_name:
        return _name(lexeme, level, change)
    else:
        return _value(lexeme, level, change, deeper)
    return lexeme


def _name(token: str, level: _Level, change: Change) -> str:
    name = json.loads(token)
    level.key = name
    leaf = Leaf(path=level.path, key=level.outer, text=name, name=True)
    new = level.taken.renamed(name, change(leaf))
    return token if new == name else json.dumps(new)


def _value(token: str, level: _Level, change: Change, deeper: Deeper) -> str:
    path = under(level.path, level.key) if level.is_object else level.path
    if not token.startswith('"'):
        new = change(Leaf(path=path, key=level.key, text=token, number=True))
        return token if new == token else _NOTHING
    text = json.loads(token)
    new = deeper(path, level.key, text, change)
    return token if new == text else json.dumps(new)
