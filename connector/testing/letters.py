"""What every recipient must hold to, also one that is told by letter alone."""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.errors import AccessDenied, RemoteError
from connector.ports import Act, Delivery, DeliveryReceipt, Processor, Role, Seen
from connector.ports.processor import TellsRectified
from connector.records import Outcome
from connector.testing.hooks import RecipientHooks, not_given

Receipts = dict[int, DeliveryReceipt]


def push(processor: Processor, deliveries: Sequence[Delivery]) -> Receipts:
    """The receipts by their delivery: one each, and none of anything else."""
    receipts = list(processor.push(deliveries))
    assert sorted(receipt.id for receipt in receipts) == sorted(each.id for each in deliveries)
    return {receipt.id: receipt for receipt in receipts}


def handed_back(deliveries: Sequence[Delivery], receipts: Receipts) -> list[Delivery]:
    """The same deliveries with the tokens the ledger kept of those that were accepted."""
    kept = {id: one.token for id, one in receipts.items() if one.outcome is Outcome.ACCEPTED}
    return [replace(each, token=kept.get(each.id, each.token)) for each in deliveries]


def outcomes(receipts: Receipts) -> set[Outcome]:
    """What came of them, each once."""
    return {receipt.outcome for receipt in receipts.values()}


def files(folder: Path) -> list[Path]:
    """The letters of a folder."""
    return sorted(folder.iterdir())


def told(act: Any, deliveries: Sequence[Delivery]) -> str:
    """All that an act shows of itself: its answers, or its error with everything that this carries."""
    try:
        return repr(list(act(deliveries)))
    except RemoteError as error:
        return str(error) + repr(vars(error))


class LetterSuite(RecipientHooks):
    """Each test is one fact that holds of every recipient."""

    def finished(self) -> set[Outcome]:
        """What nothing is left to do of."""
        return {Outcome.ALREADY_GONE, Outcome.STOPPED, self.written, *self.under_way}

    def writes(self, service: Any) -> int | None:
        """How many requests so far could have changed something; None where nobody counts."""
        asked = self.requests(service)
        return None if asked is None else len([name for name in asked if name not in self.reading])

    def ids_by_letter(self, deliveries: Iterable[Delivery]) -> set[int]:
        """The deliveries that go by letter."""
        return {each.id for each in deliveries if not self.by_call(each)}

    def test_a_second_push_finds_everything_gone_stopped_or_written(
        self, service: Any, tmp_path: Path
    ) -> None:
        deliveries = self.deliveries(service)
        first = push(self.build(service, tmp_path), deliveries)
        wrote, letters = self.writes(service), files(tmp_path)
        second = push(self.build(service, tmp_path), handed_back(deliveries, first))
        assert deliveries
        assert outcomes(first) <= {Outcome.DONE, Outcome.STOPPED, Outcome.ACCEPTED, self.written}
        assert outcomes(second) <= self.finished()
        assert self.writes(service) == wrote
        assert files(tmp_path) == letters

    def test_nothing_that_was_pushed_is_found_still_there(self, service: Any, tmp_path: Path) -> None:
        deliveries = self.deliveries(service)
        processor = self.build(service, tmp_path)
        push(processor, deliveries)
        findings = list(processor.verify(deliveries))
        assert sorted(finding.id for finding in findings) == sorted(each.id for each in deliveries)
        assert {finding.seen for finding in findings} <= {Seen.GONE, Seen.CANNOT_BE_KNOWN}

    def test_only_what_nobody_can_read_back_cannot_be_known(self, service: Any, tmp_path: Path) -> None:
        deliveries = self.deliveries(service)
        processor = self.build(service, tmp_path)
        push(processor, deliveries)
        unknown = {f.id for f in processor.verify(deliveries) if f.seen is Seen.CANNOT_BE_KNOWN}
        assert unknown == {each.id for each in deliveries if not self.can_be_read_back(each)}

    @pytest.mark.parametrize("fault", ["busy", "down", "silent"])
    def test_a_busy_or_silent_service_loses_no_delivery(
        self, service: Any, tmp_path: Path, fault: str
    ) -> None:
        deliveries = self.deliveries(service)
        getattr(self, fault)(service)
        receipts = push(self.build(service, tmp_path), deliveries)
        waiting = {id for id, receipt in receipts.items() if receipt.retry}
        assert waiting == receipts.keys() - self.ids_by_letter(deliveries)
        self.well(service)
        again = push(self.build(service, tmp_path), deliveries)
        assert not [receipt for receipt in again.values() if receipt.retry]

    def test_an_answer_lost_after_the_work_was_done_is_made_good(self, service: Any, tmp_path: Path) -> None:
        deliveries = self.deliveries(service)
        self.lose_answers(service)
        processor = self.build(service, tmp_path)
        receipts = push(processor, handed_back(deliveries, push(processor, deliveries)))
        assert outcomes(receipts) <= self.finished()
        assert Seen.STILL_THERE not in {finding.seen for finding in processor.verify(deliveries)}

    def test_the_others_go_on_when_some_fail(self, service: Any, tmp_path: Path) -> None:
        deliveries = self.deliveries(service)
        failing = next((each.value for each in deliveries if self.by_call(each)), "")
        self.fail(service, failing, 5)
        receipts = push(self.build(service, tmp_path), deliveries)
        good = [receipt for receipt in receipts.values() if not receipt.retry]
        assert len(good) >= len(deliveries) - 5
        assert Outcome.REFUSED not in {receipt.outcome for receipt in good}

    def test_a_refused_key_stops_the_recipient_and_never_its_letters(
        self, service: Any, tmp_path: Path
    ) -> None:
        deliveries = self.deliveries(service)
        processor = self.build(service, tmp_path, self.wrong_key or not_given("wrong_key"))
        by_letter = self.ids_by_letter(deliveries)
        received: list[DeliveryReceipt] = []
        if len(by_letter) < len(deliveries):
            with pytest.raises(AccessDenied, match=r"Check the key.*\.$"):
                received.extend(processor.push(deliveries))
        else:
            received.extend(processor.push(deliveries))
        assert {receipt.id for receipt in received} == by_letter
        assert not self.writes(service)

    def test_no_recipient_is_ever_asked_to_move_money_or_to_bring_a_person_back(
        self, service: Any, tmp_path: Path
    ) -> None:
        deliveries = self.deliveries(service)
        processor = self.build(service, tmp_path)
        push(processor, handed_back(deliveries, push(processor, deliveries)))
        list(processor.verify(deliveries))
        processor.check()
        assert list(self.misuse(service)) == []

    def test_a_check_writes_nothing_and_finds_the_key_good(self, service: Any, tmp_path: Path) -> None:
        access = self.build(service, tmp_path).check()
        assert access.reachable
        assert access.can_read
        assert not self.writes(service)
        assert files(tmp_path) == []

    def test_no_secret_handle_or_address_stands_in_a_log_a_receipt_or_an_error(
        self, service: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        deliveries = self.deliveries(service)
        self.fail(service, "", 20)
        processor = self.build(service, tmp_path)
        shown = repr(push(processor, deliveries)) + told(processor.verify, deliveries)
        if self.wrong_key:
            shown += told(self.build(service, tmp_path, self.wrong_key).push, deliveries)
        shown += caplog.text + repr(processor.check())
        keys = [key for key in (*self.secrets(service), self.wrong_key) if key]
        hidden = [each.value for each in deliveries if not each.value.isdigit()]
        assert not [text for text in [*keys, *hidden] if text in shown]

    def test_interests_use_the_agreed_handles_and_controllers_are_never_told_to_erase(
        self, service: Any, tmp_path: Path
    ) -> None:
        processor = self.build(service, tmp_path)
        assert processor.interests
        for interest in processor.interests:
            assert not self.handles or interest.handle in self.handles
            assert interest.fields or interest.on_delete or interest.asked
            assert processor.role is not Role.CONTROLLER or interest.act is not Act.ERASE

    def test_every_delivery_of_the_suite_is_one_the_recipient_asked_for(
        self, service: Any, tmp_path: Path
    ) -> None:
        wanted = {(i.act, i.kind, i.handle) for i in self.build(service, tmp_path).interests}
        assert {(d.act, d.kind, d.handle) for d in self.deliveries(service)} <= wanted

    def test_a_rectification_is_told_by_letter_and_takes_nothing_there(
        self, service: Any, tmp_path: Path
    ) -> None:
        """Only of a recipient that says it tells of them: of any other the engine leaves it to a hand."""
        processor = self.build(service, tmp_path)
        if not isinstance(processor, TellsRectified):
            pytest.skip("its adapter tells of no rectification: the engine never hands it one")
        notices = [replace(one, act=Act.RECTIFY) for one in self.deliveries(service) if not self.by_call(one)]
        wrote = self.writes(service)
        receipts = push(processor, notices)
        assert outcomes(receipts) <= {Outcome.ACCEPTED, self.written}
        assert self.writes(service) == wrote
        found = [path.read_text("utf-8") for path in files(tmp_path) if path.suffix == ".txt"]
        assert bool(found) == (self.written in outcomes(receipts))
        for text in found:
            assert re.search(r"rätt|rectif", text)
            assert not re.search(r"Radera|blank|Erase", text)

    def test_an_empty_push_asks_nobody(self, service: Any, tmp_path: Path) -> None:
        assert push(self.build(service, tmp_path), []) == {}
        asked = self.requests(service)
        assert not (not_given("requests") if asked is None else asked)
