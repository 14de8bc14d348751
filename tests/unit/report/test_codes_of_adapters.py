"""What adapters say of a record, in codes: each has words in the reports, none is a sentence."""

import ast
from collections.abc import Iterator

import pytest

from adapters.woocommerce import beyond
from adapters.woocommerce.receipts import REASONS
from connector.ports import Platform
from connector.records import Kind
from connector.report.tables import reason_name
from connector.report.words import Words, catalogue
from tests.support import REPOSITORY
from tests.unit.docs.capability_rows import platforms

# Shopify's adapter still gives sentences, which a report shows as they are.
SPEAKING = ("adapters/woocommerce", "adapters/mailchimp", "connector")
TEXTS = catalogue("sv")
# No call reaches these, and there is no more to say of why.
PLAIN = {
    "logs", "old_storage", "localized_fields", "item_name", "fee_name", "shipping_title", "payment_title",
    "coupon_line_code", "return_note", "timeline", "customer_timeline", "company_location", "payment_methods",
}  # fmt: skip


def receipts() -> Iterator[ast.Call]:
    """Every place in the source where a platform's receipt is made."""
    for folder in SPEAKING:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Receipt":
                    yield node


def texts(node: ast.AST) -> Iterator[str]:
    """The texts written in an expression; of `f"order:{id}"` what stands before the braces."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.strip(":"):
            yield one.value.rstrip(":")


def said(name: str) -> set[str]:
    """All that is written out for one argument of a receipt."""
    given = (word.value for call in receipts() for word in call.keywords if word.arg == name)
    return {text for value in given for text in texts(value)}


def test_every_reason_that_a_receipt_gives_has_words() -> None:
    reasons = said("reason") | said("refused")
    assert {code for code in reasons if f"reason.{code}" not in TEXTS} == set()
    assert {"not_taken", "still_there", "goes_only_whole"} <= reasons


def test_every_refusal_of_woocommerce_that_is_known_has_words() -> None:
    assert [code for code in REASONS.values() if f"reason.{code}" not in TEXTS] == []


def test_every_place_that_a_receipt_names_has_words() -> None:
    assert {code for code in said("places") if f"place.{code}" not in TEXTS} == set()


@pytest.mark.parametrize(("name", "platform"), tuple(platforms()))
def test_every_place_for_a_hand_says_what_to_do_there_and_why_by_hand(name: str, platform: Platform) -> None:
    able = [platform.capabilities(kind) for kind in Kind]
    places = {place for one in able for place in (*one.residue, *one.places.values(), *one.at_once)}
    assert {place for place in places if f"do.{place}" not in TEXTS} == set()
    assert {place for place in places if f"cannot.{place}" not in TEXTS} <= PLAIN
    beyond_it = set(beyond.ALWAYS) | {beyond.LOOKUP, beyond.OLD_STORAGE, beyond.NEW_STORAGE}
    assert name != "woocommerce" or {place for place in beyond_it if f"do.{place}" not in TEXTS} == set()


@pytest.mark.parametrize("name", ["woocommerce", "mailchimp"])
def test_every_place_beyond_the_api_has_words(name: str) -> None:
    platform = dict(platforms())[name]
    tables = [platform.capabilities(kind) for kind in Kind]
    codes = {place for table in tables for place in (*table.places.values(), *table.residue)}
    assert {code for code in codes if f"place.{code}" not in TEXTS} == set()


def test_every_place_of_a_whole_shop_beyond_the_api_has_words() -> None:
    codes = (*beyond.ALWAYS, beyond.LOOKUP, beyond.OLD_STORAGE, beyond.NEW_STORAGE)
    assert [code for code in codes if f"place.{code}" not in TEXTS] == []


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("rejected:status_404", "Tjänsten tog inte emot ändringen: status_404"),
        ("record_gone", "Posten fanns inte längre"),
        ("carrier_on_strike: again", "carrier_on_strike: again"),
    ],
)
def test_a_reason_is_told_in_words_with_the_service_s_own_code(reason: str, shown: str) -> None:
    assert reason_name(reason, Words("sv")) == shown
