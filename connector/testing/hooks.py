"""What a package gives of a stand-in, and of a recipient, so that it can be held to the suite."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from connector.ports import Act, Delivery, Processor
from connector.records import Outcome
from connector.testing.between import Answer


def not_given(hook: str) -> NoReturn:
    """Skips the test that cannot be run without this hook."""
    pytest.skip(f"`{hook}` is not given: the stand-in cannot show this")


class StandInHooks:
    """What any stand-in can be told to do; a fault lasts until it is taken away.

    `service` is whatever the fixture of that name yields: the stand-in, running, new for every test.
    """

    wrong_key: str = ""
    """A key that the stand-in refuses; empty where it takes any."""

    @pytest.fixture
    def service(self) -> Any:
        """The stand-in, running."""
        raise NotImplementedError("give a fixture `service` that yields the stand-in")

    def busy(self, service: Any) -> None:
        """From now on it asks for patience."""
        not_given("busy")

    def down(self, service: Any) -> None:
        """From now on a page of HTML says that it is not available."""
        not_given("down")

    def silent(self, service: Any) -> None:
        """From now on it is reached, and answers nothing."""
        not_given("silent")

    def cached(self, patch: pytest.MonkeyPatch) -> None:
        """From now on each answer is right, and says that a cache kept it."""
        not_given("cached")


class RecipientHooks(StandInHooks):
    """A recipient, its stand-in and what this can do; `build` and `deliveries` must be given, and `service`.

    A fault lasts until `well`, or for the number of times that is said.
    """

    handles: frozenset[str] = frozenset()
    """Every handle that the shop systems give which this recipient is made for; empty where any may be."""

    by_a_list: frozenset[str] = frozenset()
    """Handles that are looked up in a list, never by an id."""

    nameless: frozenset[str] = frozenset()
    """Handles whose object says nothing of which it is: another's cannot be told from it."""

    written: Outcome = Outcome.BY_HAND
    """What becomes of a notice: by hand where it only lies in a folder, notified where it was sent."""

    under_way: frozenset[Outcome] = frozenset()
    """What a second push may answer besides, where the recipient takes days: accepted still, or done."""

    reading: frozenset[str] = frozenset({"GET", "HEAD"})
    """The requests, as `requests` names them, that change nothing."""

    def build(self, service: Any, folder: Path, key: str | None = None) -> Processor:
        """The recipient against the stand-in, letters in this folder; with this key in place of its own."""
        raise NotImplementedError("give `build`, which makes the recipient")

    def deliveries(self, service: Any) -> list[Delivery]:
        """What the stand-in has, each asked for once, of every kind of delivery that the recipient takes."""
        raise NotImplementedError("give `deliveries`, which the recipient can carry out")

    def by_call(self, delivery: Delivery) -> bool:
        """Whether the recipient is called for this delivery; a notice goes by letter."""
        return delivery.act is not Act.NOTIFY

    def can_be_read_back(self, delivery: Delivery) -> bool:
        """Whether the recipient can ever say what became of this delivery."""
        return self.by_call(delivery)

    def requests(self, service: Any) -> Sequence[str] | None:
        """The name of each request so far, such as its method; None where the stand-in does not count."""
        return None

    def secrets(self, service: Any) -> Sequence[str]:
        """The keys that the recipient is given."""
        return ()

    def misuse(self, service: Any) -> Sequence[object]:
        """What it was asked that no recipient may be: to move money, to bring a person back."""
        not_given("misuse")

    def fail(self, service: Any, value: str, times: int) -> None:
        """The next so many requests that name this value (any, where it is empty) fail inside the service."""
        not_given("fail")

    def lose_answers(self, service: Any) -> None:
        """The next few writes are carried out and their answers lost, but not so many that none comes."""
        not_given("lose_answers")

    def well(self, service: Any) -> None:
        """No fault is left."""
        not_given("well")

    def answer(self, patch: pytest.MonkeyPatch, answer: Answer) -> None:
        """From now on something in between answers this, whatever is asked, until the patch is undone."""
        not_given("answer")

    def forget(self, patch: pytest.MonkeyPatch) -> None:
        """From now on lists are right, and every object asked for by its id is not found."""
        not_given("forget")

    def mix_up(self, patch: pytest.MonkeyPatch) -> None:
        """From now on lists are right, and every object asked for by its id is another; writes do nothing."""
        not_given("mix_up")
