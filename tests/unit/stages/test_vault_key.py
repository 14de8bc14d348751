"""The vault's key: changed for another, wrong, or lost; what waits for it is named, and finished by hand."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.errors import Exit, LedgerError, WrongKey
from connector.ledger import Vault, new_key, read_key
from connector.ledger.inbox import Inbox
from connector.ledger.rekeying import rekey
from connector.ledger.sealing import bound_message, joined, open_vault
from connector.ports.heard import Heard, Topic
from connector.records import Kind, Ref
from tests.engine_support import VAULT_KEY, Engine, make_engine
from tests.unit.stages.opened import ENVIRON
from tests.unit.stages.telling import Telling

OLD = ENVIRON["EGG_VAULT"]


@pytest.fixture
def told(tmp_path: Path) -> Telling:
    """Two orders erased in the shop, of which the recipient is still to be told."""
    made = Telling(tmp_path)
    made.erased("1", "2")
    return made


def rekeyed(shop: Telling, monkeypatch: pytest.MonkeyPatch, *, old: str = OLD) -> str:
    """The settings name another key, and the ledger is put under it; the new key."""
    shop.environ["EGG_VAULT"] = new_key()
    monkeypatch.setenv("GALLRA_OLD_VAULT_KEY", old)
    said = shop.gallra("ledger", "rekey", "--by", "Disa Demo")
    assert said.code == 0, said.err
    assert said.out == "Under the new vault key: 2 sealed handles and messages. By Disa Demo.\n"
    return shop.environ["EGG_VAULT"]


def test_under_a_new_key_every_recipient_is_told_as_before(
    told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    rekeyed(told, monkeypatch)
    assert told.gallra("push").code == 0
    assert [value for _, value in told.mailer.told] == ["person1@kund.example", "person2@kund.example"]


def test_after_the_change_the_old_key_stops_every_run(told: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    rekeyed(told, monkeypatch)
    told.environ["EGG_VAULT"] = OLD
    assert told.gallra("push").code == Exit.BLOCKED


def test_the_keys_that_the_old_one_wrapped_are_in_no_file_of_the_ledger(
    told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = [value[1:61] for value in told.sealed().values()]
    rekeyed(told, monkeypatch)
    found = b"".join(path.read_bytes() for path in told.folder.glob("gallra.sqlite*"))
    assert [one for one in wrapped if one[:16] in found or one[-16:] in found] == []


def test_a_step_that_is_tried_again_under_a_new_key_finds_the_handle_that_it_sealed(tmp_path: Path) -> None:
    engine = make_engine(tmp_path)
    first = open_vault(engine.ledger, VAULT_KEY)
    rekey(engine.ledger, old=VAULT_KEY, new=bytes(range(32)), by="Disa Demo")
    second = open_vault(engine.ledger, bytes(range(32)))
    engine.ledger.engine.dispose()
    assert first.digest("a@kund.example") == second.digest("a@kund.example")


def test_the_old_key_may_stand_in_a_file_and_is_asked_for_by_name(
    told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.environ["EGG_VAULT"] = new_key()
    said = told.gallra("ledger", "rekey", "--by", "Disa Demo")
    assert (said.code, "GALLRA_OLD_VAULT_KEY_FILE" in said.err) == (Exit.ERROR, True)
    file = told.folder / "old.key"
    file.write_text(OLD, encoding="utf-8")
    monkeypatch.setenv("GALLRA_OLD_VAULT_KEY_FILE", str(file))
    assert told.gallra("ledger", "rekey", "--by", "Disa Demo").code == 0


def test_another_old_key_changes_nothing(told: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    before = told.sealed()
    told.environ["EGG_VAULT"] = new_key()
    monkeypatch.setenv("GALLRA_OLD_VAULT_KEY", new_key())
    assert told.gallra("ledger", "rekey", "--by", "Disa Demo").code == Exit.BLOCKED
    assert told.sealed() == before


def test_the_key_that_the_ledger_is_under_already_is_no_new_key(told: Telling) -> None:
    for words in ((), ("--lost",)):
        said = told.gallra("ledger", "rekey", *words, "--by", "Disa Demo")
        assert (said.code, "under this vault key already" in said.err) == (Exit.ERROR, True)
    assert len(told.sealed()) == 2


@pytest.mark.parametrize("key", ["", "another"])
def test_without_its_key_nothing_is_erased_and_status_says_what_waits_and_how_it_is_finished(
    told: Telling, key: str
) -> None:
    told.environ["EGG_VAULT"] = new_key() if key else ""
    assert told.gallra("apply").code in (Exit.ERROR, Exit.BLOCKED)
    said = told.gallra("status")
    assert said.code == 0, said.err
    assert "the vault does not open, so nothing is erased or told" in said.out
    assert (
        "waits for the key: mailer: not told of orders #1, #2, for the e-mail address was sealed under a key"
        in said.out
    )
    assert "then `gallra ack 1 2 --by NAME`" in said.out
    assert "`gallra ledger rekey --lost --by NAME`" in said.out


def test_with_its_key_at_hand_status_says_nothing_of_it(told: Telling) -> None:
    assert "key" not in told.gallra("status").out


@pytest.mark.parametrize("name", ["EGG_SUBJECT", "EGG_SEAL"])
@pytest.mark.parametrize("key", ["", "another"])
def test_another_key_that_is_not_at_hand_strands_nothing_that_is_sealed(
    told: Telling, name: str, key: str
) -> None:
    told.environ[name] = new_key() if key else ""
    said = told.gallra("status").out
    assert "the vault does not open" not in said
    assert "ack" not in said


def test_what_a_person_has_seen_to_is_closed_without_the_key(told: Telling) -> None:
    told.environ["EGG_VAULT"] = ""
    assert told.gallra("ack", "1", "2", "--by", "Disa Demo").code == 0
    assert told.sealed() == {}
    assert "waits for the key" not in told.gallra("status").out


def test_a_key_that_is_lost_for_good_leaves_each_recipient_named_until_a_person_has_looked(
    told: Telling,
) -> None:
    told.environ["EGG_VAULT"] = new_key()
    said = told.gallra("ledger", "rekey", "--lost", "--by", "Disa Demo")
    assert (said.code, said.out.splitlines()[0]) == (
        0,
        "Destroyed: 2 sealed handles and messages, whose key is lost. By Disa Demo.",
    )
    assert told.sealed() == {}
    status = told.gallra("status").out
    assert "mailer: not told of orders #1, #2, for the e-mail address was sealed under a key" in status
    pushed = told.gallra("push")
    assert (pushed.code, told.mailer.told) == (Exit.PARTIAL, [])
    assert told.gallra("ack", "1", "2", "--by", "Disa Demo").code == 0
    assert told.gallra("push").code == 0


def test_the_run_after_a_lost_key_reads_everything_and_erases_as_before(told: Telling) -> None:
    told.environ["EGG_VAULT"] = new_key()
    told.gallra("ledger", "rekey", "--lost", "--by", "Disa Demo")
    told.memory.order("3")
    told.planned()
    assert told.gallra("apply").code == 0
    assert told.gallra("push").code == Exit.PARTIAL
    assert [value for _, value in told.mailer.told] == ["person3@kund.example"]


def test_a_message_is_never_sealed_under_a_key_that_the_ledger_was_put_off(tmp_path: Path) -> None:
    engine = make_engine(tmp_path)
    listening = Inbox(engine.ledger, open_vault(engine.ledger, VAULT_KEY))  # as `gallra serve` keeps it
    rekey(engine.ledger, old=VAULT_KEY, new=bytes(range(32)), by="Disa Demo")
    heard = Heard(id="m-1", topic=Topic.DATA_REQUEST, refs=(Ref(adapter="shop", kind=Kind.CUSTOMER, id="7"),))
    with pytest.raises(WrongKey, match="Start `gallra serve` again"):
        listening.receive("shop", heard)
    again = Inbox(engine.ledger, open_vault(engine.ledger, bytes(range(32))))
    assert again.receive("shop", heard)
    engine.ledger.engine.dispose()


def of_the_first_version(engine: Engine) -> None:
    """An order whose handle lies as an earlier Gallra sealed it: under the vault key itself."""
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    with engine.ledger.begin() as connection:
        row = connection.exec_driver_sql("SELECT * FROM delivery").one()
        bound = joined(row.shop, row.plan, row.step, row.recipient, row.act, row.handle, row.remote_id)
        nonce = os.urandom(12)
        old = nonce + AESGCM(VAULT_KEY).encrypt(nonce, b"person1@kund.example", bound.encode())
        connection.exec_driver_sql("UPDATE delivery SET sealed = ?", (old,))


def test_what_an_earlier_version_sealed_is_sealed_anew_once_and_told(engine: Engine) -> None:
    of_the_first_version(engine)
    engine.changed_by_hand = True
    engine.outbox.vault = open_vault(engine.ledger, VAULT_KEY)
    assert engine.push().answered == 1
    assert engine.recipients[0].told == [("1", "person1@kund.example")]
    open_vault(engine.ledger, VAULT_KEY)


def test_a_handle_opens_in_its_own_row_alone_and_so_does_its_key() -> None:
    vault = Vault(VAULT_KEY)
    sealed = vault.seal("a@kund.example", bound_to="one")
    other = vault.seal("a@kund.example", bound_to="two")
    assert vault.open(sealed, bound_to="one") == "a@kund.example"
    for spoilt in (other, sealed[:61] + other[61:], other[:61] + sealed[61:], sealed[:40], b""):
        with pytest.raises(WrongKey):
            vault.open(spoilt, bound_to="one")


def test_no_two_handles_share_a_key() -> None:
    vault = Vault(VAULT_KEY)
    keys = {vault.unwrap(vault.seal("a@kund.example", bound_to="x")[1:61], bound_to="x") for _ in range(50)}
    assert len(keys) == 50


def test_a_key_that_is_no_key_is_named() -> None:
    with pytest.raises(LedgerError, match="old vault key"):
        read_key("short", name="old vault key")


def test_a_message_is_sealed_to_its_own_row() -> None:
    row = type("Row", (), {"shop": "egg", "adapter": "shopify", "key": "7"})
    assert bound_message(row) == "inbox|egg|shopify|7"
