"""`gallra detect` over JSON lines: what it answers, and how it refuses a line."""

import json
from collections.abc import Iterable

import pytest

from connector.detect.lines import answers
from connector.errors import GallraError

SECRET = "19670326-9800"


def told(*lines: bytes) -> list[dict[str, object]]:
    return [json.loads(answer) for answer in answers(lines)]


def refusal(lines: Iterable[bytes]) -> str:
    with pytest.raises(GallraError) as raised:
        list(answers(lines))
    return str(raised.value)


def test_an_answer_carries_the_id_and_spans_in_characters() -> None:
    line = '{"id": "å", "key": "note", "text": "Åsa 🌿 070-174 06 23"}'.encode()
    assert told(line) == [{"id": "å", "found": [{"type": "phone", "start": 6, "end": 19}]}]


def test_a_number_is_searched_with_the_digits_it_was_written_with() -> None:
    found = [{"type": "personal_number", "start": 0, "end": 12}]
    assert told(b'{"id": 1, "key": "", "text": 196703269800}') == [{"id": 1, "found": found}]


def test_an_id_longer_than_any_integer_comes_back_unchanged() -> None:
    line = b'{"id": 12345678901234567890123, "key": "", "text": "x"}'
    assert next(answers([line])).startswith(b'{"id":12345678901234567890123,')


def test_a_byte_order_mark_and_carriage_returns_are_no_fault() -> None:
    assert told(b'\xef\xbb\xbf{"id": 1, "key": "", "text": "x"}\r\n') == [{"id": 1, "found": []}]


def test_empty_lines_get_no_answer_and_are_no_fault() -> None:
    line = b'{"id": 1, "key": "", "text": "x"}\n'
    assert told(line, b"\n", line, b" \n", b"") == [{"id": 1, "found": []}] * 2


def test_a_line_without_a_key_is_text_of_no_known_place() -> None:
    assert told(b'{"id": 1, "text": "x"}') == [{"id": 1, "found": []}]


@pytest.mark.parametrize(
    "faulty",
    [
        f'{{"id": 1, "key": "", "text": null, "x": "{SECRET}"}}'.encode(),
        f'{{"key": "", "text": "{SECRET}"}}'.encode(),
        f'{{"id": null, "key": "", "text": "{SECRET}"}}'.encode(),
        f'{{"id": 1, "key": null, "text": "{SECRET}"}}'.encode(),
        f'{{"id": 1, "key": "", "text": ["{SECRET}"]}}'.encode(),
        f'{{"id": 1, "key": "", "text": "{SECRET}"'.encode(),
        f'["{SECRET}"]'.encode(),
        f'"{SECRET}"'.encode(),
        SECRET.encode(),
        f'{{"id": 1, "key": "", "text": "{SECRET} '.encode() + b'\xff"}',
        f'{{"id": 1, "key": "", "text": "{SECRET} \\ud800"}}'.encode(),
        b"\xff\xfe{\x00",
    ],
)
def test_a_faulty_line_is_refused_by_its_number_and_never_quoted(faulty: bytes) -> None:
    message = refusal([b'{"id": 1, "key": "", "text": "x"}', faulty])
    assert message.startswith("Line 2 ")
    assert SECRET not in message


def test_answers_before_a_faulty_line_are_given() -> None:
    given = answers([b'{"id": 1, "key": "", "text": "x"}', b"[]"])
    assert next(given) == b'{"id":1,"found":[]}\n'
