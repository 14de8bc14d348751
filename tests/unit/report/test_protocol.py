"""What the protocol says of a run."""

from datetime import date

import msgspec
import pytest

from connector.records import Field, Kind, Outcome
from connector.report.blocks import Document, Section
from connector.report.drawn import terminal
from connector.report.protocol.document import compose
from connector.report.protocol.model import Deviation, Protocol, ReadBack, RecipientResult, UntoldView
from connector.report.protocol.verdict import verdict
from connector.report.tables import field_name
from connector.report.todo.model import TaskView
from connector.report.words import Words
from tests.unit.report.examples import PROTOCOL


def changed(**fields: object) -> Protocol:
    """The example with some fields replaced."""
    return msgspec.structs.replace(PROTOCOL, **fields)


def show(view: Protocol, language: str = "sv") -> str:
    """The text of a protocol on one very wide terminal."""
    return terminal(view, language=language, width=300, colour=False)


REFUSED = Deviation(outcome=Outcome.REFUSED, reason="access_denied", count=1)
FAILED = msgspec.structs.replace(PROTOCOL.recipients[1], failed=1)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (changed(read_back=ReadBack(clean=149)), "done"),
        (PROTOCOL, "waiting"),
        (changed(deviations=(REFUSED,)), "deviated"),
        (changed(recipients=(FAILED,)), "deviated"),
        (changed(read_back=None), "unread"),
        (changed(deviations=(REFUSED,), read_back=ReadBack(clean=1, left=1)), "left"),
    ],
)
def test_the_title_says_the_worst_that_happened(view: Protocol, expected: str) -> None:
    assert verdict(view) == expected


def section(document: Document, name: str) -> Section:
    """The section of this name."""
    return next(each for each in document.sections if each.id == name)


def test_records_with_data_left_are_named_at_the_top_with_their_kind() -> None:
    left = ReadBack(clean=147, left=2, left_labels=("order:10398", "customer:10401"))
    warnings = compose(changed(read_back=left), "sv").warnings
    assert warnings is not None
    assert warnings.items == ("order 10398", "kundkonto 10401")


def test_the_outcomes_of_the_waves_sum_to_the_steps() -> None:
    outcomes = section(compose(PROTOCOL, "sv"), "outcomes").blocks[0]
    plain = [int(row.cells[1].text) for row in outcomes.rows if row.role == "plain"]
    assert sum(plain) == int(outcomes.rows[-1].cells[1].text) == 177


def test_the_fields_of_the_rules_sum_to_the_total_shown() -> None:
    rules = section(compose(PROTOCOL, "sv"), "done").blocks[0]
    *rows, total = rules.rows
    assert sum(int(row.cells[2].text) for row in rows) == int(total.cells[2].text) == 311


def test_labels_are_the_honest_ones() -> None:
    rules = section(compose(PROTOCOL, "sv"), "done").blocks[0]
    assert {row.cells[1].text for row in rules.rows[:-1]} == {"blankad", "raderad"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", "blankad, kan återställas t.o.m. 2026-12-06"),
        ("en", "blanked, can be restored until 2026-12-06"),
    ],
)
def test_what_can_be_restored_is_said_to_be_so_and_never_called_gone(language: str, words: str) -> None:
    until = {"restorable_until": date(2026, 12, 6)}
    rules = [msgspec.structs.replace(one, restorable=one.count, **until) for one in PROTOCOL.rules]
    assert words not in show(PROTOCOL, language)
    assert words in show(changed(rules=tuple(rules)), language)


def test_an_accepted_delivery_shows_when_it_is_due() -> None:
    recipients = section(compose(PROTOCOL, "sv"), "recipients").blocks[0]
    mailchimp = recipients.rows[0]
    assert (mailchimp.cells[5].text, mailchimp.cells[5].note) == ("12", "2026-12-02")


def test_deliveries_of_a_recipient_count_each_once() -> None:
    recipient = RecipientResult(
        name="Mailchimp", code="MC", role=PROTOCOL.recipients[0].role, instructed=1, confirmed=2, failed=3
    )
    assert recipient.deliveries == 6


def test_the_previous_hash_or_the_start_of_the_chain_is_shown() -> None:
    assert PROTOCOL.previous in show(PROTOCOL)
    assert "första protokollet i kedjan" in show(changed(previous=""))


def test_unknown_backups_ask_for_an_answer() -> None:
    assert "Ingen har angett när säkerhetskopiorna förstörs" in show(changed(backups_through=None))


def test_backups_are_said_to_be_gone_after_a_date() -> None:
    assert "till och med 22 december 2026" in show(PROTOCOL)


def test_a_stale_step_says_that_it_was_not_touched() -> None:
    assert "ändrad sedan förslaget, inte rörd" in show(PROTOCOL)


def test_who_decided_and_what_carried_it_out_are_both_shown() -> None:
    text = show(PROTOCOL, "en")
    assert "Maja Testsson, ekonomiansvarig, Källans Handel AB" in text
    assert "Gallra 0.1.0" in text


def test_holds_that_nobody_counted_are_not_said_to_be_none() -> None:
    assert "Ingen post väntade." in show(changed(held=()))
    assert "Ingen post väntade." not in show(changed(held=None))
    assert f"den godkända förhandsgranskningen, kod {PROTOCOL.code}" in show(changed(held=None))


def test_what_was_done_stands_first_among_the_outcomes() -> None:
    wave = msgspec.structs.replace(PROTOCOL.waves[0], outcomes=PROTOCOL.waves[0].outcomes[::-1])
    outcomes = section(compose(changed(waves=(wave,)), "en"), "outcomes").blocks[0]
    assert [row.cells[0].text for row in outcomes.rows[1:3]] == [
        "done",
        "changed since the proposal, not touched",
    ]


def test_places_without_known_fields_have_no_column_for_them() -> None:
    bare = tuple(msgspec.structs.replace(each, field=None) for each in PROTOCOL.by_hand)
    table = section(compose(changed(by_hand=bare), "en"), "by_hand").blocks[1]
    assert [column.title for column in table.columns] == ["Place", "Number"]


def test_a_place_of_several_fields_is_said_once() -> None:
    one = PROTOCOL.by_hand[0]
    fields = (Field.EMAIL, Field.PHONE, Field.IP_ADDRESS)
    places = tuple(msgspec.structs.replace(one, field=field) for field in fields)
    other = msgspec.structs.replace(one, field=Field.NAME, count=one.count + 1)
    table = section(compose(changed(by_hand=(*places, other)), "en"), "by_hand").blocks[1]
    assert [row.cells[1].text for row in table.rows] == ["E-mail, phone, IP address", "Name"]


def test_what_a_service_has_not_finished_is_never_called_carried_out() -> None:
    read = ReadBack(clean=149, accepted=3, accepted_due=date(2026, 12, 2))
    page = compose(changed(read_back=read, deviations=()), "en")
    assert page.title == "The deletion has been carried out, but not all of it is finished."
    assert any("has not finished: 3" in each and "2026-12-02" in each for each in page.lead)


def test_a_note_on_a_gift_card_is_not_called_a_note_on_an_order() -> None:
    assert field_name(Field.STAFF_NOTES, Words("sv"), Kind.COUPON) == "Anteckning på presentkortet"
    assert field_name(Field.STAFF_NOTES, Words("sv"), Kind.ORDER) == "Ordernoteringar"


def test_an_empty_protocol_still_answers_every_question() -> None:
    bare = changed(
        rules=(), waves=(), recipients=(), held=(), deviations=(), by_hand=(), read_back=None, chain=""
    )
    assert all(section.blocks for section in compose(bare, "en").sections)


def test_numbers_of_deleted_orders_are_listed_so_that_the_series_explains_itself() -> None:
    listed = section(compose(changed(deleted_orders=("1001", "1002")), "en"), "numbers").blocks
    assert any("1001, 1002" in str(block) for block in listed)
    bare = section(compose(changed(deleted_orders=()), "en"), "numbers").blocks
    assert bare != listed


def test_copies_of_which_nothing_is_known_are_named_in_both_languages() -> None:
    unknown = msgspec.structs.replace(PROTOCOL.recipients[1], failed=3, none_found=3)
    view = changed(recipients=(unknown,))
    assert "kan inte vetas" in show(view)
    assert "cannot be known" in show(view, "en")
    assert verdict(view) == "deviated"


@pytest.mark.parametrize("seen", [ReadBack(clean=1, begun=2), ReadBack(clean=1, left=1, to_begin=2)])
def test_a_run_that_has_not_ended_is_called_so_before_anything_else(seen: ReadBack) -> None:
    assert verdict(changed(read_back=seen)) == "unfinished"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_lost_record_is_named_by_number_with_its_recipient_and_what_closes_it(language: str) -> None:
    one = UntoldView(
        name="Brevbyrån", kind=Kind.ORDER, handle="guest_email", labels=("1042",), deliveries=(7,),
        to=("dpo@brev.example",),
    )  # fmt: skip
    said = show(changed(untold=(one,)), language)
    assert all(word in said for word in ("Brevbyrån", "1042", "dpo@brev.example", "gallra ack 7"))


@pytest.mark.parametrize(("first_run", "said"), [(True, False), (False, True)])
def test_since_the_last_run_is_said_only_where_there_was_one(first_run: bool, said: bool) -> None:
    done = (TaskView(number=1, place="customer_note", adapter="woocommerce", kind=Kind.ORDER, label="7"),)
    text = show(changed(tasks_done=done, first_run=first_run))
    assert ("sedan förra körningen" in text) is said
    assert "Gjort för hand" in text
