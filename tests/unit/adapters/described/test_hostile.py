"""A description can be written by anybody: what it may not say is refused, each fault with its place."""

import re
from collections.abc import Mapping

import pytest

from connector.about.described.judging import GAP, MONEY
from connector.errors import SettingsError
from connector.report.translated import is_translated
from tests.unit.adapters.described.told import case, read

ACME = case("acme")

HOSTILE: Mapping[str, tuple[str, str, str]] = {
    "a host outside its list": ("https://api.acme.example/v2", "https://api.other.example/v2", "hosts"),
    "a host that looks alike": (
        "https://api.acme.example/v2",
        "https://api.acme.example.evil.test/v2",
        "base",
    ),
    "a user in the address": ("https://api.acme.example/v2", "https://api.acme.example@evil.test/v2", "base"),
    "an address in clear text": ("https://api.acme.example/v2", "http://api.acme.example/v2", "base"),
    "this machine": ("https://api.acme.example/v2", "http://127.0.0.1/v2", "base"),
    "another port": ("https://api.acme.example/v2", "https://api.acme.example:8443/v2", "base"),
    "the metadata of a cloud": ('hosts = ["api.acme.example"]', 'hosts = ["169.254.169.254"]', "hosts[0]"),
    "a name of the own network": ('hosts = ["api.acme.example"]', 'hosts = ["intranet.local"]', "hosts[0]"),
    "any host": ('hosts = ["api.acme.example"]', 'hosts = ["*.example"]', "hosts[0]"),
    "a path to another host": ('path = "contacts/{found}"', 'path = "//evil.test/{found}"', "call.path"),
    "a whole address as a path": ('path = "contacts/{found}"', 'path = "https://evil.test/x"', "call.path"),
    "a way up": ('path = "contacts/{found}"', 'path = "contacts/../users/{found}"', "call.path"),
    "a query in a path": ('path = "contacts/{found}"', 'path = "contacts/{found}?all=1"', "call.path"),
    "a line break in a path": (
        'path = "contacts/{found}"',
        'path = "contacts/{found}\\r\\nX: y"',
        "call.path",
    ),
    "a secret as a header": (
        '"Accept-Version" = "2026-01"',
        '"Authorization" = "x"',
        "headers.Authorization",
    ),
    "a host as a header": ('"Accept-Version" = "2026-01"', '"Host" = "evil.test"', "headers.Host"),
    "a header in a header": ('"2026-01"', '"1\\r\\nX-Admin: 1"', "headers.Accept-Version"),
    "a secret in a call": ('{key.account}" } }', '{key.key}" } }', "call.body"),
    "a secret in a path": ('path = "accounts/{key.account}"', 'path = "accounts/{key.key}"', "test.path"),
    "a key in the file": ('prefix = "Acme"', 'prefix = "Bearer abcdef0123456789"', "auth.prefix"),
    "a key that is said": ('en = "API key."', 'en = "sk_live_4f9a8b7c6d5e4f3a2b1c0d9e"', "keys.key.en"),
    "an amount in a body": (
        'body = { buyer = "-" }',
        'body = { buyer = "-", amount = "0" }',
        "call.body.amount",
    ),
    "an amount as a number": ('body = { buyer = "-" }', "body = { buyer = 100 }", "call.body.buyer"),
    "a price deep in a body": (
        'body = { buyer = "-" }',
        'body = { a = [{ unit_price = "1" }] }',
        "unit_price",
    ),
    "a capture": ('path = "orders/{found}", body', 'path = "orders/{found}/captures", body', "call.path"),
    "a refund by a word of the body": (
        'body = { buyer = "-" }',
        'body = { action = "refund" }',
        "call.body.action",
    ),
    "a refund by the query": (
        'path = "orders/{found}", body',
        'path = "x", query = { refund = "1" }, body',
        "refund",
    ),
    "an expression": ("contacts/{found}/silence", "contacts/{found.upper}/silence", "call.path"),
    "a gap that nothing fills": (
        'body = { buyer = "-" }',
        'body = { buyer = "{person}" }',
        "call.body.buyer",
    ),
    "a format's own attribute": (
        'body = { buyer = "-" }',
        'body = { buyer = "{0.__class__}" }',
        "call.body.buyer",
    ),
    "a stop with an order": (
        'act = "stop"\nkind = "customer"',
        'act = "stop"\nkind = "order"',
        "does[3].act",
    ),
    "a stop when a field goes": (
        'handle = "customer"\non_delete = true\nlook',
        'handle = "customer"\non_delete = true\nfields = ["name"]\nlook',
        "does[3].act",
    ),
    "what is final, not said": (
        'final = { en = "A mandate ended at Acme cannot be opened again.", '
        'sv = "Ett medgivande som avslutats hos Acme kan inte öppnas igen." }',
        "",
        "does[3].final",
    ),
    "an owner that is made to erase": ('role = "processor"', 'role = "controller"', "does[0].act"),
    "an absence by a list alone": (
        ', control = "contacts" }\ncall = { method',
        " }\ncall = { method",
        "control",
    ),
    "an answer of anybody's": ('same = "id", gone = ["no_order"]', 'gone = ["no_order"]', "look.same"),
    "no word of how it is read back": ('read_back = { by = "look", days = 3 }\n', "", "read_back"),
    "a key of the engine's": ("[keys.gently]", "[keys.description]", "keys.description"),
    "a command": ("format = 1", 'format = 1\ncommand = ["rm"]', "command"),
    "done that nothing reads back": (
        'how = "done"\nsource',
        'how = "asked"\nsource',
        "things[0].how",
    ),
    "another format": ("format = 1", "format = 2", "format"),
    "a kind that nobody knows": ('code = "MC"', 'code = "XX"', "code"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_description_that_says_what_none_may_is_refused_with_its_place(what: str) -> None:
    old, new, place = HOSTILE[what]
    assert old in ACME
    with pytest.raises(SettingsError) as caught:
        read(ACME.replace(old, new, 1))
    assert any(place in fault for fault in caught.value.faults), caught.value.faults
    assert all(fault.startswith("acme.toml: ") and fault.endswith(".") for fault in caught.value.faults)


def test_a_fault_never_says_the_secret_itself() -> None:
    with pytest.raises(SettingsError) as caught:
        read(ACME.replace('en = "API key."', 'en = "sk_live_4f9a8b7c6d5e4f3a2b1c0d9e"'))
    assert "4f9a8b" not in str(caught.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read(ACME.replace('"https://api.acme.example/v2"', '"https://evil.test"').replace('"MC"', '"XX"'))
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("text", ["", "x", "a = 1", "format = 1", "[" * 3000, "x = " + "[" * 300, "does = 5"])
def test_what_is_no_description_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SettingsError):
        read(text)


def test_the_description_itself_is_sound() -> None:
    assert read(ACME).name == "acme"


@pytest.mark.parametrize(
    "word", ["amount", "captures", "refund", "price", "authorizations", "payouts", "void"]
)
def test_every_word_for_money_is_known_however_it_is_written(word: str) -> None:
    assert MONEY.search(word.upper())
    assert not MONEY.search("deletion request of a profile")


def test_a_gap_is_a_name_and_nothing_else() -> None:
    assert GAP.findall("{value} {key.account} {0} {a.b.c} {value!r} {value:x}") == ["value", "key.account"]
    assert re.fullmatch(GAP, "{value}")


@pytest.mark.parametrize("what", HOSTILE)
def test_every_fault_can_be_read_in_swedish(what: str) -> None:
    old, new, _ = HOSTILE[what]
    with pytest.raises(SettingsError) as caught:
        read(ACME.replace(old, new, 1))
    library = [fault for fault in caught.value.faults if "does not fit (" in fault]  # what msgspec says
    assert [one for one in caught.value.faults if one not in library and not is_translated(one)] == []
