"""Hundreds of broken settings, promises, policies, records and cursors, and whatever hypothesis makes.

Each is read, or refused in a sentence, or unread by its id: no traceback, nothing skipped in silence.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.klarna.processor import _asked_on
from adapters.mailchimp import walk
from adapters.shopify.cursor import decode
from adapters.woocommerce.pull.cursor import decoded
from connector.cli.demo.settings import company_text, shop_text
from connector.errors import FaultsError, GallraError, Rejected
from connector.policy import read_policy
from connector.ports import Platform
from connector.settings import load_settings
from connector.settings.promises import load_promises
from connector.settings.source import read_document
from sandbox.box import Sandbox
from tests.conformance.broken import ODD, Broken, broken, broken_at, parts, toml_file
from tests.conformance.test_platforms import KINDS, OfTheSandbox
from tests.support import REPOSITORY

TODAY = date(2026, 11, 22)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def shop_table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The demo's whole settings, company and shop in one."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "company.toml").write_text(company_text(TODAY), encoding="utf-8")
    with Sandbox(customers=1, orders=1) as box:
        (folder / "shop.toml").write_text(shop_text("woocommerce", box.credentials()), encoding="utf-8")
    table = dict(read_document(folder / "shop.toml").table)
    table.pop("extends", None)
    return table


def read_settings(path: Path) -> object:
    return load_settings(path, environ={}, today=TODAY)


def refusals(table: dict[str, Any], read: Callable[[Path], object], folder: Path, *, each: int) -> int:
    """How many broken forms of a file are refused; each in sentences of one printable line."""
    refused = 0
    path = folder / "broken.toml"
    for one in broken(table, each=each):
        path.write_text(toml_file(one.value), encoding="utf-8")
        try:
            read(path)
        except GallraError as error:
            for line in error.faults if isinstance(error, FaultsError) else (str(error),):
                assert line.isprintable(), one
                assert line[-1] in ".?", (one, line)
            refused += 1
    return refused


def test_settings_with_any_part_broken_load_or_are_refused_in_sentences(
    shop_table: dict[str, Any], tmp_path: Path
) -> None:
    read_settings_of(shop_table, tmp_path)
    assert sum(1 for _ in broken(shop_table, each=3)) > 250
    assert refusals(shop_table, read_settings, tmp_path, each=3) > 150


def read_settings_of(table: dict[str, Any], folder: Path) -> None:
    """The unbroken file loads, written as the broken ones are."""
    path = folder / "whole.toml"
    path.write_text(toml_file(table), encoding="utf-8")
    read_settings(path)


def test_promises_with_any_part_broken_load_or_are_refused_in_sentences(tmp_path: Path) -> None:
    table = dict(read_document(REPOSITORY / "config/promises/mommees.toml").table)
    few = {**table, "promise": table["promise"][:8]}
    assert refusals(few, load_promises, tmp_path, each=2) > 20


def test_a_policy_with_any_part_broken_loads_or_is_refused_in_sentences(tmp_path: Path) -> None:
    table = dict(read_document(REPOSITORY / "config/policies/swedish-webshop.toml").table)
    few = {name: part[:3] if isinstance(part, list) else part for name, part in table.items()}
    assert refusals(few, read_policy, tmp_path, each=1) > 20


# Records ------------------------------------------------------------------------------------------


def spoil_rows(service: Any, but: tuple[str, ...]) -> dict[str, Broken]:
    """Lets a service answer each record of a list broken in one way of its own; what was broken, by id."""
    answered, ways = service.answer, dict[str, Broken]()

    def answer(request: Any, fault: Any) -> Any:
        said = answered(request, fault)
        if request.method != "GET" or said.status != 200:
            return said
        body = msgspec.json.decode(said.content())
        if isinstance(body, list):
            said.body = [broken_row(row, ways, but) for row in body]
        for name, least in (("members", 6), ("carts", 4)):
            if isinstance(body, dict) and isinstance(body.get(name), list):
                said.body = body | {name: [broken_row(row, ways, but, least=least) for row in body[name]]}
        return said

    service.answer = answer
    return ways


def broken_row(row: Any, ways: dict[str, Broken], but: tuple[str, ...], *, least: int = 6) -> Any:
    """The row, broken as before, or in the next way."""
    name = str(row.get("contact_id") or row.get("id")) if isinstance(row, dict) else ""
    if not name or len(row) < least:
        return row
    if name not in ways:
        places = [at for at in parts(row) if at[-1] not in but]
        at, odd = places[(len(ways) * 7) % len(places)], ODD[len(ways) % len(ODD)]
        ways[name] = Broken(at, odd, None)
    at, odd, _ = ways[name]
    with suppress(LookupError, TypeError):  # another list of the service shows the record without this part
        return broken_at(row, at, odd)
    return row


# Of Shopify: tests/unit/adapters/shopify/test_malformed.py.
BROKEN_ROWS = [case for case in KINDS if case.named != "shopify"]


@pytest.mark.parametrize("case", BROKEN_ROWS, ids=str)
def test_a_record_with_a_broken_part_is_read_or_unread_by_its_id(case: OfTheSandbox) -> None:
    with Sandbox(customers=60, orders=120) as box:
        pages = list(case.build(box).pull(case.kind, since=None))
        whole = {record.ref for page in pages for record in page.records}
        platform: Platform = case.build(box)
        # What orders the list itself is the service's to keep: without it a walk is refused as a whole.
        but = ("id", "contact_id", "date_modified_gmt", "date_created_gmt", "last_changed", "timestamp_opt")
        ways = spoil_rows(case.running(box).server.service, but)
        met = set()
        for page in platform.pull(case.kind, since=None):
            met |= {record.ref for record in page.records} | {one.ref for one in page.unread}
        assert ways, "nothing was broken"
        assert whole <= met, f"skipped in silence: {sorted(ref.id for ref in whole - met)[:3]}"


# Cursors and tokens -------------------------------------------------------------------------------


@given(st.text(max_size=40) | JSON.map(str) | st.dictionaries(st.text(max_size=8), JSON, max_size=3).map(str))
def test_a_broken_cursor_is_refused_and_no_fault(text: str) -> None:
    readers: tuple[Callable[[str], object], ...] = (
        decoded, lambda some: decode(some, datetime.now(UTC)), walk._decoded,
    )  # fmt: skip
    for read in readers:
        with suppress(Rejected):
            read(text)


@given(st.text(max_size=20).map(lambda text: f"cancel:{text}") | st.text(max_size=20))
def test_a_broken_token_of_a_delivery_is_no_day(token: str) -> None:
    assert _asked_on(token) is None or isinstance(_asked_on(token), date)


@in_one_folder
@given(st.text(max_size=80) | st.dictionaries(st.text(max_size=8), JSON, max_size=4).map(repr))
def test_whatever_a_settings_file_holds_it_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    for read in (read_settings, load_promises, read_policy):
        with pytest.raises(GallraError):
            read(path)

