"""A platform beside the shop's own that fails, at any point: the shop's part is done all the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connector.errors import AccessDenied, Exit, Rejected, RemoteError, RetryLater
from connector.identity import make_keyer
from connector.ports import Access, Look, Page, Receipt, Task
from connector.records import Facts, Field, Kind, Ref
from connector.stages.run import run_shop
from connector.views.lint.refusing import must_be_sound
from tests.engine_support import LONG_AGO, SUBJECT_KEY, MemoryShop
from tests.unit.stages.opened import Opened

DOWN = (
    RetryLater("mailer: answered 503. Run again.", adapter="mailer", operation="x", status=503),
    RetryLater("mailer: asks to wait. Run again.", adapter="mailer", operation="x", status=429, after=7200.0),
    RetryLater("mailer: gave no answer. Run again.", adapter="mailer", operation="x"),
    Rejected("mailer: answered a page. Check url.", adapter="mailer", operation="x", status=200, code="html"),
    AccessDenied("mailer: answered 401. Check the key.", adapter="mailer", operation="x", status=401),
)
POINTS = ("check", "pull", "fetch", "apply")


class Mailer(MemoryShop):
    """A mailing service with subscribers that fails from a chosen call on."""

    kinds = (Kind.SUBSCRIBER,)

    def __init__(self) -> None:
        super().__init__(make_keyer(SUBJECT_KEY), name="mailer")
        self.breaks: tuple[str, RemoteError] | None = None

    def subscriber(self, id: str) -> None:
        facts = Facts(created=LONG_AGO, modified=LONG_AGO, status="unsubscribed", basis="consent",
                      subscribed=LONG_AGO, unsubscribed=LONG_AGO)  # fmt: skip
        self.put(Kind.SUBSCRIBER, id, {Field.EMAIL: f"reader{id}@kund.example"}, facts, label=id)

    def _at(self, point: str) -> None:
        if self.breaks is not None and self.breaks[0] == point:
            raise self.breaks[1]

    def check(self) -> Access:
        self._at("check")
        return super().check()

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        self._at("pull")
        yield from super().pull(kind, since=since)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        self._at("fetch")
        yield from super().fetch(refs)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        self._at("read_back")
        yield from super().fetch(refs)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        self._at("apply")
        yield from super().apply(tasks)


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """An approved plan with an old order in the shop and an old contact at the mailing service."""
    made = Opened(tmp_path)
    made.beside = [Mailer()]
    made.memory.order("1")
    mailer(made).subscriber("9")
    made.planned()
    return made


def mailer(shop: Opened) -> Mailer:
    found = shop.beside[0]
    assert isinstance(found, Mailer)
    return found


def erased(shop: Opened) -> set[str]:
    return {id for id, *_ in shop.memory.written}


@pytest.mark.parametrize("point", POINTS)
def test_the_shops_part_of_a_plan_is_done_whatever_fails_beside_it(shop: Opened, point: str) -> None:
    mailer(shop).breaks = (point, DOWN[0])
    said = shop.gallra("apply")
    assert said.code == Exit.PARTIAL, said.err
    assert erased(shop) == {"1"}
    assert "mailer was left aside" in said.err


@pytest.mark.parametrize("fault", DOWN[1::2])
def test_whatever_it_fails_with_the_pull_is_partial_and_names_it(shop: Opened, fault: RemoteError) -> None:
    mailer(shop).breaks = ("pull", fault)
    said = shop.gallra("pull")
    assert said.code == Exit.PARTIAL
    assert "mailer subscriber: the service did not answer" in said.err


def test_nothing_of_what_stands_there_is_called_done(shop: Opened) -> None:
    mailer(shop).breaks = ("apply", DOWN[2])
    shop.gallra("apply")
    mailer(shop).breaks = ("read_back", DOWN[2])
    assert "1 read back, 1 clean" in shop.gallra("verify").out


def test_a_kind_that_was_not_read_is_not_planned_and_the_plan_says_so(shop: Opened) -> None:
    mailer(shop).breaks = ("pull", DOWN[0])
    shop.gallra("pull")
    said = shop.gallra("plan")
    assert "the service did not answer" in said.out
    assert "1 to delete" not in said.out


def test_the_next_pull_goes_on_from_where_the_last_one_stood(shop: Opened) -> None:
    mailer(shop).breaks = ("pull", DOWN[0])
    shop.gallra("pull")
    mailer(shop).breaks = None
    mailer(shop).subscriber("10")
    said = shop.gallra("pull")
    assert said.code == Exit.DONE
    assert "mailer subscriber: 1 read" in said.out


def test_what_had_begun_there_waits_for_it_beside_a_new_plan(shop: Opened) -> None:
    mailer(shop).breaks = ("apply", DOWN[0])
    shop.gallra("apply")
    mailer(shop).breaks = ("pull", DOWN[0])
    shop.memory.order("2")
    assert shop.gallra("pull").code == Exit.PARTIAL
    assert shop.gallra("plan").code == Exit.DONE
    mailer(shop).breaks = None
    result = run_shop(shop.open(), must_be_sound)
    assert len(result.applied) == 1
    assert not [ref for ref in mailer(shop).held if ref.id == "9"]


def test_the_shops_own_failure_still_ends_the_run(shop: Opened) -> None:
    shop.memory.fault, shop.memory.fails_after = DOWN[1], 0
    assert shop.gallra("apply").code == Exit.TRY_LATER
