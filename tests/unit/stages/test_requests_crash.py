"""The process ends at any write while a request goes its way; typed again, the same end."""

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from connector.ledger.proof.audit import breaks
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.shop import Shop
from tests.engine_support import LAST_YEAR, Crash, Mortal, sealed
from tests.unit.stages.telling import Telling
from tests.unit.stages.test_requests import BY, MINE, OTHERS, typed

# Every point at night, a sample else.
EVERY = 1 if settings().max_examples > 1000 else 24
SHARDS = 2
S = RequestState


class Dying(Telling):
    """A shop whose process may end before any commit of its ledger, whatever command is typed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.mortal = Mortal()
        self.memory.order("1", LAST_YEAR, email=MINE, phone="+46701234567")
        self.memory.order("2", LAST_YEAR, email=OTHERS, phone="+46701234567")
        for words in (("check",), ("pull",), ("plan",)):
            assert self.gallra(*words).code == 0

    def open(self, path: Path | None = None, **more: Any) -> Shop:
        """The shop; its commits are counted where they may end it."""
        shop = super().open(path, **more)
        if self.mortal.at is not None:
            self.mortal.watch(shop.ledger)
        return shop

    @property
    def row(self) -> RequestRow | None:
        """The one request, as it stands."""
        at, self.mortal.at = self.mortal.at, None
        opened = self.open()
        with opened.ledger.begin() as connection:
            rows = Register(opened.ledger).list(connection, every=True)
        self.mortal.at = at
        assert len(rows) <= 1
        return rows[0] if rows else None


def proven(shop: Dying, row: RequestRow) -> None:
    sent = shop.gallra("request", "identify", row.code, "--send").out.strip()
    shop.gallra("request", "identify", row.code, "--code", sent, *BY)


def decided(shop: Dying, row: RequestRow) -> None:
    if not row.kind.erases:
        shop.gallra("request", "answer", row.code, *BY)
        return
    plan = shop.gallra("request", "decide", row.code, "--json").json["plan"]
    shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run")
    shop.gallra("run")


def ran(shop: Dying, row: RequestRow) -> None:
    shop.gallra("run")


def answered(shop: Dying, row: RequestRow) -> None:
    shop.gallra("request", "letter", row.code, "erased")
    shop.gallra("request", "answer", row.code, "--part", *BY)


def lifted(shop: Dying, row: RequestRow) -> None:
    shop.gallra("request", "letter", row.code, "lifting", "--reasons", "The address is right")
    shop.gallra("request", "sent", row.code, "lifting", *BY, "--how", "by post")
    shop.gallra("request", "lift", row.code, *BY)


def scoped(shop: Dying, row: RequestRow) -> None:
    shop.gallra("request", "decide", row.code)


WHAT_AN_OPERATOR_TYPES: Mapping[RequestState, Callable[[Dying, RequestRow], None]] = {
    S.RECEIVED: proven, S.IDENTIFIED: scoped, S.SCOPED: scoped, S.DECIDED: decided, S.APPROVED: ran,
    S.DONE: ran, S.TOLD: ran, S.READ_BACK: answered,
}  # fmt: skip


def went_its_way(shop: Dying, kind: str) -> None:
    """Types what each state asks for, until the request is answered and, restricting, lifted."""
    for _ in range(20):
        row = shop.row
        if row is None:
            typed(shop, MINE, "request", "open", kind, "--person", *BY)
        elif row.state in WHAT_AN_OPERATOR_TYPES:
            WHAT_AN_OPERATOR_TYPES[row.state](shop, row)
        elif row.kind == "restrict" and row.state is S.ANSWERED:
            lifted(shop, row)
        else:
            return
    raise AssertionError("it did not come to an end")


def the_end(shop: Dying) -> tuple[object, ...]:
    """What must not depend on where the process ended."""
    row, opened = shop.row, shop.open()
    assert row is not None
    with opened.ledger.begin() as connection:
        assert list(breaks(connection, opened.ledger.shop, sealed())) == []
    told = {order for order, _ in shop.mailer.told}
    values = {one.ref.id: dict(one.values) for one in shop.memory.held.values()}
    held = shop.gallra("hold", "list").out.splitlines()[-1]
    drafts = sorted(one.stem.rpartition("-")[2] for one in shop.folder.rglob("R-*.txt"))
    return (row.state, row.answer, row.ground, row.kept_until, row.level, values, told, held, drafts)


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("kind", ["erase", "access", "restrict"])
def test_killed_before_any_commit_of_any_arrow_and_typed_again_it_ends_as_if_it_never_was(
    tmp_path: Path, kind: str, shard: int
) -> None:
    calm = Dying(tmp_path / "calm")
    calm.mortal.at = -1
    went_its_way(calm, kind)
    points, calm.mortal.at = calm.mortal.count, None
    assert points > 10
    wanted = the_end(calm)
    for point in itertools.islice(range(1 + shard * (EVERY // SHARDS), points + 1), None, None, EVERY):
        shop = Dying(tmp_path / str(point))
        shop.mortal.at = point
        with suppress(Crash):
            went_its_way(shop, kind)
        assert shop.mortal.dead, point
        shop.mortal = Mortal()
        went_its_way(shop, kind)
        assert the_end(shop) == wanted, point
