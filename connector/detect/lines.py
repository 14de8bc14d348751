"""The detector over JSON lines: `{"id", "key", "text"}` in, `{"id", "found"}` out."""

from collections.abc import Iterable, Iterator

import msgspec

from connector.detect import detect
from connector.errors import GallraError
from connector.text.decoding import NOT_JSON

_BOM = b"\xef\xbb\xbf"
_WANTED = 'Each line is {"id": …, "key": "…", "text": "…"} in UTF-8. Correct it and run again.'


class _Asked(msgspec.Struct, frozen=True):
    """One line as it was given: `id` is handed back untouched, a number keeps the digits it has."""

    id: msgspec.Raw
    text: msgspec.Raw
    key: str = ""


_DECODER = msgspec.json.Decoder(_Asked)


def answers(lines: Iterable[bytes]) -> Iterator[bytes]:
    """One line of JSON for each line in, in order; empty lines say nothing and get no answer.

    Raises GallraError at the first faulty line, by its number: its content may be personal data.
    """
    for number, line in enumerate(lines, start=1):
        line = line.removeprefix(_BOM) if number == 1 else line
        if line.strip():
            yield _answer(number, line)


def _answer(number: int, line: bytes) -> bytes:
    asked = _asked(number, line)
    found = detect(_text(number, asked.text), key=asked.key)
    return msgspec.json.encode({"id": asked.id, "found": found}) + b"\n"


def _asked(number: int, line: bytes) -> _Asked:
    try:
        asked = _DECODER.decode(line.decode())
    except UnicodeDecodeError:
        raise _refused(number, "is not UTF-8") from None
    except msgspec.ValidationError:
        raise _refused(number, "is no object with an id, a text and, if any, a key that is text") from None
    except NOT_JSON:
        raise _refused(number, "is no JSON") from None
    if not _is_text_or_number(asked.id):
        raise _refused(number, "has an id that is neither text nor a number")
    return asked


def _text(number: int, value: msgspec.Raw) -> str:
    """The text to search; a number is searched as it is written, since a personal number may be one."""
    if not _is_text_or_number(value):
        raise _refused(number, "has a text that is neither text nor a number")
    written = bytes(value)
    try:
        return msgspec.json.decode(written, type=str) if written.startswith(b'"') else written.decode()
    except NOT_JSON:
        raise _refused(number, "has a text that is no JSON") from None


def _is_text_or_number(value: msgspec.Raw) -> bool:
    return bytes(value)[:1] in b'"-0123456789'


def _refused(number: int, fault: str) -> GallraError:
    return GallraError(f"Line {number} {fault}. {_WANTED}")
