"""A request that a platform took on while it refused a part beside it did not go as planned."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from connector.errors import Exit
from connector.identity import make_keyer
from connector.ports import Receipt, Task
from connector.records import Action, Field, Kind, Outcome
from tests.engine_support import SUBJECT_KEY, MemoryShop
from tests.unit.ledger.test_chain import protocol
from tests.unit.stages.opened import Opened


class Keeps(MemoryShop):
    """Takes erasures of accounts on, and keeps a part of each."""

    keeps_part = frozenset({Field.ACCOUNT})

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Each account is accepted; the rest is written."""
        for task in tasks:
            if task.action is Action.DELETE and task.ref.kind is Kind.CUSTOMER:
                yield Receipt(
                    ref=task.ref, outcome=Outcome.ACCEPTED, token="t", due=date(2027, 1, 1),
                    refused=dict.fromkeys(self.keeps_part, "shop_refused"),
                )  # fmt: skip
            else:
                yield from super().apply([task])


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop with one old account, its plan approved."""
    made = Opened(tmp_path)
    made.memory = Keeps(make_keyer(SUBJECT_KEY), name="woocommerce")
    made.memory.customer("9")
    return made


def test_a_part_refused_beside_an_erasure_gives_apply_its_exit_code_and_stands_in_the_protocol(
    opened: Opened,
) -> None:
    opened.planned()
    said = opened.gallra("apply")
    assert said.code == Exit.PARTIAL
    assert "refused a part beside them" in said.err
    opened.gallra("report")
    told = [(one["outcome"], one["reason"], one["count"]) for one in protocol(opened, 1)["deviations"]]
    assert told == [("refused", "not_taken", 1)]


def test_an_erasure_that_is_taken_on_whole_is_no_deviation(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Keeps, "keeps_part", frozenset())
    opened.planned()
    assert opened.gallra("apply").code == Exit.DONE
    opened.gallra("report")
    assert protocol(opened, 1)["deviations"] == []
