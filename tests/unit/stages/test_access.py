"""A copy for one person over made-up shops: all that an erasure touches, nobody else's, few requests."""

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any, NamedTuple
from unittest import mock

import msgspec
import pytest

from adapters.woocommerce.notes import Notes
from connector.deciding.request_verdicts import Does, standing_of, verdicts_of
from connector.ledger import schema
from connector.ledger.index import Rows
from connector.ledger.requests import NewRequest, Register
from connector.places.third_persons import Proof
from connector.ports import Ability, living, looked
from connector.ports.disclosing import Access, Discloses, DisclosesNotes, Why
from connector.records import FIELD_BITS, Action, Field, Kind, Ref, from_bits
from connector.report.access import twin
from connector.report.access.document import access_sentence, compose
from connector.report.drawn import sheet
from connector.request import Channel, RequestKind, clock
from connector.shop import Shop
from connector.stages.requests.access import Asked, access, requests_of
from connector.verdicts import State
from connector.views.request_answer import answer_of, unsaid
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop, make_shopify_shop

ERASE = NewRequest(
    kind=RequestKind.ERASE, channel=Channel.EMAIL, received=date(2026, 11, 30),
    clock=clock(date(2026, 11, 30)), by="Disa Demo",
)  # fmt: skip
HOSTILE = '<script>alert(1)</script>"\r\nBcc: all@evil.example'


@pytest.fixture(scope="module", params=["woocommerce", "shopify"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxShop]:
    with Sandbox(seed=11, orders=160, customers=60) as box:
        folder = tmp_path_factory.mktemp(request.param)
        if request.param == "woocommerce":
            made = make_shop(box, folder)
        else:
            box.shopify.use_plan("Enterprise")
            made = make_shopify_shop(box, folder / "shop")
        for word in ("check", "pull"):
            said = made.gallra(word)
            assert said.code == 0, said.err[-600:]
        yield made


def persons(shop: Shop, most: int = 12) -> list[tuple[bytes, tuple[Ref, ...]]]:
    """The addresses that most records carry, each with every record that the index joins to its person."""
    record, identifier = schema.record, schema.identifier
    with shop.ledger.begin() as connection:
        subjects = connection.execute(
            identifier.select().where(identifier.c.type == "email").order_by(identifier.c.digest)
        ).all()
        rows = connection.execute(record.select().where(record.c.subject.is_not(None))).all()
    refs: dict[int, list[Ref]] = {}
    for row in rows:
        refs.setdefault(row.subject, []).append(
            Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id)
        )
    found = [(one.digest, tuple(refs.get(one.subject, ()))) for one in subjects]
    return sorted(found, key=lambda one: -len(one[1]))[:most]


def copy_of(shop: Shop, digest: bytes, refs: tuple[Ref, ...], level: int) -> Access:
    return access(shop, Asked(proof=Proof(digests=frozenset({digest}), level=level), refs=refs))


@pytest.mark.parametrize("level", [0, 2])
def test_access_finds_or_names_all_that_an_erasure_of_the_same_moment_touches(
    shop: SandboxShop, level: int
) -> None:
    opened, copied = shop.open(), 0
    for digest, refs in persons(opened):
        found = copy_of(opened, digest, refs, level)
        asked = {one.ref for one in found.questions}
        for name, platform in opened.platforms.items():
            own = [ref for ref in refs if ref.adapter == name]
            for ref, live in living(looked(platform.fetch(own), own)).items():
                if ref in asked:
                    continue
                touched = {(ref, field) for field in from_bits(live.record.present)}
                assert touched <= found.named, touched - found.named
                copied += 1
    assert copied > 12


@pytest.mark.parametrize("level", [0, 2])
def test_an_answer_covers_only_records_that_carry_the_proven_address(shop: SandboxShop, level: int) -> None:
    opened = shop.open()
    everybody = persons(opened, most=4)
    digest = everybody[0][0]
    refs = tuple(ref for _, some in everybody for ref in some)  # strangers among them, as a wrong join would
    found = copy_of(opened, digest, refs, level)
    strangers = {
        text
        for other in refs
        if other not in {one.ref for one in found.copies}
        for live in living(looked(opened.platforms[other.adapter].fetch([other]), [other])).values()
        for text in live.handles.get("email", ())
    }
    text = twin.json(answer_of(opened, found, request="R-1", received=opened.today))
    assert strangers
    assert found.copies
    assert not [one for one in strangers if one in text]
    assert {one.why for one in found.questions} >= {"no_proven_address"}


def test_at_the_least_proof_notes_codes_and_others_addresses_are_masked_and_named(shop: SandboxShop) -> None:
    opened = shop.open()
    masked = Counter[Why]()
    for digest, refs in persons(opened, most=40):
        found = copy_of(opened, digest, refs, 0)
        for one in (item for copied in found.copies for item in copied.items):
            masked.update(one.why)
            assert not {Field.STAFF_NOTES, Field.CUSTOMER_NOTE}.intersection(one.fields) or one.why
            if {Field.GIFT_RECIPIENT, Field.PERSONAL_NUMBER}.intersection(one.fields):
                assert one.why
    assert masked[Why.THIRD_PERSON]
    assert masked[Why.NOTE]


class Mistyped(NamedTuple):
    """An order of somebody with an account, on which another person's address was typed."""

    order: dict[str, Any]
    ref: Ref
    account: Ref
    theirs: tuple[Ref, ...]  # the records of whose address it is
    digest: bytes
    words: tuple[str, ...]  # who bought, and where they live


def guest(order: dict[str, Any]) -> None:
    order["customer_id" if "customer_id" in order else "customer_number"] = 0


@contextmanager
def mistyped(shop: SandboxShop, opened: Shop) -> Iterator[Mistyped]:
    """The first order of an account with a name, by the address of another person for a moment."""
    adapter = next(iter(opened.platforms))
    orders = getattr(shop.box, adapter).shop.orders
    everybody = [one for one in persons(opened, most=60) if any(r.kind is Kind.CUSTOMER for r in one[1])]
    for digest, refs in everybody:
        account = next(ref for ref in refs if ref.kind is Kind.CUSTOMER)
        for ref in (one for one in refs if one.kind is Kind.ORDER):
            order = orders[int(ref.id)]
            block = order.get("billing") or order.get("billingAddress") or {}
            first, last = (block.get(a) or block.get(b) for a, b in NAMES)
            street = block.get("address_1") or block.get("address1")
            linked = order.get("customer_id") or order.get("customer_number")
            if not (first and last and street and linked) or "@" not in str(order):
                continue
            other, their = next(one for one in everybody if one[0] != digest and account not in one[1])
            kept = copy.deepcopy(order)
            mail = mail_of(opened, their, other)
            if "billing" in order:
                order["billing"]["email"] = mail
            else:
                order["email"] = mail
            try:
                yield Mistyped(order, ref, account, their, other, (first, last, street))
            finally:
                order.clear()
                order.update(kept)
            return
    raise AssertionError("nobody in this shop has an account and an order")


NAMES = (("first_name", "firstName"), ("last_name", "lastName"))


def mail_of(opened: Shop, refs: tuple[Ref, ...], digest: bytes) -> str:
    name = next(iter(opened.platforms))
    own = [ref for ref in refs if ref.adapter == name]
    found = living(looked(opened.platforms[name].fetch(own), own)).values()
    mails = (mail for live in found for mail in live.handles.get("email", ()))
    return next(mail for mail in mails if opened.keyer("email", mail) == digest)


@pytest.mark.parametrize("level", [0, 2])
def test_an_order_in_somebody_else_s_account_is_a_question_whosever_address_it_carries(
    shop: SandboxShop, level: int
) -> None:
    opened = shop.open()
    with mistyped(shop, opened) as it:
        found = copy_of(opened, it.digest, (it.ref, it.account, *it.theirs), level)
        why = {one.ref: one.why for one in found.questions}
        assert why[it.ref] == "anothers_account"
        assert why[it.account] == "no_proven_address"
        assert it.ref not in {one.ref for one in found.copies}
        proof = Proof(digests=frozenset({it.digest}), level=2)
        named = Asked(proof=proof, refs=(it.ref, it.account), numbered=frozenset({it.ref}))
        assert {one.ref for one in access(opened, named).copies} == {it.ref}


def test_at_the_least_proof_a_record_that_names_somebody_else_shows_nothing_of_them(
    shop: SandboxShop,
) -> None:
    opened = shop.open()
    with mistyped(shop, opened) as it:
        guest(it.order)
        masked, open_ = (
            next(
                one
                for one in copy_of(opened, it.digest, (it.ref, *it.theirs), level).copies
                if one.ref == it.ref
            )
            for level in (0, 2)
        )
        text, clear = (" ".join(item.text for item in one.items) for one in (masked, open_))
        assert not [word for word in it.words if word in text]
        assert [word for word in it.words if word in clear] == list(it.words)
        others = {Field.NAME, Field.PHONE, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS}
        assert not [item for item in masked.items if others.intersection(item.fields) and not item.why]


def test_a_decision_calls_erased_only_what_a_step_takes_from_every_place_that_is_shown(
    shop: SandboxShop,
) -> None:
    """Every record of the shop, long ago or not: a step for what goes, a place or a reason for the rest."""
    opened, seen = shop.open(), Counter[tuple[Kind, Does]]()
    judge = (opened.policy, opened.capabilities)
    with opened.ledger.begin() as connection:
        rows = connection.scalars(schema.record.select().with_only_columns(schema.record.c.id)).all()
        now = Rows(opened.ledger).rows(connection, rows)
        made = Register(opened.ledger).open(connection, ERASE)
        decided = {one.ref: one for one in verdicts_of(opened.ledger, connection, judge, made, rows)}
        connection.rollback()
    for row in now.values():
        record, can = row.record, opened.capabilities[row.record.ref.adapter, row.record.ref.kind]
        one = decided.get(record.ref)
        for each in one.fields if one is not None else ():
            if one is None or each.state is not State.DUE:
                continue
            coming = one.does(each)
            seen[record.ref.kind, coming.does] += 1
            if each.field is None:
                able = can.unsubscribes if each.action is Action.UNSUBSCRIBE else can.deletes
                assert (coming.does is Does.ERASED) is able
            elif not one.coming:
                continue  # the record goes whole
            elif coming.does is Does.ERASED:
                assert can.fields[each.field] is Ability.REDACT
                assert not FIELD_BITS[each.field] & (record.stuck | standing_of(record, can))
            elif coming.does not in (Does.WITH_PERSON, Does.AFTER_PERSON, Does.NO_PERSON):
                assert coming.places, (record.ref.kind, each.field, coming)
    assert seen[Kind.ORDER, Does.ERASED]
    if "shopify" in opened.platforms:
        assert not seen[Kind.CART, Does.ERASED]
        assert seen[Kind.CART, Does.NOBODY]
        assert seen[Kind.ORDER, Does.PARTLY]


def test_the_page_and_the_json_are_whole_in_both_languages(shop: SandboxShop) -> None:
    opened = shop.open()
    digest, refs = persons(opened, most=1)[0]
    answer = answer_of(opened, copy_of(opened, digest, refs, 2), request="R-1", received=opened.today)
    text = twin.json(answer)
    assert twin.read(text) == answer
    for language in ("sv", "en"):
        page = sheet.html(lambda each: compose(answer, each), language)
        assert access_sentence(answer) in page
        assert "imy.se" in page
        assert "21.2" in page or "21(2)" in page
    assert answer.purposes
    assert {one.name for one in answer.recipients}
    portable = twin.portable(answer)
    values = {(one.place, one.text) for record in answer.records for one in record.values}
    given = {(one.place, one.text) for record in portable.records for one in record.values}
    assert given < values
    assert not [one for record in portable.records for one in record.values if not one.given or one.why]


def test_hostile_names_are_inert_in_the_page_and_in_the_json(shop: SandboxShop) -> None:
    opened = shop.open()
    digest, refs = persons(opened, most=1)[0]
    answer = answer_of(opened, copy_of(opened, digest, refs, 2), request="R-1", received=opened.today)
    (first, *rest) = answer.records
    (value, *values) = first.values
    hostile = msgspec.structs.replace(value, text=HOSTILE, fields=(Field.NAME,))
    record = msgspec.structs.replace(first, number=HOSTILE, values=(hostile, *values))
    answer = msgspec.structs.replace(answer, records=(record, *rest))
    page = sheet.html(lambda each: compose(answer, each), "sv")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert twin.read(twin.json(answer)).records[0].number == HOSTILE


def test_the_published_schema_is_that_of_the_answer() -> None:
    shipped = Path(twin.__file__).with_name("schema.json").read_text(encoding="utf-8")
    assert msgspec.json.decode(shipped) == msgspec.json.decode(msgspec.json.encode(twin.schema()))


def test_what_only_the_company_knows_is_said_in_its_own_words_or_not_at_all(
    shop: SandboxShop,
) -> None:
    opened = shop.open()
    digest, refs = persons(opened, most=1)[0]
    found = copy_of(opened, digest, refs, 2)
    silent = answer_of(opened, found, request="R-1", received=opened.today)
    company = opened.settings.company.model_copy()
    own = {"automated_decisions": "Vi fattar inga sådana beslut.", "sources": "Du själv <b>och Klarna"}
    for language in ("sv", "en"):
        page = sheet.html(lambda each: compose(silent, each), language)
        assert "automatiserad" not in page.lower()
        assert "automated" not in page.lower()
    opened.settings = opened.settings.model_copy(update={"company": company.model_copy(update=own)})
    assert unsaid(opened) == ()
    answer = answer_of(opened, found, request="R-1", received=opened.today)
    page = sheet.html(lambda each: compose(answer, each), "sv")
    assert "Vi fattar inga sådana beslut." in page
    assert "&lt;b&gt;och Klarna" in page
    assert twin.read(twin.json(answer)).sources == own["sources"]
    assert unsaid(shop.open()) == ("company.sources", "company.automated_decisions")


def test_a_customer_with_three_hundred_orders_takes_six_requests_beside_notes(tmp_path: Path) -> None:
    with Sandbox(seed=5, orders=320, customers=30) as box:
        email = "many@customer.example"
        for order in list(box.woocommerce.shop.orders.values())[:300]:
            order["billing"]["email"] = email
            order["customer_id"] = 0
        made = make_shop(box, tmp_path)
        for word in ("check", "pull"):
            assert made.gallra(word).code == 0
        opened = made.open()
        digest = opened.keyer("email", email)
        assert digest is not None
        refs = next(some for one, some in persons(opened, most=3) if one == digest)
        orders = tuple(ref for ref in refs if ref.kind is Kind.ORDER)
        assert len(orders) >= 300
        before = Counter(box.woocommerce.requests)
        asked = Asked(proof=Proof(digests=frozenset({digest}), level=2), refs=orders)
        found = access(opened, asked)
        heard = Counter(box.woocommerce.requests) - before
        notes = sum(count for (_, route), count in heard.items() if "notes" in route)
        assert len(found.copies) == len(orders)
        assert notes == len(orders) == requests_of(asked)[1]
        assert sum(heard.values()) - notes <= 6, heard
        assert {method for method, _ in heard} == {"GET"}


def test_the_notes_beside_orders_are_read_as_many_at_once_as_the_shop_may_have_connections(
    tmp_path: Path,
) -> None:
    with Sandbox(seed=5, orders=12, customers=3) as box:
        made = make_shop(box, tmp_path)
        text = made.file.read_text(encoding="utf-8")
        made.file.write_text(text.replace("[platform]\n", "[platform]\nconnections = 4\n"), encoding="utf-8")
        for word in ("check", "pull"):
            assert made.gallra(word).code == 0
        platform = made.open().platforms["woocommerce"]
        orders = box.woocommerce.shop.orders
        refs = [Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(one)) for one in orders]
        assert isinstance(platform, Discloses)
        assert isinstance(platform, DisclosesNotes)
        lives = list(living(looked(platform.fetch_to_show(refs), refs)).values())
        meeting, at_once, most = Barrier(4), list[int](), Lock()
        rows = Notes.personal_rows

        def counted(self: Notes, order: str, names: Any) -> Any:
            with most:
                at_once.append(1)
                assert sum(at_once) <= 4
            with suppress(BrokenBarrierError):
                meeting.wait(timeout=5)
            try:
                return rows(self, order, names)
            finally:
                with most:
                    at_once.pop()

        with mock.patch.object(Notes, "personal_rows", counted):
            found = dict(platform.notes_of(lives[:8]))
        assert len(found) == 8
        assert not meeting.broken


def test_a_customer_with_three_hundred_orders_takes_six_requests_at_shopify(tmp_path: Path) -> None:
    with Sandbox(seed=5, orders=320, customers=30) as box:
        box.shopify.use_plan("Enterprise")
        email = "many@customer.example"
        for order in list(box.shopify.shop.orders.values())[:300]:
            order["email"] = email
            order["customer_number"] = None
        made = make_shopify_shop(box, tmp_path / "shop")
        for word in ("check", "pull"):
            assert made.gallra(word).code == 0
        opened = made.open()
        digest = opened.keyer("email", email)
        assert digest is not None
        refs = next(some for one, some in persons(opened, most=3) if one == digest)
        orders = tuple(ref for ref in refs if ref.kind is Kind.ORDER)
        assert len(orders) >= 300
        before = Counter(box.shopify.requests)
        asked = Asked(proof=Proof(digests=frozenset({digest}), level=2), refs=orders)
        found = access(opened, asked)
        heard = Counter(box.shopify.requests) - before
        assert len(found.copies) == len(orders)
        assert sum(heard.values()) <= 6, heard
