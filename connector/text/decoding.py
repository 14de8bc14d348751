"""What comes from outside, decoded or not: no depth, odd letter or endless number is a fault of ours."""

import tomllib
from typing import Any, TypeVar

import msgspec

_Form = TypeVar("_Form")

DEEPEST = 40
"""Tables and lists within each other; a file that a person wrote has four."""
NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What decoding a text that is no JSON raises; one nested without end is none."""


def json_as(data: bytes | str, form: type[_Form]) -> _Form | None:
    """The value of a JSON text; None where it is none, or of another form."""
    try:
        return msgspec.json.decode(data, type=form)
    except NOT_JSON:
        return None


def toml_table(text: str) -> dict[str, Any]:
    """The table of a TOML text. Raises TOMLDecodeError for every text that is none, or nested too deep."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # a number of more than some thousand digits
        raise tomllib.TOMLDecodeError("a value that cannot be read (at line 1, column 1)") from None
    if _is_deeper(table, DEEPEST):
        raise _too_deep()
    return table


def _too_deep() -> tomllib.TOMLDecodeError:
    return tomllib.TOMLDecodeError("nested too deep (at line 1, column 1)")


def _is_deeper(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inner) and (levels == 0 or any(_is_deeper(one, levels - 1) for one in inner))
