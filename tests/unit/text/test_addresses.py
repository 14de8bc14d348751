"""One form of an address everywhere, and every form of it where a service is asked."""

import unicodedata
from urllib.parse import quote

import idna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mailchimp.service import Mailchimp
from adapters.mailchimp.service.wire import Wire
from connector.identity import make_keyer, normalise_email
from connector.text.addresses import folded, forms
from tests.unit.adapters.told import no_wait

KEYER = make_keyer(b"k" * 32)
LOCALS = ("anna", "anna.lind", "o'brien", "åsa", "a+b", "ANNA")
DOMAINS = ("kund.example", "räksmörgås.example", "köp.butik.test", "Kund.Example")


def other_domain(address: str) -> str:
    """The address with its domain in the other of its two forms."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


WAYS = {
    "as it is": str,
    "angles": lambda a: f"<{a}>",
    "name": lambda a: f"Anna Lind <{a}>",
    "mailto": lambda a: f"mailto:{a}",
    "mailto, escaped": lambda a: f"mailto:{quote(a)}?subject=Hej",
    "last dot": lambda a: f"{a}.",
    "comma": lambda a: f"{a}, ",
    "blanks": lambda a: f" {a}\t\n",
    "no width": lambda a: f"\ufeff{a[:2]}\u200b{a[2:]}\u200d",
    "decomposed": lambda a: unicodedata.normalize("NFD", a),
    "upper case": lambda a: a.upper(),
    "other domain": other_domain,
    "entity": lambda a: a.replace("'", "&#039;").replace("@", "&#64;"),
    "twice escaped": lambda a: a.replace("'", "&amp;#039;"),
    "curly": lambda a: a.replace("'", "\u2019"),
    "quotes": lambda a: f'"{a}"',
    "angles and dot": lambda a: f"<{a}>.",
    "angles and mailto": lambda a: f"<mailto:{a}>",
}
ADDRESSES = st.builds("{}@{}".format, st.sampled_from(LOCALS), st.sampled_from(DOMAINS))
WRITTEN = st.sampled_from(sorted(WAYS))


@settings(max_examples=150, deadline=None)
@given(ADDRESSES, WRITTEN)
def test_a_hold_a_webhook_a_join_and_a_recipient_know_one_address_however_it_was_written(
    address: str, way: str
) -> None:
    written = WAYS[way](address)
    assert folded(written) == folded(address)
    assert normalise_email(written) == normalise_email(address)
    assert KEYER("email", written) == KEYER("email", address) is not None


@settings(max_examples=150, deadline=None)
@given(ADDRESSES, WRITTEN)
def test_every_form_that_a_service_may_hold_is_asked_for(address: str, way: str) -> None:
    asked = {form.lower() for form in forms(WAYS[way](address))}
    native, ascii_form = address.lower(), other_domain(address.lower())
    assert {native, ascii_form} <= asked
    assert {folded(form) for form in asked} == {folded(address)}


@given(st.text(max_size=40))
def test_the_one_form_of_an_address_is_its_own(text: str) -> None:
    once = folded(text)
    assert once is None or folded(once) == once


@pytest.mark.parametrize("held", ["anna@räksmörgås.example", "anna@xn--rksmrgs-5wao1o.example"])
@pytest.mark.parametrize("asked", ["Anna@Räksmörgås.example", "<anna@xn--rksmrgs-5wao1o.example>"])
def test_a_customer_is_found_by_a_filter_that_compares_texts_whichever_form_the_store_holds(
    held: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(service, path, name, fields, operation, query):
        mine = query["email_address"] == held
        return iter([{"id": "7", "email_address": held}] if mine else [])

    monkeypatch.setattr(Wire, "rows", rows)
    assert Mailchimp({"key": "0-us19"}, sleep=no_wait).customers("shop_1", asked) == ["7"]
