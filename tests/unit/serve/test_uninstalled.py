"""An app that is taken out of a whole stand-in shop, from the signed message to the wiped ledger."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connector.calendar import STOCKHOLM
from connector.errors import PlanError
from connector.ledger import schema
from connector.ledger.inbox import Inbox
from connector.ports.heard import Heard, Topic
from connector.shop import Shop, open_shop
from connector.stages.flow import settle_urgent_messages
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.serve.made import DOMAIN, ENVIRON


class Leaving:
    """A shop's file over a stand-in whose clock, and ours, are turned together or apart."""

    def __init__(self, file: Path, service: StandIn) -> None:
        self.file = file
        self.service = service
        self.ahead = timedelta()
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(f"https://{DOMAIN}", service.url), encoding="utf-8")

    def open(self) -> Shop:
        """The shop as a command opens it; our clock is the service's, and what it is ahead."""
        environ = ENVIRON | {"SHOP_TOKEN": self.service.token}
        now = datetime.fromtimestamp(self.service.shop.now(), STOCKHOLM) + self.ahead
        return open_shop(self.file, environ=environ, clock=lambda: now)

    def hear(self, id: str = "w-1") -> None:
        """A message that the app was uninstalled."""
        shop = self.open()
        inbox = Inbox(shop.ledger, shop.outbox.vault)
        inbox.receive("shopify", Heard(topic=Topic.SHOP_REDACT, id=id))
        shop.ledger.engine.dispose()

    def run(self) -> str:
        """How a run ends: what stopped it, or what it had to say."""
        shop = self.open()
        try:
            settle_urgent_messages(shop)
        except PlanError as stopped:
            return str(stopped)
        finally:
            shop.ledger.engine.dispose()
        return " ".join(shop.notices)

    @property
    def events(self) -> int:
        """How many events the ledger has; a wiped one has one."""
        shop = self.open()
        with shop.ledger.begin() as connection:
            found = connection.scalar(
                select(func.count())
                .select_from(schema.event)
                .where(schema.event.c.type.not_in(("stands", "checkpoint")))
            )
        shop.ledger.engine.dispose()
        return int(found or 0)


@pytest.fixture
def leaving(file: Path) -> Iterator[Leaving]:
    """A small shop, and Gallra beside it."""
    with StandIn(3, 2, 2, datetime(2026, 11, 22, tzinfo=STOCKHOLM).date()) as service:
        yield Leaving(file, service)


def test_an_app_that_stays_out_for_two_days_is_forgotten_and_not_before(leaving: Leaving) -> None:
    leaving.hear()
    leaving.service.uninstall()
    for _ in range(2):
        assert "seems to be uninstalled" in leaving.run()
        leaving.service.shop.turn(days=1)
    assert leaving.events == 2
    leaving.service.shop.turn(seconds=5)
    assert "is deleted" in leaving.run()
    assert leaving.events == 1


def test_an_app_that_is_taken_in_again_closes_the_message(leaving: Leaving) -> None:
    leaving.hear()
    leaving.service.uninstall()
    leaving.run()
    leaving.service.shop.turn(days=3)
    leaving.service.install()
    assert "still answers" in leaving.run()
    leaving.service.uninstall()
    assert leaving.run() == ""


def test_a_machine_whose_clock_is_set_ahead_forgets_nothing_sooner(leaving: Leaving) -> None:
    leaving.hear()
    leaving.service.uninstall()
    for days in (0, 1, 2, 3):
        leaving.ahead = timedelta(days=days)
        assert "Nothing was read, planned or deleted" in leaving.run()


@pytest.mark.parametrize("fault", ["403_html", "html"])
def test_what_stands_in_the_way_is_no_word_of_the_shop(leaving: Leaving, fault: str) -> None:
    leaving.hear()
    leaving.service.uninstall()
    leaving.service.faults.add(fault, times=-1)
    assert "no answer" in leaving.run()


def test_an_app_that_lost_a_permission_is_still_there(leaving: Leaving) -> None:
    leaving.hear()
    leaving.service.lose("read_orders")
    assert "still answers" in leaving.run()
