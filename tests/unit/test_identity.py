"""Identifiers: normalised alike where they are the same, never joined where they are not."""

import hashlib

import pytest

from connector.identity import is_placeholder, key_fingerprint, make_keyer, normalise_email, normalise_phone

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("0701-23 45 67", "SE"), ("+46701234567", "SE"), ("0046 70 123 45 67", "SE"), ("46701234567", "SE"),
        ("+46 (0)70 123 45 67", "NO"), ("701234567", "SE"),
    ],
)  # fmt: skip
def test_one_swedish_number_has_one_form(written: str, country: str) -> None:
    assert normalise_phone(written, country) == "+46701234567"


@pytest.mark.parametrize(("written", "country", "form"), [
    ("22 33 44 55", "NO", "+4722334455"), ("12345678", "DK", "+4512345678"),
    ("040 123 4567", "FI", "+358401234567"),
])  # fmt: skip
def test_a_number_is_read_in_the_country_it_was_given_in(written: str, country: str, form: str) -> None:
    assert normalise_phone(written, country) == form


@pytest.mark.parametrize("value", ["", "  ", "deleted@site.invalid", "order-1f@shop.invalid", "[deleted]",
                                   "+00000000000", "a@invalid.example", "000-000 00 00", "[raderad]",
                                   "[Borttaget]", "[removed]", "Anonym", "0.0.0.0", "::",
                                   "NULL"])  # fmt: skip
def test_a_placeholder_is_not_data(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        "anna@kund.example",
        "0701234567",
        "invalid",
        "x@notinvalid.example",
        "192.0.2.0",
        "[Åsa]",
        "Null",
        "Anonymsson",
        "Raderadsson",
    ],
)
def test_data_is_not_a_placeholder(value: str) -> None:
    assert not is_placeholder(value)


def test_an_address_is_compared_without_case_and_blanks() -> None:
    assert normalise_email("  Åsa.Öberg@Kund.Example ") == "åsa.öberg@kund.example"


@pytest.mark.parametrize("written", [
    "<anna.o'hara@räk.example>", "Anna O’Hara <anna.o'hara@räk.example>", "mailto:anna.o'hara@räk.example",
    "MAILTO:anna.o%27hara@r%C3%A4k.example?subject=Hej", "anna.o'hara@räk.example.",
    "anna.o'hara@räk.example;",
    "anna.o\u200b'hara@räk\ufeff.example", "anna.o&#8217;hara@räk.example",
    "anna.o&amp;#039;hara@räk.example",
    "Anna.O’Hara@RÄK.example", "anna.o'hara@xn--rk-via.example", "anna.o'hara@XN--RK-VIA.Example.",
    "anna.o'hara@ra\u0308k.example", "\u00a0anna.o'hara@räk。example\u2060",
])  # fmt: skip
def test_an_address_has_one_form_however_it_is_written(written: str) -> None:
    assert normalise_email(written) == "anna.o'hara@xn--rk-via.example"


@pytest.mark.parametrize("written", ["anna@kund.example.se", "anna@räk.example", "a.nna@rk.example"])
def test_another_address_stays_another(written: str) -> None:
    assert normalise_email(written) not in (None, normalise_email("anna@rk.example"))


@pytest.mark.parametrize("written", ["tel:+46701234567", "０７０１２３４５６７", "070\u200b1234567",
                                     "070&nbsp;123 45 67"])  # fmt: skip
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert normalise_phone(written) == "+46701234567"


def test_a_plus_tag_is_another_address() -> None:
    keyed = make_keyer(KEY)
    assert keyed("email", "anna+a@kund.example") != keyed("email", "anna@kund.example")


@pytest.mark.parametrize("value", ["", "anna", "@kund.example", "anna@", "a b@kund.example", "x@y.invalid"])
def test_what_is_no_address_joins_nobody(value: str) -> None:
    assert make_keyer(KEY)("email", value) is None


@pytest.mark.parametrize("value", ["", "0", "woocommerce:0", "woocommerce:"])
def test_the_guest_account_joins_nobody(value: str) -> None:
    assert make_keyer(KEY)("account", value) is None


@pytest.mark.parametrize("value", ["12", "000000", "0", "ring"])
def test_too_short_a_number_joins_nobody(value: str) -> None:
    assert make_keyer(KEY)("phone", value) is None


def test_the_same_person_has_the_same_digest_under_one_key_only() -> None:
    digest = make_keyer(KEY)("email", "Anna@Kund.example")
    assert digest == make_keyer(KEY)("email", "anna@kund.example")
    assert digest != make_keyer(b"q" * 32)("email", "anna@kund.example")


def test_a_digest_is_no_bare_hash_of_the_address() -> None:
    address = "anna@kund.example"
    digest = make_keyer(KEY)("email", address)
    assert digest not in {hashlib.sha256(address.encode()).digest(), hashlib.md5(address.encode()).digest()}


def test_types_are_kept_apart() -> None:
    keyed = make_keyer(KEY)
    assert keyed("account", "+46701234567") != keyed("phone", "+46701234567")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than 32 bytes"):
        make_keyer(b"short")


def test_keys_are_told_apart_by_a_fingerprint_that_shows_none() -> None:
    assert key_fingerprint(KEY) != key_fingerprint(b"q" * 32)
    assert KEY.hex() not in key_fingerprint(KEY)
