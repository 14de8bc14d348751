"""JSON that a person wrote."""

import pytest

from connector.text.strict_json import KeyTwice, read_json


def test_a_byte_order_mark_is_let_through() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": "\xc3\xa5"}') == {"a": "å"}


@pytest.mark.parametrize("text", ['{"a": 1, "b": {"c": 1, "c": 1}}', '[{"c": 1, "d": 2, "c": null}]'])
def test_a_key_given_twice_is_named(text: str) -> None:
    with pytest.raises(KeyTwice, match=r"^c$"):
        read_json(text.encode())


def test_the_same_key_in_two_objects_is_not_given_twice() -> None:
    assert read_json(b'{"a": {"b": 1}, "b": {"b": 2}}') == {"a": {"b": 1}, "b": {"b": 2}}


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe{}", b"[" * 200_000, b"{'a': 1}"]
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_json(data)
