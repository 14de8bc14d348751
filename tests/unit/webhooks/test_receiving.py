"""A message is checked, sealed and on disk before it is answered."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, func, select

from connector.errors import WrongKey
from connector.ledger import Ledger, migrations, open_ledger, schema
from connector.webhooks.heard import Heard, Topic
from connector.webhooks.receive import Answer
from tests.engine_support import Crash, TurnableClock
from tests.unit.webhooks.made import BODIES, CANARY, make_receiver, message, signed


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger on disk."""
    made = open_ledger(tmp_path / "ledger.sqlite", shop="egg", clock=TurnableClock())
    yield made
    made.engine.dispose()


def _rows(ledger: Ledger) -> int:
    with ledger.begin() as connection:
        return int(connection.scalar(select(func.count()).select_from(schema.inbox)) or 0)


@pytest.mark.parametrize("topic", BODIES)
def test_a_signed_message_of_a_known_topic_is_kept(ledger: Ledger, topic: str) -> None:
    assert make_receiver(ledger).receive(*message(topic)) is Answer.KEPT
    assert _rows(ledger) == 1


@pytest.mark.parametrize("signature", [None, "", "bm90IGEgc2lnbmF0dXJl", "kanarie å"])
def test_a_wrong_or_missing_signature_is_refused_and_nothing_is_stored(
    ledger: Ledger, signature: str | None
) -> None:
    headers, body = message("customers/redact")
    del headers["x-shopify-hmac-sha256"]
    if signature is not None:
        headers["x-shopify-hmac-sha256"] = signature
    assert make_receiver(ledger).receive(headers, body) is Answer.NOT_SIGNED
    assert _rows(ledger) == 0


def test_a_signature_with_another_secret_is_refused(ledger: Ledger) -> None:
    _, body = message("shop/redact")
    headers = signed("shop/redact", body, secret="shpss_another")
    assert make_receiver(ledger).receive(headers, body) is Answer.NOT_SIGNED


def test_a_body_changed_after_signing_is_refused(ledger: Ledger) -> None:
    headers, body = message("customers/redact")
    assert make_receiver(ledger).receive(headers, body + b" ") is Answer.NOT_SIGNED


def test_a_repeated_id_is_queued_once(ledger: Ledger) -> None:
    receiver = make_receiver(ledger)
    assert receiver.receive(*message("orders/updated")) is Answer.KEPT
    assert receiver.receive(*message("orders/updated")) is Answer.KNOWN
    assert receiver.receive(*message("orders/updated", id="w-2")) is Answer.KEPT
    assert _rows(ledger) == 2


def test_a_crash_between_commit_and_answer_leaves_one_row_after_the_repeat(ledger: Ledger) -> None:
    receiver = make_receiver(ledger)

    real = receiver.inbox.receive

    def commit_then_die(adapter: str, heard: Heard) -> bool:
        real(adapter, heard)
        raise Crash

    receiver.inbox.receive = commit_then_die  # type: ignore[method-assign]
    with pytest.raises(Crash):
        receiver.receive(*message("customers/redact"))
    assert make_receiver(ledger).receive(*message("customers/redact")) is Answer.KNOWN
    assert _rows(ledger) == 1


def test_a_crash_before_the_commit_leaves_nothing_and_the_repeat_is_kept(ledger: Ledger) -> None:
    def die(_connection: object) -> None:
        raise Crash

    event.listen(ledger.engine, "commit", die)
    with pytest.raises(Crash):
        make_receiver(ledger).receive(*message("customers/redact"))
    event.remove(ledger.engine, "commit", die)
    assert _rows(ledger) == 0
    assert make_receiver(ledger).receive(*message("customers/redact")) is Answer.KEPT


@pytest.mark.parametrize("topic", BODIES)
def test_no_byte_of_a_persons_address_lies_in_the_ledger(ledger: Ledger, topic: str, tmp_path: Path) -> None:
    make_receiver(ledger).receive(*message(topic))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("ledger.sqlite*"))
    assert len(stored) > 1000
    assert CANARY.encode() not in stored
    assert b"46701740605" not in stored


def test_a_sealed_message_opens_only_for_its_own_row(ledger: Ledger) -> None:
    receiver = make_receiver(ledger)
    receiver.receive(*message("customers/redact"))
    with ledger.begin() as connection:
        connection.execute(schema.inbox.update().values(key="w-9"))
    with ledger.begin() as connection, pytest.raises(WrongKey):
        receiver.inbox.messages(connection, topics=[Topic.CUSTOMER_REDACT])


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("customers/redact", "orders/updated"),
        ("shop/redact", "customers/redact"),
        ("shop/redact", "orders/updated"),
        ("customers/redact", "customers/data_request"),
        ("customers/data_request", "customers/redact"),
        ("orders/delete", "shop/redact"),
    ],
)
def test_a_signed_body_does_not_pass_for_another_topic(ledger: Ledger, topic: str, body: str) -> None:
    headers, sent = message(body)
    assert make_receiver(ledger).receive(headers | {"x-shopify-topic": topic}, sent) is Answer.UNREADABLE
    assert _rows(ledger) == 0


@pytest.mark.parametrize("topic", ["customers/redact", "customers/data_request", "shop/redact"])
def test_a_message_of_another_shop_of_the_same_app_is_not_taken(ledger: Ledger, topic: str) -> None:
    sent = message(topic, shop_domain="annan.myshopify.com")
    assert make_receiver(ledger).receive(*sent) is Answer.UNREADABLE
    assert _rows(ledger) == 0


def test_a_message_without_an_id_is_not_taken(ledger: Ledger) -> None:
    headers, body = message("orders/updated")
    del headers["x-shopify-webhook-id"]
    assert make_receiver(ledger).receive(headers, body) is Answer.UNREADABLE


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"id": "text"}'])
def test_a_signed_body_that_is_no_message_is_not_taken(ledger: Ledger, body: bytes) -> None:
    headers = signed("orders/updated", body)
    assert make_receiver(ledger).receive(headers, body) is Answer.UNREADABLE


def test_a_topic_that_concerns_nothing_is_answered_and_not_kept(ledger: Ledger) -> None:
    assert make_receiver(ledger).receive(*message("products/update")) is Answer.NOT_NEEDED
    assert _rows(ledger) == 0


def test_a_ledger_in_use_asks_the_sender_to_try_again(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.ledger.inbox.PATIENCE_MS", 50)
    other = open_ledger(tmp_path / "ledger.sqlite", shop="egg", clock=TurnableClock())
    with other.begin() as connection:
        other.event(connection, "busy")
        assert make_receiver(ledger).receive(*message("orders/updated")) is Answer.BUSY
    other.engine.dispose()
    assert make_receiver(ledger).receive(*message("orders/updated")) is Answer.KEPT


def test_the_same_message_many_times_at_once_is_queued_once(ledger: Ledger) -> None:
    receiver = make_receiver(ledger)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: receiver.receive(*message("customers/redact")), range(24)))
    assert (answers.count(Answer.KEPT), answers.count(Answer.KNOWN)) == (1, 23)
    assert _rows(ledger) == 1


def test_a_row_that_came_in_between_is_known_by_the_constraint(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = make_receiver(ledger)
    receiver.receive(*message("shop/redact"))
    monkeypatch.setattr("connector.ledger.inbox.Inbox._knows", lambda *_: False)
    assert receiver.receive(*message("shop/redact")) is Answer.KNOWN
    assert _rows(ledger) == 1


def test_a_ledger_of_the_first_schema_gets_an_inbox_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(schema.meta.insert().values(name="vault key", value="one"))
    engine.dispose()
    ledger = open_ledger(path, shop="egg", clock=TurnableClock())
    assert make_receiver(ledger).receive(*message("orders/updated")) is Answer.KEPT
    with ledger.begin() as connection:
        assert connection.scalar(select(schema.meta.c.value)) == "one"
    ledger.engine.dispose()
