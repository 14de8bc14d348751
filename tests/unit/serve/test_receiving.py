"""A message is checked, sealed and on disk before it is answered."""

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, func, select

from adapters.shopify.webhooks import ShopifyWebhooks
from connector.errors import Rejected, SettingsError, WrongKey
from connector.ledger import Ledger, migrations, open_ledger, schema
from connector.ports import Listener
from connector.ports.heard import Heard, Topic
from connector.records import Kind, Ref
from connector.serve.receive import Answer, Receiver
from tests.engine_support import Crash, TurnableClock
from tests.unit.serve.made import BODIES, CANARY, DOMAIN, SECRET, make_receiver, message, signed

KEYS = sorted({key for body in BODIES.values() for key in body})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(DOMAIN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "email"]), inner),
    max_leaves=6,
)


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
        ("customers/merge", "customers/delete"),
        ("customers/merge", "shop/redact"),
        ("customers/delete", "customers/merge"),
        ("customers/redact", "customers/merge"),
        ("shop/redact", "customers/merge"),
    ],
)
def test_a_signed_body_does_not_pass_for_another_topic(topic: str, body: str) -> None:
    headers, sent = message(body)
    assert _answer(headers | {"x-shopify-topic": topic}, sent) is Answer.UNREADABLE


@pytest.mark.parametrize("topic", ["customers/redact", "customers/data_request", "shop/redact"])
def test_a_message_of_another_shop_of_the_same_app_is_not_taken(topic: str) -> None:
    assert _answer(*message(topic, shop_domain="annan.myshopify.com")) is Answer.UNREADABLE


@pytest.mark.parametrize(("domain", "secret"), [("", SECRET), (DOMAIN, "")])
def test_an_ear_without_a_shop_or_a_secret_is_a_fault_of_the_settings(domain: str, secret: str) -> None:
    with pytest.raises(SettingsError):
        ShopifyWebhooks(domain=domain, secret=secret)


def test_a_message_without_an_id_is_not_taken() -> None:
    headers, body = message("orders/updated")
    del headers["x-shopify-webhook-id"]
    assert _answer(headers, body) is Answer.UNREADABLE


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"id": "text"}'])
def test_a_signed_body_that_is_no_message_is_not_taken(body: bytes) -> None:
    assert _answer(signed("orders/updated", body), body) is Answer.UNREADABLE


class _NoInbox:
    """Nothing may reach it."""

    def receive(self, _adapter: str, _heard: Heard) -> bool:
        raise AssertionError


def _answer(headers: dict[str, str], body: bytes) -> Answer:
    """What a message is answered that must not be taken."""
    reader = ShopifyWebhooks(domain=DOMAIN, secret=SECRET)
    return Receiver(_NoInbox(), reader).receive(headers, body)  # type: ignore[arg-type]


def _heard(topic: str, **changes: object) -> Heard:
    found = ShopifyWebhooks(domain=DOMAIN, secret=SECRET).read(*message(topic, **changes))
    assert found is not None
    return found


@pytest.mark.parametrize("topic", ["customers/redact", "customers/data_request"])
@pytest.mark.parametrize("person", [{"email": CANARY}, {"id": None, "email": f" {CANARY} ", "phone": None}])
def test_a_person_without_an_id_is_taken_by_the_address(topic: str, person: object) -> None:
    heard = _heard(topic, customer=person)
    assert heard.handles == {"email": (CANARY,)}
    assert [ref.id for ref in heard.refs] == ["501"]


@pytest.mark.parametrize("topic", ["customers/redact", "customers/data_request"])
@pytest.mark.parametrize(
    "nobody", [{}, {"email": ""}, {"email": " "}, {"id": None}, {"id": 0, "email": CANARY}, None, []]
)
def test_a_message_about_nobody_is_not_taken(topic: str, nobody: object) -> None:
    assert _answer(*message(topic, customer=nobody)) is Answer.UNREADABLE


def test_of_a_request_that_names_an_account_the_address_beside_it_is_sealed_and_nothing_else() -> None:
    """It tells whether the two belong together, and is no more than keyed once the request is dated."""
    assert _heard("customers/data_request").handles == {"email": (CANARY,)}


def test_a_merge_that_failed_concerns_nothing() -> None:
    assert _answer(*message("customers/merge", status="failed")) is Answer.NOT_NEEDED


@pytest.mark.parametrize("status", ["completed", "in_progress", None, 7])
def test_a_merge_names_who_went_and_who_stayed(status: object) -> None:
    assert [ref.id for ref in _heard("customers/merge", status=status).refs] == ["7001", "7002"]


@pytest.mark.parametrize(
    "kept",
    [None, "", 7002, "7002", "gid://shopify/Order/7002", "gid://shopify/Customer/7001",
     "gid://shopify/Customer/1x", "gid://shopify/Customer/0", "gid://shopify/Customer/1\n",
     "gid://shopify/Customer/" + "9" * 400],
)  # fmt: skip
def test_a_merge_that_does_not_name_two_customers_is_not_taken(kept: object) -> None:
    sent = message("customers/merge", admin_graphql_api_customer_kept_id=kept)
    assert _answer(*sent) is Answer.UNREADABLE


@pytest.mark.parametrize(
    "id", ["", "\x1b[2Jw-1", "w\n1", "w 1", "w" * 129, "\u202ew-1", "å", "'; DROP TABLE inbox", "w-1\n"]
)
def test_an_id_that_is_none_is_not_taken(id: str) -> None:
    assert _answer(*message("orders/updated", id=id)) is Answer.UNREADABLE


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 0}', b'{"id": -5}', b'{"id": 1.5}', b'{"id": true}', b'{"id": [1]}',
        b'{"id": ' + b"9" * 5_000 + b"}", b'{"id": 9000000000000000001}', b'{"id": 1e999}',
        b'{"id": 501', b'{"id": 501}}', b"\x00", b'{"id":"501"}', b"[" * 100_000, b'{"a":' * 100_000,
    ],
    ids=range(14),
)  # fmt: skip
def test_a_body_that_was_cut_or_made_up_is_not_taken(body: bytes) -> None:
    assert _answer(signed("orders/updated", body), body) is Answer.UNREADABLE


def test_a_message_that_names_more_orders_than_anybody_has_is_not_taken() -> None:
    sent = message("customers/redact", orders_to_redact=list(range(1, 60_000)))
    assert _answer(*sent) is Answer.UNREADABLE


def test_no_cut_of_a_signed_message_is_taken() -> None:
    headers, body = message("customers/redact")
    assert {_answer(headers, body[:length]) for length in range(len(body))} == {Answer.NOT_SIGNED}


@given(st.sampled_from(sorted(BODIES)), st.dictionaries(st.sampled_from(KEYS), JSON))
def test_no_signed_body_whatever_it_holds_ends_in_a_fault(topic: str, body: dict[str, object]) -> None:
    raw = json.dumps(body).encode()
    with contextlib.suppress(Rejected):
        heard = ShopifyWebhooks(domain=DOMAIN, secret=SECRET).read(signed(topic, raw), raw)
        assert heard is None or all(ref.id.isdecimal() for ref in heard.refs)


@pytest.mark.parametrize("raw", ["\x1b[2J", "5\n01", "\u202e105", "", "x" * 129, "\x9b31m"])
@pytest.mark.parametrize("where", ["id", "ref"])
def test_whichever_adapter_read_it_no_id_with_escapes_is_taken(raw: str, where: str) -> None:
    class Careless:
        name = "shop"

        def read(self, _headers: object, _body: bytes) -> Heard:
            ref = Ref(adapter="shop", kind=Kind.ORDER, id=raw if where == "ref" else "501")
            return Heard(topic=Topic.CHANGED, id=raw if where == "id" else "w-1", refs=(ref,))

    assert Receiver(_NoInbox(), Careless()).receive({}, b"") is Answer.UNREADABLE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "raw", ["a@b.example\r\nBcc: c@d.example", "a@b.example\x1b[2J", "\u202ea@b.example"]
)
def test_a_handle_with_a_control_in_it_is_left_out_and_the_message_counts(raw: str) -> None:
    kept: list[Heard] = []

    class Keeps:
        def receive(self, _adapter: str, heard: Heard) -> bool:
            kept.append(heard)
            return True

    sent = message("customers/redact", customer={"id": 7001, "email": raw, "phone": "0701740605"})
    reader = ShopifyWebhooks(domain=DOMAIN, secret=SECRET)
    assert Receiver(Keeps(), reader).receive(*sent) is Answer.KEPT  # type: ignore[arg-type]
    assert kept[0].handles == {"customer": ("7001",), "phone": ("0701740605",)}


def test_whoever_listens_in_a_shop_is_named_in_one_line_without_escapes() -> None:
    raw = "\x1b]0;x\x07Best\u00e4llning\n\u202e" + "x" * 200
    found = Listener(id=f"webhook:{raw}", name=raw, kind="webhook", hears=raw)
    for shown in (found.id, found.name, found.hears):
        assert shown.isprintable()
        assert len(shown) <= 80
    assert "Best\u00e4llning" in found.name


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
        connection.execute(schema.meta.insert().values(name="a word", value="one"))
    engine.dispose()
    ledger = open_ledger(path, shop="egg", clock=TurnableClock())
    assert make_receiver(ledger).receive(*message("orders/updated")) is Answer.KEPT
    with ledger.begin() as connection:
        assert connection.scalar(select(schema.meta.c.value)) == "one"
    ledger.engine.dispose()
