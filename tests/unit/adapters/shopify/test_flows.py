"""Whole flows against the stand-in Shopify: pull, redact, delete, erase, take back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.shopify import pull, writes
from adapters.shopify.client import Client, connect
from adapters.shopify.cursor import Cursor, decode
from adapters.shopify.files import Files
from adapters.shopify.platform import Shopify
from adapters.shopify.pull import in_bulk as bulk_read
from adapters.shopify.standing import Standing
from connector.errors import AccessDenied
from connector.identity import make_keyer
from connector.ports import SCOPE_LOST, Controls, Gone, Live, Look, Page, Receipt, Task, living, looked
from connector.records import Action, Field, Kind, Outcome, Ref, from_bits
from sandbox import Sandbox
from sandbox.shopify.making.world import STOCKHOLM
from sandbox.shopify.service import Shopify as StandIn
from tests.support_shopify import controls_of, with_controls

ALL = frozenset(Field)
BLANKED = frozenset({
    Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.CUSTOMER_NOTE,
    Field.TAGS, Field.PERSONAL_NUMBER, Field.DOOR_CODE, Field.TRACKING_NUMBER, Field.GIFT_RECIPIENT,
})  # fmt: skip


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A shop of 240 orders and 60 customers."""
    with Sandbox(orders=240, customers=60) as box:
        yield box.shopify


def clock_of(shop: StandIn) -> Any:
    """The shop's own clock, so that both agree however far it is turned."""
    return lambda: datetime.fromtimestamp(shop.shop.now(), STOCKHOLM)


def platform_of(shop: StandIn, slept: list[float] | None = None, **more: Any) -> Shopify:
    """A platform on the stand-in; waits are noted, and pass on the shop's clock."""
    noted = [] if slept is None else slept

    def wait(seconds: float) -> None:
        noted.append(seconds)
        shop.shop.turn(seconds=seconds)

    settings = {"url": shop.url, "token": shop.token, **more}
    client = connect(settings, sleep=wait, monotonic=shop.shop.now)
    found = Shopify(client, Files(sleep=wait), settings, keyer=make_keyer(b"k" * 32), clock=clock_of(shop))
    return with_controls(found, shop)


@pytest.fixture
def platform(stand_in: StandIn) -> Shopify:
    """The platform on that shop."""
    return platform_of(stand_in)


def pulled(pages: Iterator[Page]) -> tuple[dict[Ref, Any], Page]:
    """Every record of a pull by its place, and the last page."""
    found: dict[Ref, Any] = {}
    for page in pages:
        found |= {record.ref: record for record in page.records}
    return found, page


def tasks(platform: Shopify, refs: list[Ref], action: Action, fields: frozenset[Field] = ALL) -> list[Task]:
    """These records as tasks, fetched just now."""
    lives = living(looked(platform.fetch(refs), refs)).values()
    return [Task(live=live, action=action, fields=fields) for live in lives]


def all_gone(looks: Iterator[Look]) -> bool:
    """Whether every look says gone, and there is one."""
    return {type(look) for look in looks} == {Gone}


def of_outcome(receipts: list[Receipt], outcome: Outcome) -> list[Receipt]:
    return [receipt for receipt in receipts if receipt.outcome is outcome]


# Pull.


def test_a_small_shop_is_read_in_pages_to_the_end(platform: Shopify, stand_in: StandIn) -> None:
    found, last = pulled(platform.pull(Kind.ORDER, since=None))
    assert len(found) == 240
    assert last.complete
    assert not any("bulk" in name for _, name in stand_in.requests)


def test_a_big_shop_is_read_in_bulk_and_gives_the_same_records(
    platform: Shopify, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_page, _ = pulled(platform.pull(Kind.ORDER, since=None))
    monkeypatch.setattr(pull, "BULK_FROM", 50)
    monkeypatch.setattr(bulk_read, "SLICE_FROM", 100)
    in_bulk, last = pulled(platform.pull(Kind.ORDER, since=None))
    assert in_bulk == by_page
    assert last.complete


def test_much_that_changed_during_the_first_read_is_read_again_and_nothing_else(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 20)
    monkeypatch.setattr(bulk_read, "SLICE_FROM", 100)
    pages = platform.pull(Kind.ORDER, since=None)
    next(pages)  # its operations are under way
    stand_in.shop.turn(days=1)
    changed = list(stand_in.shop.orders)[:30]
    for number in changed:
        stand_in.shop.edit_order(number, note="nytt")
    stand_in.shop.settle()
    read = [record.ref for page in pages for record in page.records]
    assert len(set(read)) == 240
    assert len(changed) <= len(read) - 240 < 100


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.DRAFT_ORDER, Kind.CART])
def test_every_kind_gives_the_same_records_in_bulk_as_in_pages(
    platform: Shopify, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_page, _ = pulled(platform.pull(kind, since=None))
    monkeypatch.setattr(pull, "BULK_FROM", 1)
    in_bulk, _ = pulled(platform.pull(kind, since=None))
    assert by_page
    assert in_bulk == by_page


def test_the_next_pull_reads_what_has_changed_and_little_else(platform: Shopify, stand_in: StandIn) -> None:
    found, last = pulled(platform.pull(Kind.ORDER, since=None))
    stand_in.shop.turn(days=2)
    ref = sorted(found, key=lambda ref: ref.id)[0]
    list(platform.apply(tasks(platform, [ref], Action.REDACT, frozenset({Field.EMAIL}))))
    stand_in.shop.settle()
    changed, again = pulled(platform.pull(Kind.ORDER, since=last.cursor))
    assert ref in changed
    assert len(changed) < 60
    assert not again.complete


def test_a_bulk_pull_goes_on_from_a_stored_cursor_without_a_new_operation(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 50)
    monkeypatch.setattr(bulk_read, "PER_PAGE", 40)
    pages = platform.pull(Kind.ORDER, since=None)
    first, half = next(pages), [next(pages), next(pages)]
    assert not first.records
    started = stand_in.requests["POST", "mutation bulkOperationRunQuery"]
    rest, last = pulled(platform_of(stand_in).pull(Kind.ORDER, since=half[-1].cursor))
    before = {record.ref for page in half for record in page.records}
    assert len(before | set(rest)) == 240
    assert len(rest) < 240
    assert last.complete
    assert stand_in.requests["POST", "mutation bulkOperationRunQuery"] == started


def test_an_operation_that_is_forgotten_is_run_anew(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 50)
    first = next(platform.pull(Kind.ORDER, since=None))
    cursor = decode(first.cursor, clock_of(stand_in)())
    cursor = cursor.with_slice(0, id="gid://shopify/BulkOperation/404404")
    found, last = pulled(platform.pull(Kind.ORDER, since=cursor.encoded()))
    assert len(found) == 240
    assert last.complete


def test_a_file_whose_address_has_expired_is_made_anew(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 50)
    stand_in.faults.add("expired", match="bulk-results")
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    assert len(found) == 240
    assert stand_in.requests["POST", "mutation bulkOperationRunQuery"] == 2


def test_a_download_that_breaks_off_is_taken_up_where_it_broke(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 50)
    stand_in.faults.add("cut_half", match="bulk-results")
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    assert len(found) == 240
    assert stand_in.requests["POST", "mutation bulkOperationRunQuery"] == 1


def test_a_bulk_read_of_nothing_ends(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", -1)
    start = Cursor(phase="done", next="2031-01-01T00:00:00Z").encoded()
    found, last = pulled(platform.pull(Kind.ORDER, since=start))
    assert found == {}
    assert not last.complete
    assert stand_in.requests["POST", "mutation bulkOperationRunQuery"] == 1


def test_without_read_all_orders_no_pull_counts_as_complete(stand_in: StandIn) -> None:
    limited = platform_of(stand_in, token=stand_in.limited_token)
    found, last = pulled(limited.pull(Kind.ORDER, since=None))
    assert len(found) < 240
    assert not last.complete
    assert "sixty_days" in {problem.code for problem in limited.check().problems}


# Orders.


@pytest.mark.parametrize("bulk_from", [250, 5])
def test_orders_are_blanked_one_by_one_and_in_bulk_alike(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, bulk_from: int
) -> None:
    monkeypatch.setattr(writes, "BULK_FROM", bulk_from)
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    refs = sorted(found, key=lambda ref: ref.id)[:60]
    receipts = list(platform.apply(tasks(platform, refs, Action.REDACT, BLANKED)))
    assert {receipt.outcome for receipt in receipts} <= {Outcome.DONE, Outcome.ALREADY_GONE}
    left = {
        field
        for live in platform.read_back(refs, notes=frozenset())
        for field in from_bits(live.record.present)
    }
    assert not left & BLANKED
    assert stand_in.shop.mails == []


def test_a_second_redaction_finds_nothing_left(platform: Shopify) -> None:
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    refs = list(found)[:10]
    list(platform.apply(tasks(platform, refs, Action.REDACT, BLANKED)))
    again = list(platform.apply(tasks(platform, refs, Action.REDACT, BLANKED)))
    assert {receipt.outcome for receipt in again} == {Outcome.ALREADY_GONE}


def test_every_line_of_a_bulk_mutation_is_read_though_the_job_went_well(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "BULK_FROM", 2)
    monkeypatch.setattr(Standing, "settled", lambda self, tasks: (list(tasks), []))
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    planned = tasks(platform, list(found)[:6], Action.REDACT, frozenset({Field.EMAIL}))
    planned[3].live.raw = {**planned[3].live.raw, "id": "gid://shopify/Order/404404"}
    receipts = list(platform.apply(planned))
    assert [receipt.outcome for receipt in receipts].count(Outcome.DONE) == 5
    # The write did not find it and a look by its id does: it is refused, not gone.
    assert receipts[3].outcome is Outcome.REFUSED


# Customers.


def customers_of(platform: Shopify) -> list[Ref]:
    return list(pulled(platform.pull(Kind.CUSTOMER, since=None))[0])


def test_a_customer_without_orders_is_deleted_and_the_others_are_emptied(platform: Shopify) -> None:
    planned = tasks(platform, customers_of(platform), Action.DELETE)
    free = {task.ref for task in planned if task.live.raw["canDelete"]}
    receipts = {receipt.ref: receipt for receipt in platform.apply(planned)}
    assert all(receipts[ref].outcome is Outcome.DONE for ref in free)
    emptied = [receipt for ref, receipt in receipts.items() if ref not in free]
    assert emptied
    assert all(receipt.reason.startswith("emptied:") for receipt in emptied)
    done = [receipt.ref for receipt in receipts.values() if receipt.outcome is Outcome.DONE]
    assert all_gone(platform.read_back(done, notes=frozenset()))


def kept_customer(platform: Shopify) -> Task:
    """A customer whose orders are all older than 180 days, so that an erasure takes ten."""
    planned = tasks(platform, customers_of(platform), Action.DELETE)
    held = [task for task in planned if not task.live.raw["canDelete"]]
    return min(held, key=lambda task: str(task.live.raw["lastOrder"]["processedAt"]))


def test_an_erasure_is_accepted_with_its_date_and_comes_true(platform: Shopify, stand_in: StandIn) -> None:
    task = kept_customer(platform)
    platform = platform.asking(lambda orders: "")
    (receipt,) = platform.apply([task])
    today = clock_of(stand_in)().date()
    assert (receipt.outcome, receipt.due) == (Outcome.ACCEPTED, today + timedelta(days=10))
    assert receipt.token
    assert not all_gone(platform.read_back([task.ref], notes=frozenset()))
    stand_in.shop.turn(days=11)
    assert all_gone(platform.read_back([task.ref], notes=frozenset()))


@pytest.mark.parametrize("changes", [
    {"firstName": None, "lastName": "Avidentifierad kund", "defaultEmail": None, "defaultPhone": None,
     "addresses": []},
    {"numberOfOrders": "0"},
])  # fmt: skip
def test_an_accepted_erasure_is_not_taken_for_carried_out_while_the_person_or_our_placeholder_is_there(
    platform: Shopify, stand_in: StandIn, changes: dict[str, Any]
) -> None:
    planned = tasks(platform, customers_of(platform), Action.DELETE)
    kept = [task for task in planned if not task.live.raw["canDelete"]]
    # Past 180 days, and not so old that the placeholder alone tells of what is still to be asked for.
    by_age = sorted(kept, key=lambda task: str(task.live.raw["lastOrder"]["processedAt"]))
    oldest = f"{clock_of(stand_in)().year - 5}"
    task = next(task for task in by_age if str(task.live.raw["lastOrder"]["processedAt"]) > oldest)
    platform = platform.asking(lambda orders: "")
    list(platform.apply([task]))
    number = int(task.ref.id)
    if "numberOfOrders" in changes:  # as a newsletter contact looks
        for order in list(stand_in.shop.orders_of.read(number)):
            stand_in.shop.unlink_order(order)
        said = {"marketingState": "SUBSCRIBED", "marketingUpdatedAt": "2023-01-02T10:00:00Z"}
        address = stand_in.shop.customers.read(number)["defaultEmail"]
        changes = {"state": "DISABLED", "defaultEmail": {**address, **said}}
    stand_in.shop.edit_customer(number, **changes)
    # A person's data is there, whatever the profile looks like; of the placeholder alone nothing is left.
    assert all_gone(platform.read_back([task.ref], notes=frozenset())) == ("state" not in changes)
    live = next(platform.before_erasure([task.ref]))
    assert isinstance(live, Live)
    assert live.record.present
    stand_in.shop.turn(days=11)
    assert isinstance(next(platform.before_erasure([task.ref])), Gone)


def test_an_erasure_under_way_is_not_asked_for_again_and_keeps_its_date(
    platform: Shopify, stand_in: StandIn
) -> None:
    task = kept_customer(platform)
    platform = platform.asking(lambda orders: "")
    (receipt,) = platform.apply([task])
    stand_in.shop.turn(days=4)
    platform = platform.asking(lambda orders: "orders_kept")  # for Pending to judge, which can take it back
    asked = Task(live=task.live, action=task.action, fields=task.fields, token=receipt.token)
    (again,) = platform.apply([asked])
    assert (again.outcome, again.due, again.token) == (Outcome.ACCEPTED, receipt.due, receipt.token)
    assert stand_in.requests["POST", "mutation customerRequestDataErasure"] == 1


def test_an_accepted_erasure_is_asked_of_again_and_a_new_order_or_floor_speaks_against_it(
    platform: Shopify, stand_in: StandIn
) -> None:
    task = kept_customer(platform)
    platform = platform.asking(lambda orders: "")
    assert next(iter(platform.apply([task]))).outcome is Outcome.ACCEPTED
    (live,) = platform.read_back([task.ref], notes=frozenset())
    assert platform.reconsider([live]) == {}
    known = int(task.live.raw["numberOfOrders"])
    platform = platform.asking(lambda orders: "orders_not_indexed" if len(orders) > known else "")
    stand_in.shop.place_order(email="disa@kund.example", customer=int(task.ref.id))
    assert platform.reconsider([live]) == {live.ref: "orders_not_indexed"}
    platform = platform.asking(lambda orders: "orders_kept")
    assert platform.reconsider([live]) == {live.ref: "orders_kept"}


def test_the_engine_is_asked_of_every_order_and_may_say_no(platform: Shopify) -> None:
    task = kept_customer(platform)
    asked: list[Ref] = []

    def refuses(orders: Any) -> str:
        asked.extend(orders)
        return "an order is kept by law"

    platform = platform.asking(refuses)
    (receipt,) = platform.apply([task])
    assert "an order is kept by law" in receipt.reason
    assert len(asked) == int(task.live.raw["numberOfOrders"])


def test_a_subscription_behind_an_older_order_that_was_imported_later_is_seen(
    platform: Shopify, stand_in: StandIn
) -> None:
    number = kept_customer(platform).ref
    platform = platform.asking(lambda orders: "")
    new = stand_in.shop.place_order(email="egon@kund.example", customer=int(number.id))
    new["lineItems"][0]["sellingPlan"] = {"__typename": "LineItemSellingPlan", "name": "Varje månad"}
    (task,) = tasks(platform, [number], Action.DELETE)
    task.live.raw["lastOrder"] = {"processedAt": "2015-01-02T10:00:00Z"}
    (receipt,) = platform.apply([task])
    assert receipt.outcome is not Outcome.ACCEPTED
    assert "subscription_may_run" in receipt.reason


def test_no_customer_is_erased_whose_orders_may_not_all_be_seen(stand_in: StandIn) -> None:
    task = kept_customer(platform_of(stand_in))
    platform = platform_of(stand_in, token=stand_in.limited_token)
    platform = platform.asking(lambda orders: "")
    (receipt,) = platform.apply([task])
    assert receipt.outcome is not Outcome.ACCEPTED
    assert "read_all_orders" in receipt.reason


def test_an_erasure_is_taken_back_and_never_carried_out(platform: Shopify, stand_in: StandIn) -> None:
    task = kept_customer(platform)
    platform = platform.asking(lambda orders: "")
    (receipt,) = platform.apply([task])
    assert platform.withdraw(task.ref, receipt.token).outcome is Outcome.STALE
    stand_in.shop.turn(days=30)
    (live,) = platform.read_back([task.ref], notes=frozenset())
    assert Field.EMAIL in from_bits(live.record.present) or Field.NAME in from_bits(live.record.present)


def test_an_erasure_that_nobody_asked_for_cannot_be_taken_back(platform: Shopify) -> None:
    task = kept_customer(platform)
    receipt = platform.withdraw(task.ref, "")
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.reason == "not_being_erased"


def test_an_emptied_customer_is_not_pulled_again(platform: Shopify, stand_in: StandIn) -> None:
    planned = tasks(platform, customers_of(platform), Action.DELETE)
    receipts = list(platform.apply(planned))
    stand_in.shop.settle()
    done = {receipt.ref for receipt in receipts if receipt.outcome is Outcome.DONE}
    assert not done & set(customers_of(platform))


def test_a_newsletter_contact_is_deleted_and_a_buyer_is_only_unsubscribed(platform: Shopify) -> None:
    found, _ = pulled(platform.pull(Kind.SUBSCRIBER, since=None))
    planned = tasks(platform, list(found), Action.DELETE)
    contacts = [
        task for task in planned if task.live.raw["numberOfOrders"] == "0" and task.live.raw["canDelete"]
    ]
    assert {r.outcome for r in platform.apply(contacts)} == {Outcome.DONE}
    left = {task.ref for task in planned} - {task.ref for task in contacts}
    buyers = [task for task in tasks(platform, sorted(left, key=lambda ref: ref.id), Action.UNSUBSCRIBE)
              if task.live.record.facts.status == "subscribed"]  # fmt: skip
    assert {r.outcome for r in platform.apply(buyers)} == {Outcome.STOPPED}
    again = list(platform.read_back([task.ref for task in buyers], notes=frozenset()))
    assert {live.record.facts.status for live in again if isinstance(live, Live)} == {"unsubscribed"}
    assert len(again) == len(buyers)


def test_open_draft_orders_are_deleted(platform: Shopify) -> None:
    found, _ = pulled(platform.pull(Kind.DRAFT_ORDER, since=None))
    receipts = list(platform.apply(tasks(platform, list(found), Action.DELETE)))
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    assert all_gone(platform.fetch(list(found)))


def test_a_customer_with_money_on_a_gift_card_is_owed_it(platform: Shopify, stand_in: StandIn) -> None:
    card = next(card for card in stand_in.shop.gift_cards.values() if card["customer_number"])
    card["enabled"] = True
    card["balance"] = {"amount": "100.0", "currencyCode": "SEK"}
    ref = Ref(adapter="shopify", kind=Kind.CUSTOMER, id=str(card["customer_number"]))
    (live,) = platform.fetch([ref])
    assert live.record.facts.balance


# Connecting, budget, faults.


def test_an_app_buys_a_token_and_another_before_it_lapses(stand_in: StandIn) -> None:
    platform = platform_of(stand_in, token="", key=stand_in.client_id, secret=stand_in.client_secret)
    assert platform.check().can_read
    stand_in.shop.turn(seconds=86_399 - 300)
    assert platform.check().can_read
    bought = [count for (_, name), count in stand_in.requests.items() if "access_token" in name]
    assert sum(bought) == 2


def test_a_wrong_secret_says_what_to_do(stand_in: StandIn) -> None:
    platform = platform_of(stand_in, token="", key=stand_in.client_id, secret="wrong")
    access = platform.check()
    assert not access.reachable
    assert any(problem.en.rstrip().endswith(".") and "key" in problem.en for problem in access.problems)


def test_a_normal_run_is_never_throttled(platform: Shopify, stand_in: StandIn) -> None:
    stand_in.use_plan("Standard")
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    receipts = list(platform.apply(tasks(platform, list(found)[:200], Action.REDACT, BLANKED)))
    assert len(receipts) == 200
    assert platform.throttled == 0


def test_a_throttled_answer_is_waited_out(stand_in: StandIn) -> None:
    slept: list[float] = []
    platform = platform_of(stand_in, slept)
    stand_in.faults.add("throttled", times=2)
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    assert len(found) == 240
    assert len(slept) >= 2


@pytest.mark.parametrize(
    ("fault", "word"),
    [("401", "token"), ("402", "bill"), ("403", "permissions"), ("403_token", "client id"),
     ("404", "myshopify"), ("423", "locked"), ("430", "security")],
)  # fmt: skip
def test_a_refusal_of_shopifys_says_what_to_do(stand_in: StandIn, fault: str, word: str) -> None:
    platform = platform_of(stand_in)
    stand_in.faults.add(fault, times=9)
    with pytest.raises(AccessDenied) as caught:
        list(platform.fetch([Ref(adapter="shopify", kind=Kind.ORDER, id="1")]))
    assert word in str(caught.value)
    assert str(caught.value).rstrip().endswith(".")


@pytest.mark.parametrize("fault", ["internal", "503", "429"])
def test_trouble_that_passes_is_waited_out(stand_in: StandIn, fault: str) -> None:
    stand_in.faults.add(fault)
    found, _ = pulled(platform_of(stand_in).pull(Kind.DRAFT_ORDER, since=None))
    assert found


def test_a_missing_permission_is_named_by_the_check_and_by_the_error(stand_in: StandIn) -> None:
    token = stand_in.token_with({"read_orders", "read_all_orders"})
    platform = platform_of(stand_in, token=token)
    codes = {problem.code for problem in platform.check().problems}
    assert {"missing_scope:read_customers", "missing_scope:write_orders"} <= codes
    with pytest.raises(AccessDenied, match="read_customers"):
        list(platform.pull(Kind.CUSTOMER, since=None))


@pytest.mark.parametrize("kind", ["orders", "customers"])
def test_what_the_app_may_not_see_of_a_person_is_found_out_by_the_check(
    platform: Shopify, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    inner = Client.read

    def read(self: Client, name: str, *args: Any, **named: Any) -> Any:
        if name == f"see_{kind}":
            raise AccessDenied("may not read email.", adapter="shopify", operation=name, code="ACCESS_DENIED")
        return inner(self, name, *args, **named)

    monkeypatch.setattr(Client, "read", read)
    access = platform.check()
    assert not access.can_read
    assert f"protected_data:{kind}" in {one.code for one in access.problems if one.severity == "error"}


def test_another_version_than_asked_for_stops_everything_and_the_check_says_so(
    platform: Shopify, stand_in: StandIn
) -> None:
    stand_in.api.versions = {"2027-04", "2027-07"}
    problems = {problem.code for problem in platform.check().problems}
    assert "other_version" in problems
    with pytest.raises(AccessDenied, match="Update Gallra"):
        list(platform.fetch([Ref(adapter="shopify", kind=Kind.ORDER, id="1")]))


def test_a_call_that_shopify_will_take_away_is_shown_by_the_check(
    platform: Shopify, stand_in: StandIn
) -> None:
    stand_in.faults.add("deprecated")
    problems = {problem.code for problem in platform.check().problems}
    assert any(code.startswith("deprecated:") for code in problems)


def test_a_shop_whose_drafts_could_never_be_read_has_none(stand_in: StandIn) -> None:
    token = stand_in.token_with({"read_orders", "read_all_orders", "read_customers"})
    platform = never_walked(platform_of(stand_in, token=token))
    assert list(platform.pull(Kind.DRAFT_ORDER, since=None)) == []


def never_walked(platform: Shopify) -> Shopify:
    """The platform of a ledger into which nothing was pulled yet."""
    return platform.holding_against(lambda kind: Controls(living=()))


def test_whoever_gets_text_messages_is_unsubscribed_from_them_too(
    platform: Shopify, stand_in: StandIn
) -> None:
    shop = stand_in.shop
    number = next(
        n for n in shop.customers if shop.orders_of.get(n) and shop.customers.read(n)["defaultPhone"]
    )
    said = {"state": "SUBSCRIBED", "optInLevel": "SINGLE_OPT_IN", "updatedAt": "2023-01-02T10:00:00Z"}
    shop.edit_customer(number, defaultPhone={**shop.customers.read(number)["defaultPhone"], **said})
    ref = Ref(adapter="shopify", kind=Kind.SUBSCRIBER, id=str(number))
    (receipt,) = platform.apply(tasks(platform, [ref], Action.UNSUBSCRIBE))
    assert receipt.outcome is Outcome.STOPPED
    assert shop.customers.read(number)["defaultPhone"]["state"] == "UNSUBSCRIBED"
    assert all_gone(platform.fetch([ref]))


def lasting(shop: StandIn, cursor: str) -> Shopify:
    """A platform whose ledger keeps this cursor of the last complete pull."""
    return platform_of(shop).holding_against(lambda kind: replace(controls_of(shop, kind), cursor=cursor))


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CART])
def test_a_pull_says_that_read_all_orders_is_lost_until_all_was_walked_with_it(
    kind: Kind, stand_in: StandIn
) -> None:
    _, whole = pulled(platform_of(stand_in).pull(kind, since=None))
    stand_in.lose("read_all_orders")
    _, first = pulled(lasting(stand_in, whole.cursor).pull(kind, since=whole.cursor))
    _, anew = pulled(lasting(stand_in, whole.cursor).pull(kind, since=None))
    assert (whole.why, first.why, first.complete, anew.why, anew.complete) == (
        "", SCOPE_LOST, False, SCOPE_LOST, False,
    )  # fmt: skip
    stand_in._main.scopes |= {"read_all_orders"}
    again, last = pulled(lasting(stand_in, anew.cursor).pull(kind, since=anew.cursor))
    assert (last.why, last.complete, len(again)) == ("", True, last.counted)


@pytest.mark.parametrize("kind", [Kind.DRAFT_ORDER, Kind.COUPON])
def test_a_kind_that_may_no_longer_be_read_is_no_complete_one(kind: Kind, stand_in: StandIn) -> None:
    _, whole = pulled(platform_of(stand_in).pull(kind, since=None))
    for scope in ("read_draft_orders", "write_draft_orders", "read_gift_cards", "write_gift_cards"):
        stand_in.lose(scope)
    found, last = pulled(lasting(stand_in, whole.cursor).pull(kind, since=whole.cursor))
    assert (found, last.why, last.complete) == ({}, SCOPE_LOST, False)
