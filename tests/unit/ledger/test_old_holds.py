"""Holds of an older ledger: placed on an address that was compared otherwise then, they reach new orders."""

import hashlib
import hmac
import unicodedata
from datetime import date

import pytest

from connector.identity import make_keyer
from connector.ledger.holds import Holds, HoldTerms, On
from connector.records import Field, HoldId
from tests.engine_support import SUBJECT_KEY, Engine

FORMS = ("anna@bl\u00e5b\u00e4r.example", "anna@bla\u030aba\u0308r.example", "Anna@BL\u00c5B\u00c4R.example",
         "anna@xn--blbr-noae.example", "<anna@bl\u00e5b\u00e4r.example>")  # fmt: skip


def keyed_then(address: str) -> bytes:
    """The digest that an earlier version made of an address."""
    plain = unicodedata.normalize("NFC", address).strip().casefold()
    return hmac.new(SUBJECT_KEY, f"email\0{plain}".encode(), hashlib.sha256).digest()


def placed_then(engine: Engine, address: str) -> None:
    with engine.ledger.begin() as connection:
        Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="a claim", owner="Disa Demo", review=date(2027, 1, 1)),
            On(digest=keyed_then(address), key=engine.key),
        )


def held(engine: Engine, address: str) -> bool:
    """Whether an order with this address is held once it has been pulled."""
    respelled: dict[bytes, bytes] = {}
    engine.shop.keyer = make_keyer(SUBJECT_KEY, respelled=respelled)
    engine.shop.order("1", email=address)
    engine.pull()
    with engine.ledger.begin() as connection:
        Holds(engine.ledger).respell(connection, respelled)
    engine.plan()
    return Field.EMAIL not in engine.planned().get("1", frozenset())


@pytest.mark.parametrize("now", FORMS)
@pytest.mark.parametrize("then", FORMS[:4])
def test_a_hold_reaches_an_order_whatever_form_either_was_written_in(
    engine: Engine, then: str, now: str
) -> None:
    placed_then(engine, then)
    assert held(engine, now)


def test_a_hold_on_another_address_reaches_nobody_else(engine: Engine) -> None:
    placed_then(engine, "bo@bl\u00e5b\u00e4r.example")
    assert not held(engine, FORMS[0])


def test_a_hold_that_was_released_reaches_nothing(engine: Engine) -> None:
    placed_then(engine, FORMS[0])
    with engine.ledger.begin() as connection:
        Holds(engine.ledger).release(connection, 1, by="Disa Demo")
    assert not held(engine, FORMS[0])
