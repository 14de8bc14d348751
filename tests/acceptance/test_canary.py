"""One known person is put everywhere in a shop and goes through everything: no trace outside the shop."""

import hashlib
import logging
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Exit
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop

EMAIL = "kanariefagel.gulsparv@canary.example"
FIRST, LAST = "Kanariefagel", "Gulsparvsson"
PHONE, PHONE_BARE = "+46701740699", "701740699"
STREET = "Burvägen 4711"
PERSONAL_NUMBER = "890103-9806"
DOOR = "portkod 8642"
IP = "203.0.113.251"
CANARY = {
    "name": FIRST, "surname": LAST, "e-mail": EMAIL, "phone": PHONE, "bare phone": PHONE_BARE,
    "street": STREET, "personnummer": PERSONAL_NUMBER, "bare personnummer": PERSONAL_NUMBER.replace("-", ""),
    "door code": "8642", "IP": IP,
}  # fmt: skip
HASHES = {
    f"{name} of {what}": hashlib.new(name, text.encode()).hexdigest()
    for name in ("md5", "sha1", "sha256")
    for what, text in (("the address", EMAIL), ("the address in capitals", EMAIL.upper()))
}
DIGEST = re.compile("[0-9a-f]{32,}")
PATH = ("check", "pull", "plan", "show", "apply", "push", "verify", "report", "status")


def contact() -> dict[str, str]:
    return {
        "first_name": FIRST, "last_name": LAST, "address_1": STREET, "address_2": f"lgh 1101, {DOOR}",
        "phone": PHONE,
    }  # fmt: skip


def haunt(order: dict[str, Any]) -> None:
    """Puts the person in every place of an order that a shop's plugins write to."""
    order["billing"] |= contact() | {"email": EMAIL}
    order["shipping"] |= contact()
    order["customer_ip_address"] = IP
    order["customer_note"] = f"Hej, {FIRST} {LAST} här, {DOOR}, ring {PHONE}"
    for row in order["meta_data"]:
        if isinstance(row["value"], str) and row["key"].startswith(("_billing_pers", "_acme", "leverans")):
            row["value"] = f"{FIRST} {EMAIL} {PERSONAL_NUMBER}"
    start = order["id"] * 40 + 30
    order["meta_data"] += [
        {"id": start, "key": "_billing_personnummer", "value": PERSONAL_NUMBER},
        {"id": start + 1, "key": "_acme_giftwrap_contact", "value": f"Kontakt: {EMAIL}"},
        {"id": start + 2, "key": "_answer_of_the_gift_quiz", "value": f"{FIRST} {LAST}, {STREET}"},
    ]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=11, customers=10, orders=40) as running:
        yield running


@pytest.fixture
def haunted(box: Sandbox, tmp_path: Path) -> SandboxShop:
    """A shop where half of the orders, an account, a review and a subscriber are the canary's."""
    shop = box.woocommerce.shop
    old = (date.today() - timedelta(days=9 * 365)).isoformat()
    for place, order in enumerate(shop.orders.values()):
        if place % 2 == 0 and order["created_via"] != "pos":
            haunt(order)
            for note in shop.notes[order["id"]]:
                note["note"] += f" {FIRST} {LAST} {EMAIL} {PHONE}"
    account = next(row for row in shop.customers.values() if row["role"] == "customer")
    account |= {"first_name": FIRST, "last_name": LAST, "email": EMAIL, "username": LAST.lower()}
    account["billing"] |= contact() | {"email": EMAIL}
    review = next(iter(shop.reviews.values()))
    review |= {"reviewer": f"{FIRST} {LAST}", "reviewer_email": EMAIL}
    coupon = next(iter(shop.coupons.values()))
    coupon |= {"email_restrictions": [EMAIL], "date_expires": f"{old}T00:00:00"}
    return make_shop(box, tmp_path / "shop")


def seen_in(text: str) -> list[str]:
    lowered = text.casefold()
    plain = DIGEST.sub("", lowered)  # among thousands of digests any four digits stand by chance
    known = [what for what, value in CANARY.items() if value.casefold() in plain]
    return known + [what for what, value in HASHES.items() if value in lowered]


def test_a_known_person_appears_in_nothing_that_is_said_written_or_kept(
    haunted: SandboxShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = next(o["id"] for o in haunted.box.woocommerce.shop.orders.values() if seen_in(str(o)))
    assert haunted.gallra("check").code == Exit.DONE
    assert haunted.gallra("pull").code == Exit.DONE
    planned = haunted.gallra("plan", "--json")
    assert planned.json["totals"]["redact"] > 0
    assert haunted.approve("--first-run").code == Exit.DONE
    haunted.mark_listeners()
    for word in PATH[3:]:
        for words in ((word,), (word, "--json"), (word, "--language", "en")):
            haunted.gallra(*words)
    for words in (("explain", str(number)), ("explain", str(number), "--json"), ("apply", "--only", LAST)):
        haunted.gallra(*words)
    assert "Verified: " in haunted.gallra("verify").out
    held = haunted.ledger_bytes().decode("latin-1")
    files = [f for f in haunted.folder.rglob("*") if f.is_file() and "sqlite" not in f.name]
    assert {f.suffix for f in files} >= {".html", ".json", ".csv"}
    assert [f for f in files if f.parent.name == "letters" or "letters" in f.parts]
    places = {
        **{f"command {n}": said.out + said.err for n, said in enumerate(haunted.heard)},
        **{f"file {f.name}": f.read_text("utf-8", errors="replace") for f in files},
        "ledger": held,
        "log": caplog.text,
    }
    assert {place: found for place, text in places.items() if (found := seen_in(text))} == {}


def test_an_address_in_the_name_of_a_custom_field_is_not_repeated(haunted: SandboxShop) -> None:
    for order in haunted.box.woocommerce.shop.orders.values():
        order["meta_data"].append(
            {"id": order["id"] * 40 + 38, "key": f"_seen_{EMAIL}", "value": f"{FIRST} {EMAIL}"}
        )
    for words in (("check",), ("pull",), ("plan",), ("show", "--json")):
        assert haunted.gallra(*words).code == Exit.DONE
    said = "".join(one.out + one.err for one in haunted.heard)
    assert "e-mail" not in seen_in(said)
    assert "e-mail" not in seen_in(haunted.ledger_bytes().decode("latin-1"))


def test_the_canary_would_be_seen_if_it_sang() -> None:
    assert seen_in(f"... {EMAIL.upper()} ...") == ["name", "e-mail"]
    assert len(seen_in(" ".join(HASHES.values()))) == len(HASHES)
    assert set(seen_in(str(contact()))) >= {"name", "surname", "phone", "street", "door code"}
