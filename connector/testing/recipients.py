"""What a recipient must hold to that is told by calls: no answer but its own proves anything."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from connector.errors import RemoteError
from connector.ports import Delivery, Processor, Seen
from connector.records import Outcome
from connector.testing.between import IMPATIENT, IN_BETWEEN, REDIRECTS, Answer
from connector.testing.hooks import not_given
from connector.testing.letters import LetterSuite

PROVEN = frozenset({Outcome.DONE, Outcome.ALREADY_GONE, Outcome.STOPPED})
LONGEST_WAIT = 366 * 86400
"""Seconds; no service that asks for more is believed."""


def believed(processor: Processor, deliveries: Sequence[Delivery]) -> list[object]:
    """What a recipient is said to have done, stopped or lost, by its answers to a push and a verify."""
    found: list[object] = []
    try:
        found += [receipt for receipt in list(processor.push(deliveries)) if receipt.outcome in PROVEN]
        found += [f for f in processor.verify(deliveries) if f.seen in (Seen.GONE, Seen.STILL_THERE)]
    except RemoteError:  # the recipient waits whole
        pass
    return found


class RecipientSuite(LetterSuite):
    """Each test is one fact that holds of every recipient with a service behind it."""

    def without(self, service: Any, handles: Collection[str]) -> list[Delivery]:
        """The deliveries by any other handle."""
        return [each for each in self.deliveries(service) if each.handle not in handles]

    def assert_proves_nothing(
        self, service: Any, folder: Path, patch: pytest.MonkeyPatch, answers: Sequence[Answer]
    ) -> None:
        """None of these answers, given to everything, is taken for the recipient's word."""
        processor, deliveries = self.build(service, folder), self.deliveries(service)
        for answer in answers:
            with patch.context() as between:
                self.answer(between, answer)
                assert believed(processor, deliveries) == [], str(answer)

    def test_what_a_cache_kept_proves_nothing_of_a_recipient(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        processor = self.build(service, tmp_path)
        self.cached(monkeypatch)
        assert believed(processor, self.deliveries(service)) == []

    def test_a_not_found_that_is_said_of_everything_confirms_nothing(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        processor, deliveries = self.build(service, tmp_path), self.without(service, self.by_a_list)
        self.forget(monkeypatch)
        receipts = list(processor.push(deliveries))
        assert not [r for r in receipts if r.outcome in (Outcome.DONE, Outcome.STOPPED)]
        assert not [f for f in processor.verify(deliveries) if f.seen is Seen.GONE]

    def test_what_something_in_between_answers_proves_nothing(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.assert_proves_nothing(service, tmp_path, monkeypatch, IN_BETWEEN)

    def test_a_check_calls_no_key_good_on_what_something_in_between_answered(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        processor = self.build(service, tmp_path)
        for answer in IN_BETWEEN:
            with monkeypatch.context() as between:
                self.answer(between, answer)
                assert not processor.check().can_read, str(answer)

    def test_a_redirect_to_a_login_page_proves_nothing(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.assert_proves_nothing(service, tmp_path, monkeypatch, REDIRECTS)

    def test_nonsense_about_patience_is_waited_out_and_proves_nothing(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        processor, deliveries = self.build(service, tmp_path), self.deliveries(service)
        for answer in IMPATIENT:
            with monkeypatch.context() as between:
                self.answer(between, answer)
                receipts = list(processor.push(deliveries))
                assert all(r.retry for r in receipts if r.outcome is not self.written), str(answer)
                assert all(r.after is None or 0 <= r.after <= LONGEST_WAIT for r in receipts), str(answer)
                assert believed(processor, deliveries) == [], str(answer)

    def test_another_person_s_object_proves_nothing_and_nothing_of_it_is_written(
        self, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        processor = self.build(service, tmp_path)
        deliveries = self.without(service, self.nameless | self.by_a_list)
        self.mix_up(monkeypatch)
        assert believed(processor, deliveries) == []

    def test_a_check_with_a_refused_key_says_so_and_raises_nothing(
        self, service: Any, tmp_path: Path
    ) -> None:
        access = self.build(service, tmp_path, self.wrong_key or not_given("wrong_key")).check()
        assert not access.can_read
        assert [problem.code for problem in access.problems if problem.severity == "error"] == ["key_refused"]

    def test_a_check_of_a_silent_service_says_so_and_raises_nothing(
        self, service: Any, tmp_path: Path
    ) -> None:
        self.silent(service)
        access = self.build(service, tmp_path).check()
        assert (access.reachable, access.can_read) == (False, False)
