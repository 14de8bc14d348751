"""A service that was taken out of the shop's file: its records are unread, and nothing else stops."""

from pathlib import Path

import pytest

from connector.errors import Exit
from connector.identity import make_keyer
from connector.ports import Unread
from connector.records import Kind, Ref
from connector.services.absent import Absent
from tests.engine_support import SUBJECT_KEY, MemoryShop
from tests.unit.ledger.test_chain import protocol
from tests.unit.stages.opened import Opened

RECIPIENT = '\n[letters]\nfolder = "{folder}/letters"\n[recipients.postnord]\n'


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """A shop with a mailing service beside it that holds an old contact, and a recipient told by letter."""
    made = Opened(tmp_path)
    text = made.file.read_text(encoding="utf-8")
    made.file.write_text(text + RECIPIENT.format(folder=tmp_path), encoding="utf-8")
    made.beside = [MemoryShop(make_keyer(SUBJECT_KEY), name="mailchimp")]
    made.beside[0].customer("m1")
    made.memory.order("1", tracking_number="0037")
    return made


def take_out(shop: Opened) -> None:
    """The mailing service and the recipient leave the shop's file."""
    shop.beside = []
    text = shop.file.read_text(encoding="utf-8")
    shop.file.write_text(text.partition("\n[letters]")[0], encoding="utf-8")


def test_what_stands_at_a_service_that_is_not_named_is_unread() -> None:
    ref = Ref(adapter="mailchimp", kind=Kind.SUBSCRIBER, id="1")
    assert list(Absent("mailchimp").fetch([ref])) == [Unread(ref=ref, reason="not_in_settings")]


def test_a_run_keeps_its_protocol_when_its_services_have_left_the_settings(shop: Opened) -> None:
    shop.planned()
    assert shop.gallra("apply").code == Exit.DONE
    take_out(shop)
    said = shop.gallra("verify")
    assert said.code == Exit.PARTIAL
    assert "customer m1" in said.err
    assert shop.gallra("report").code == Exit.DONE
    assert protocol(shop, 1)["read_back"]["unread"] == 1


def test_a_run_goes_on_without_a_service_that_has_left_the_settings(shop: Opened) -> None:
    for words in (("check",), ("pull",)):
        assert shop.gallra(*words).code == Exit.DONE
    take_out(shop)
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED, said.err
    assert "waits for approval" in said.out


def test_steps_at_a_service_that_has_left_the_settings_are_refused_and_the_others_done(shop: Opened) -> None:
    shop.planned()
    shop.beside = []
    said = shop.gallra("apply")
    assert said.code == Exit.PARTIAL, said.err
    assert "unread:not_in_settings" in said.out
    assert {id for id, *_ in shop.memory.written} == {"1"}
