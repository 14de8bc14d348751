"""The mailbox against a mail server that does each thing wrong that one can do."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adapters.imap import line
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater
from connector.ports import Gone, Live, Unread
from connector.records import Action, Kind, Outcome
from tests.unit.adapters.imap_support import KEYER, LONG_AGO, Made, mail_server, reasons

MUCH_LATER = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.fixture
def made() -> Iterator[Made]:
    with mail_server() as running:
        yield running


# Which day counts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived", "sent", "day", "told"),
    [
        (LONG_AGO, LONG_AGO, date(2021, 3, 1), False),
        (MUCH_LATER, LONG_AGO, date(2026, 5, 1), True),  # moved to another host: the server's day is new
        (LONG_AGO, MUCH_LATER, date(2026, 5, 1), True),  # the sender says a later day
        (LONG_AGO, LONG_AGO + timedelta(days=3), date(2021, 3, 4), False),
    ],
)
def test_a_message_counts_from_the_later_of_its_two_days(
    made: Made, arrived: datetime, sent: datetime, day: date, told: bool
) -> None:
    made.add(arrived=arrived, sent=sent)
    record = made.records()[0]
    assert record.facts.created == day
    assert [one.code for one in record.surprises] == ["dates_apart"] * told


@pytest.mark.parametrize("written", [b"", b"Date: yesterday\r\n", b"Date: Mon, 1 Jan 9999 99:99:99\r\n"])
def test_without_a_date_of_the_sender_s_the_day_of_arrival_counts(made: Made, written: bytes) -> None:
    made.put(b"From: a@kund.example\r\n" + written + b"\r\nHej")
    assert made.records()[0].facts.created == LONG_AGO.date()


# Whose it is ---------------------------------------------------------------------------------


def owner(address: str) -> list[bytes | None]:
    return [KEYER("email", address)] if address else []


@pytest.mark.parametrize(
    ("headers", "whose", "others"),
    [
        ("From: Anna <ANNA@kund.example>\r\nTo: kundtjanst@sandbutiken.example", "anna@kund.example", []),
        ("From: kundtjanst@sandbutiken.example\r\nTo: anna@kund.example", "anna@kund.example", []),
        ("From: kundtjanst@sandbutiken.example\r\nReply-To: anna@kund.example\r\n"
         "To: kundtjanst@sandbutiken.example", "anna@kund.example", []),
        ("From: anna@kund.example\r\nCc: bo@kund.example", "anna@kund.example", ["bo@kund.example"]),
        ("From: kundtjanst@sandbutiken.example\r\nTo: anna@kund.example, bo@kund.example", "",
         ["anna@kund.example", "bo@kund.example"]),
        ("From: anna@kund.example, bo@kund.example", "", ["anna@kund.example", "bo@kund.example"]),
        ("From: anna@kund.example\r\nFrom: bo@kund.example", "", ["anna@kund.example", "bo@kund.example"]),
        ('From: "bo@kund.example" <anna@kund.example>', "anna@kund.example", []),
        ("From: =?utf-8?q?=C3=85sa?= <asa@kund.example>", "asa@kund.example", []),
        ("From: Undisclosed recipients:;", "", []),
        ("From: kundtjanst@sandbutiken.example\r\nTo: kundtjanst@sandbutiken.example", "", []),
        ("Subject: x", "", []),
    ],
)  # fmt: skip
def test_a_message_is_its_one_writer_s_or_only_reader_s_and_nobody_is_joined_to_another(
    made: Made, headers: str, whose: str, others: list[str]
) -> None:
    made.put(headers.encode() + b"\r\nDate: Mon, 01 Mar 2021 10:00:00 +0000\r\n\r\nHej")
    record = made.records()[0]
    assert [one.digest for one in record.identifiers] == owner(whose)
    assert {one.digest for one in record.also_of} == {KEYER("email", one) for one in others}


def test_a_whole_domain_can_be_the_shop_s_own() -> None:
    with mail_server(own=["@sandbutiken.example"]) as made:
        made.add("Lager <lager@sandbutiken.example>", to="anna@kund.example")
        assert [one.digest for one in made.records()[0].identifiers] == owner("anna@kund.example")


# What may be a voucher -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "held"),
    [
        ({"text": "Hej, var är paketet?\n"}, "sender"),
        ({"text": "Se https://faktura.example/17\n"}, "content"),
        ({"text": "Se WWW.faktura.example\n"}, "content"),
        ({"text": "Hej\n", "attached": True}, "content"),
        ({"text": "Hej\n", "html": "<p>Hej</p>"}, "content"),  # what stands in it was not seen
    ],
)
def test_in_a_folder_that_is_not_declared_a_message_is_held_for_what_it_may_hold(
    made: Made, letter: dict[str, Any], held: str
) -> None:
    made.add(folder="info", **letter)
    made.add(folder="support", **letter)
    found = {one.ref.id.partition(":")[0]: one.facts.may_be_voucher for one in made.records()}
    assert found == {"info": held, "support": ""}


def test_in_a_declared_folder_a_message_that_is_nobody_s_is_held_all_the_same(made: Made) -> None:
    made.put(b"From: a@x.example, b@x.example\r\n\r\nHej")
    assert made.records()[0].facts.may_be_voucher == "sender"


def test_a_text_that_the_search_left_out_may_have_a_link(made: Made) -> None:
    uid = made.add(folder="info")
    made.faults.add("leaves_out", "NOT BODY", times=-1, row=uid)
    assert [one.facts.may_be_voucher for one in made.records()] == ["content"]


@pytest.mark.parametrize("coding", ["base64", "quoted-printable"])
def test_a_text_that_is_not_written_out_is_not_searched(made: Made, coding: str) -> None:
    head = f"From: a@kund.example\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    made.put(head.encode() + b"aHR0cHM6Ly94LmV4YW1wbGU=", folder="info")
    assert made.records()[0].facts.may_be_voucher == "content"


def test_a_flagged_message_is_an_open_case(made: Made) -> None:
    made.add(flags=["\\Flagged"])
    assert made.records()[0].facts.return_open


def test_news_of_another_message_changes_no_flag_of_one_that_was_asked_for(made: Made) -> None:
    """A server may say `* 1 FETCH (FLAGS ())` of its own accord: 1 is a position there, and no UID."""
    made.folder().next_uid = 1
    made.add(flags=["\\Flagged"])
    made.folder().mails.insert(0, made.folder().mails.pop())
    made.add()
    made.folder().mails.reverse()  # position 1 is UID 2, position 2 is UID 1
    made.faults.add("news", times=-1)
    open_cases = {one.ref.id.split(":")[2]: one.facts.return_open for one in made.records()}
    assert open_cases == {"1": True, "2": False}


# Nothing personal is kept --------------------------------------------------------------------


def test_no_address_subject_or_name_stands_in_a_record(made: Made) -> None:
    made.add("Hemlig Person <hemlig@kund.example>", subject="Mitt ärende", more={"Cc": "vän@kund.example"})
    said = str(made.records()) + str(made.platform().identity())
    assert not [one for one in ("hemlig", "Hemlig", "ärende", "kund.example", "sandbutiken") if one in said]


def test_a_mail_server_s_own_words_reach_no_log_and_no_error(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made.add("Hemlig Person <hemlig@kund.example>")
    made.records()
    made.settings["password"] = "wrong-secret"
    with pytest.raises(AccessDenied) as raised:
        made.records()
    told = caplog.text + str(raised.value)
    assert not [one for one in ("hemlig", "wrong-secret", "sandbutiken", "may not") if one in told]
    assert raised.value.__suppress_context__


# Numbers that change -------------------------------------------------------------------------


def test_a_folder_that_was_renumbered_makes_every_message_unread_and_nothing_is_written(made: Made) -> None:
    made.add()
    made.add(number="other")
    tasks = made.tasks()
    made.folder().renumber()
    assert reasons(made.looks([one.ref for one in tasks])) == {"uidvalidity_changed"}
    receipts = made.apply(tasks)
    assert {one.reason for one in receipts.values()} == {"unread:uidvalidity_changed"}
    assert {one.outcome for one in receipts.values()} == {Outcome.REFUSED}
    assert [mail.flags for mail in made.folder().mails] == [set(), set()]


def test_a_folder_that_is_renumbered_in_the_middle_of_an_apply_is_not_written_to(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.faults.add("renumber", "SELECT")
    assert {one.reason for one in made.apply(tasks).values()} == {"unread:uidvalidity_changed"}
    assert made.box.expunged == []


def test_a_renumbered_folder_is_read_from_its_beginning_under_its_new_numbers(made: Made) -> None:
    made.add()
    pages = list(made.platform().pull(Kind.SUPPORT_MESSAGE, since=None))
    made.folder().renumber()
    again = list(made.platform().pull(Kind.SUPPORT_MESSAGE, since=pages[-1].cursor))
    assert [one.ref.id.split(":")[1] for page in again for one in page.records] == ["1001"]


def test_a_folder_that_is_renumbered_in_the_middle_of_a_pull_is_read_from_its_beginning(made: Made) -> None:
    made.add()
    made.add(folder="info")
    pages = made.platform().pull(Kind.SUPPORT_MESSAGE, since=None)
    first = next(iter(pages))
    made.folder("info").renumber()
    rest = [one.ref.id.split(":")[:2] for page in pages for one in page.records]
    assert len(first.records) == 1
    assert rest == [["info", "2001"]]


def test_an_old_number_that_names_another_message_is_not_believed(made: Made) -> None:
    """A server that keeps its UIDVALIDITY and hands its UIDs out anew breaks RFC 3501: the sign tells."""
    made.add(number="first")
    tasks = made.tasks()
    kept = made.folder().mails[0].uid
    made.folder().mails.clear()
    made.folder().next_uid = kept
    made.add(number="second")
    assert reasons(made.looks([tasks[0].ref])) == {"other_answer"}
    assert {one.reason for one in made.apply(tasks).values()} == {"unread:other_answer"}
    assert len(made.folder().mails) == 1


# A server that says what is not so -----------------------------------------------------------


def test_another_message_under_the_uid_that_was_asked_for_is_unread_and_not_written(made: Made) -> None:
    for number in range(3):
        made.add(number=f"n{number}")
    tasks = made.tasks()
    made.faults.add("other_message", "FETCH", times=-1)
    assert reasons(made.looks([one.ref for one in tasks])) == {"other_answer"}
    assert {one.outcome for one in made.apply(tasks).values()} == {Outcome.REFUSED}
    assert made.box.expunged == []


def test_an_answer_about_another_uid_is_no_answer(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.faults.add("other_uid", "FETCH", times=-1)
    assert reasons(made.looks([tasks[0].ref])) == {"no_control"}


def test_one_that_a_fetch_leaves_out_is_not_gone_while_the_list_has_it(made: Made) -> None:
    uid = made.add()
    made.add(number="other")
    refs = [one.ref for one in made.records()]
    made.faults.add("drops", "FETCH", times=-1, row=uid)
    assert reasons(made.looks(refs)) == {"no_control"}


def test_one_that_both_leave_out_is_not_gone_while_the_folder_counts_it(made: Made) -> None:
    uid = made.add()
    made.add(number="other")
    refs = [one.ref for one in made.records()]
    made.faults.add("drops", "FETCH", times=-1, row=uid)
    made.faults.add("leaves_out", "SEARCH", times=-1, row=uid)
    assert reasons(made.looks(refs)) == {"no_control"}


def test_a_count_and_a_list_that_differ_for_a_moment_are_asked_for_again(made: Made) -> None:
    made.add()
    other = made.add(number="other")
    refs = [one.ref for one in made.records()]
    made.folder().mails.pop(0)
    made.faults.add("leaves_out", "ALL", row=other)
    assert [type(look) for look in made.looks(refs).values()] == [Gone, Live]


def test_a_list_that_leaves_a_message_out_makes_the_pull_miss_it(made: Made) -> None:
    uid = made.add()
    made.add(number="other")
    made.faults.add("leaves_out", "SEARCH", times=-1, row=uid)
    pages = list(made.platform().pull(Kind.SUPPORT_MESSAGE, since=None))
    assert sum(len(page.records) for page in pages) == 1
    assert pages[-1].complete
    assert pages[-1].counted == 2


def test_an_ok_without_a_removal_is_refused_and_the_mark_is_taken_back(made: Made) -> None:
    made.add()
    made.faults.add("says_ok", "EXPUNGE", times=-1)
    assert {(one.outcome, one.reason) for one in made.apply().values()} == {(Outcome.REFUSED, "still_there")}
    assert [mail.flags for mail in made.folder().mails] == [set()]


def test_a_removal_that_moves_to_the_trash_is_not_done_and_a_hand_is_told(made: Made) -> None:
    made.add()
    made.faults.add("to_trash", "EXPUNGE", times=-1)
    receipt = next(iter(made.apply().values()))
    assert (receipt.outcome, receipt.reason, receipt.places) == (
        Outcome.BY_HAND, "moved_to_trash", ("imap_trash",)
    )  # fmt: skip
    assert receipt.by_hand


def test_a_copy_that_lay_in_the_trash_before_is_no_move(made: Made) -> None:
    made.add(number="same")
    made.put(made.folder().mails[0].raw, folder="trash")
    assert {one.outcome for one in made.apply().values()} == {Outcome.DONE}


def test_what_lies_in_a_trash_that_is_not_named_is_told_by_the_check(made: Made) -> None:
    made.add(folder="trash")
    assert "trash_not_named" in {one.code for one in made.platform().check().problems}


# A server that cannot ------------------------------------------------------------------------


def test_without_uidplus_nothing_is_marked_and_everything_is_listed_for_a_hand(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.faults.add("no_uidplus", times=-1)
    receipt = next(iter(made.apply(tasks).values()))
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "no_uidplus")
    assert made.server.requests["IMAP", "UID STORE"] == 0
    access = made.platform().check()
    assert access.can_read
    assert access.can_write is None  # it is read and planned all the same: a hand does what is due
    assert "no_uidplus" in {one.code for one in access.problems}


def test_a_folder_that_can_only_be_read_is_left_for_a_hand(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.faults.add("read_only", times=-1)
    assert {one.reason for one in made.apply(tasks).values()} == {"read_only"}


def test_what_others_have_marked_is_never_removed(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    theirs = made.add(number="theirs", flags=["\\Deleted"])
    assert {one.outcome for one in made.apply(tasks).values()} == {Outcome.DONE}
    assert [mail.uid for mail in made.folder().mails] == [theirs]
    assert made.box.misuse == []


def test_a_message_that_was_flagged_since_the_fetch_is_stale(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.folder().mails[0].flags.add("\\Flagged")
    assert {one.outcome for one in made.apply(tasks).values()} == {Outcome.STALE}
    assert made.box.expunged == []


def test_one_of_a_folder_that_is_named_no_more_is_unread(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.settings["folders"] = {"info": "INBOX/Info"}
    assert reasons(made.looks([tasks[0].ref])) == {"folder_not_named"}
    assert {one.reason for one in made.apply(tasks).values()} == {"unread:folder_not_named"}


def test_a_folder_that_is_not_there_stops_the_adapter_and_is_told_by_the_check(made: Made) -> None:
    made.settings["folders"] = {"support": "INBOX/Kundtjanst"}
    with pytest.raises(AccessDenied):
        made.records()
    access = made.platform().check()
    assert not access.can_read
    assert "folder_missing" in {one.code for one in access.problems}


def test_nothing_but_a_removal_is_done_to_a_message(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    for task in tasks:
        task.action = Action.REDACT
    assert {one.reason for one in made.apply(tasks).values()} == {"goes_only_whole"}


# A connection that breaks --------------------------------------------------------------------


@pytest.mark.parametrize("command", ["UID FETCH", "UID STORE", "UID EXPUNGE", "SELECT", "UID SEARCH", "LIST"])
@pytest.mark.parametrize("how", ["cut", "cut_after"])
def test_a_connection_that_breaks_at_any_command_comes_to_the_same_end(
    made: Made, command: str, how: str
) -> None:
    for number in range(4):
        made.add(number=f"n{number}")
    tasks = made.tasks()
    made.faults.add(how, command)
    receipts = made.apply(tasks)
    assert {one.outcome for one in receipts.values()} == {Outcome.DONE}
    assert len(receipts) == 4
    assert made.folder().mails == []
    assert len(made.box.expunged) == 4


def test_a_connection_that_breaks_again_and_again_leaves_the_rest_to_the_next_run(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.faults.add("cut", "UID EXPUNGE", times=-1)
    with pytest.raises(RetryLater):
        made.apply(tasks)
    made.faults.clear()
    assert {one.outcome for one in made.apply(made.tasks()).values()} == {Outcome.DONE}


@pytest.mark.parametrize("kind", ["cut", "cut_after"])
def test_a_pull_goes_on_where_its_connection_broke(made: Made, kind: str) -> None:
    for number in range(5):
        made.add(number=f"n{number}")
    made.faults.add(kind, "UID FETCH")
    assert len(made.records()) == 5


# Answers that are none -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["garbage", "deep"])
def test_an_answer_that_cannot_be_read_is_refused_in_a_sentence(made: Made, kind: str) -> None:
    made.add()
    made.faults.add(kind, "FETCH", times=-1)
    with pytest.raises(Rejected):
        made.records()


@pytest.mark.parametrize("kind", ["endless", "huge"])
def test_an_answer_without_an_end_is_cut_off(
    made: Made, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LARGEST", 2**20)
    made.add()
    made.faults.add(kind, "FETCH", times=-1)
    with pytest.raises(RetryLater):
        made.records()


def test_an_exchange_that_takes_too_long_is_cut_off(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "SECONDS", 0.3)
    monkeypatch.setattr(line, "LARGEST", 2**40)
    made.faults.add("endless", "FETCH", times=-1)
    made.add()
    with pytest.raises(RetryLater):
        made.records()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n\r\n", b"\0\0\0\r\n\r\n\0", b"From: \xff\xfe <\xff@kund.example>\r\n\r\nx",
        b"From: a@kund.example\r\nTo: " + b"b@x.example, " * 9000 + b"\r\n\r\nx",
        b"From: " + b"(" * 4000 + b"a@kund.example\r\n\r\nx",
        b"From: =?utf-8?b?////?= <a@kund.example>\r\n\r\nx",
        b"From: a@kund.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x--",
    ],
)  # fmt: skip
def test_whatever_a_message_is_made_of_it_is_read_and_never_guessed(made: Made, raw: bytes) -> None:
    made.put(raw, folder="info")
    made.add(folder="info", number="sound")
    records = made.records()
    assert len(records) == 2
    assert {type(look) for look in made.looks([one.ref for one in records]).values()} == {Live}
    assert all(one.facts.may_be_voucher for one in records)


def test_messages_with_the_same_id_are_two(made: Made) -> None:
    made.add(number="same")
    made.add(number="same")
    tasks = made.tasks()
    assert len({one.ref for one in tasks}) == 2
    assert {one.outcome for one in made.apply(tasks[:1]).values()} == {Outcome.DONE}
    assert len(made.folder().mails) == 1
    looks = made.looks([one.ref for one in tasks])
    assert isinstance(looks[tasks[0].ref], Gone)
    assert isinstance(looks[tasks[1].ref], Live)


def test_a_check_writes_nothing_and_raises_nothing(made: Made) -> None:
    made.server.stop()
    access = made.platform().check()
    assert not access.reachable
    assert access.problems[0].later


def test_every_reading_opens_the_folder_for_reading_only(made: Made) -> None:
    made.add()
    made.looks()
    made.platform().check()
    assert made.server.requests["IMAP", "SELECT"] == 0


def test_a_gone_message_is_gone_where_the_folder_is_empty(made: Made) -> None:
    made.add()
    tasks = made.tasks()
    made.folder().mails.clear()
    assert {type(look) for look in made.looks([tasks[0].ref]).values()} == {Gone}


def test_an_unread_reason_names_no_person(made: Made) -> None:
    made.add()
    ref = made.records()[0].ref
    made.folder().renumber()
    look = made.looks([ref])[ref]
    assert look == Unread(ref=ref, reason="uidvalidity_changed")


def test_a_cursor_that_is_none_is_refused(made: Made) -> None:
    with pytest.raises(RemoteError):
        made.records(since="{")
