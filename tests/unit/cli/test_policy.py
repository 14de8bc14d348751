"""`policy due` and `policy deadline` as they are typed: stdout, stderr and the exit code."""

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.cli import main
from connector.errors import Exit

FACTS = {"kind": "subscriber", "facts": {"unsubscribed": "2026-10-01"}, "fields": ["email"]}


def said(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
    out, err, code = io.StringIO(), io.StringIO(), 0
    source = io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with (
            mock.patch.object(sys, "argv", ["gallra", *words]),
            mock.patch.object(sys, "stdin", source),
            mock.patch.dict(os.environ),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def due(data: bytes, *more: str) -> tuple[int, str, str]:
    return said("policy", "due", "--facts", "-", "--today", "2026-11-22", *more, stdin=data)


def received(text: str, *more: str) -> tuple[int, str, str]:
    return said("policy", "deadline", "--received", text, *more)


def test_the_answer_stands_alone_on_stdout() -> None:
    code, out, err = due(json.dumps(FACTS).encode())
    assert (code, err) == (Exit.DONE, "")
    assert json.loads(out)["fields"]["email"]["keep_through"] == "2026-10-31"


def test_a_byte_order_mark_before_the_facts_is_let_through(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(FACTS).encode())
    code, out, _ = said("policy", "due", "--facts", str(path), "--today", "2026-11-22")
    assert (code, "email" in json.loads(out)["fields"]) == (Exit.DONE, True)


def test_a_key_given_twice_is_named() -> None:
    code, out, err = due(b'{"kind": "order", "facts": {"paid": "2020-01-01", "paid": "2024-01-01"}}')
    assert (code, out) == (Exit.ERROR, "")
    assert "states the key paid twice" in err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "holds no JSON"),
        (b"{", "holds no JSON"),
        (b'{"kind": "order", "facts": {"paid": 5}}', "facts.paid: is no text"),
        (b'{"kind": "order", "shop": {"oss": true}}', "shop.oss: is no list of periods"),
    ],
)
def test_a_failure_with_json_stands_on_stderr_too(data: bytes, says: str) -> None:
    code, out, err = due(data, "--json")
    assert code == Exit.ERROR
    assert says in json.loads(out)["errors"][0]
    assert err.startswith("Error: ")
    assert says in err
    assert due(data)[1] == ""


def test_a_file_that_is_not_there_is_named() -> None:
    code, _, err = said("policy", "due", "--facts", "none.json")
    assert (code, "none.json cannot be read" in err) == (Exit.ERROR, True)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "9999-12-31", "0001-01-01", "2200-01-01T00:00Z"])
def test_a_day_that_cannot_be_counted_from_is_refused_by_its_option(text: str) -> None:
    code, out, err = received(text)
    assert (code, out) == (Exit.ERROR, "")
    assert err.startswith("Error: --received: ")
    assert "did not foresee" not in err
    assert said("policy", "due", "--facts", "-", "--today", text)[0] == Exit.ERROR


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("2026-01-31", "2026-02-28"),
        ("2026-06-30T22:30:00Z", "2026-08-01"),
        ("2026-06-30T23:30:00+02:00", "2026-07-30"),
        ("2026-06-30T23:30:00", "2026-07-30"),
        ("2025-12-31T23:30Z", "2026-02-01"),
    ],
)
def test_the_deadline_counts_from_stockholms_date(text: str, deadline: str) -> None:
    code, out, err = received(text)
    found: dict[str, Any] = json.loads(out)
    assert (code, err, found["deadline"]) == (Exit.DONE, "", deadline)


def test_the_last_day_that_is_counted_from_has_an_answer() -> None:
    assert json.loads(received("2199-12-31")[1])["extended"] == "2200-03-31"


def test_the_list_shows_the_shorter_time_of_consumables() -> None:
    code, out, _ = said("policy", "list")
    assert code == 0
    assert "12 months of consumables (claims)" in out


@pytest.mark.parametrize(
    ("kind", "fact", "floor"),
    [
        ("order", {"captured": ["2026-02-01"]}, "2033-12-31"),
        ("order", {"refunded": ["2026-02-01"]}, "2033-12-31"),
        ("order", {"credited": ["2026-02-01"]}, "2033-12-31"),
        ("order", {"chargeback": ["2026-02-01"]}, "2033-12-31"),
        ("order", {"written_off": "2026-02-01"}, "2033-12-31"),
        ("order", {"redeemed": ["2026-02-01"]}, "2033-12-31"),
        ("coupon", {"redeemed": ["2026-02-01"]}, "2033-12-31"),
        ("coupon", {"refunded": ["2026-02-01"]}, "2033-12-31"),
        ("coupon", {"chargeback": ["2026-02-01"]}, "2033-12-31"),
        ("coupon", {"written_off": "2026-02-01"}, "2033-12-31"),
    ],
)
def test_every_event_of_the_books_can_be_given_to_the_calculator(
    kind: str, fact: dict[str, Any], floor: str
) -> None:
    facts = {"created": "2024-01-10", "delivered": "2024-01-15", **fact}
    field = "name" if kind == "order" else "email"
    shop = {"financial_years": {"ends": "12-31"}, "oss": []}
    given = {"kind": kind, "shop": shop, "facts": facts, "fields": [field]}
    code, out, _ = due(json.dumps(given).encode())
    assert code == 0
    assert json.loads(out)["fields"][field]["floor_through"] == floor
