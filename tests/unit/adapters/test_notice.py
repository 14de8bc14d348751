"""The written notice: when a letter leaves, what stands in it, and that no line stands in two."""

import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.notice import build, expire
from adapters.notice.box import read_all
from adapters.notice.mail import MailServer as Server
from adapters.notice.mail import send
from adapters.notice.period import collecting, leaves
from connector.errors import AccessDenied, SettingsError
from connector.ports import Delivery, DeliveryReceipt, Seen
from connector.records import Field, Kind, Outcome
from connector.registry import channel_of
from tests.unit.adapters.told import NOON, clock_at, delivery, letter_settings

DECEMBER = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


def push(
    folder: Path, *deliveries: Delivery, at: datetime = NOON, **changes: Any
) -> dict[int, DeliveryReceipt]:
    recipient = build(letter_settings(folder, **changes), clock=clock_at(at))
    return {receipt.id: receipt for receipt in recipient.push(deliveries)}


def klarna(id: int = 1, value: str = "7849fd84-47dc-4919", **changes: Any) -> Delivery:
    return delivery(id=id, handle="klarna_order", value=value, **changes)


def letters(folder: Path, kind: str = "txt") -> list[str]:
    return [path.read_text("utf-8") for path in sorted(folder.glob(f"*.{kind}"))]


def test_a_letter_that_only_lies_in_the_folder_is_left_to_a_hand(tmp_path: Path) -> None:
    receipts = push(tmp_path, klarna(1), klarna(2, "8950ab-22"))
    assert {receipt.outcome for receipt in receipts.values()} == {Outcome.BY_HAND}
    (text,) = letters(tmp_path)
    assert "7849fd84-47dc-4919" in text
    assert "8950ab-22" in text


def test_a_monthly_letter_waits_for_the_first_of_the_next_month(tmp_path: Path) -> None:
    receipt = push(tmp_path, klarna(), period="monthly")[1]
    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.due == date(2026, 12, 1)
    assert receipt.token == "letter:KL:2026-11"
    assert letters(tmp_path) == []


def test_a_waiting_delivery_is_written_when_it_is_handed_back_on_its_day(tmp_path: Path) -> None:
    waiting = push(tmp_path, klarna(), period="monthly")[1]
    receipt = push(tmp_path, klarna(token=waiting.token), at=DECEMBER, period="monthly")[1]
    assert receipt.outcome is Outcome.BY_HAND
    assert len(letters(tmp_path)) == 1


def test_a_delivery_handed_back_too_early_keeps_its_day(tmp_path: Path) -> None:
    receipt = push(tmp_path, klarna(token="letter:KL:2026-11"), period="monthly")[1]
    assert (receipt.outcome, receipt.due) == (Outcome.ACCEPTED, date(2026, 12, 1))


def test_new_lines_of_december_do_not_join_the_letter_of_november(tmp_path: Path) -> None:
    receipts = push(
        tmp_path, klarna(1, token="letter:KL:2026-11"), klarna(2, "8950ab-22"), at=DECEMBER, period="monthly"
    )
    assert receipts[1].outcome is Outcome.BY_HAND
    assert receipts[2].due == date(2027, 1, 1)
    assert "8950ab-22" not in letters(tmp_path)[0]


def test_the_month_turns_at_midnight_in_stockholm(tmp_path: Path) -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert push(tmp_path, klarna(token="letter:KL:2026-11"), at=late, period="monthly")[1].outcome is (
        Outcome.BY_HAND
    )


def test_a_yearly_letter_waits_for_new_year(tmp_path: Path) -> None:
    receipt = push(tmp_path, klarna(), period="yearly")[1]
    assert (receipt.due, receipt.token) == (date(2027, 1, 1), "letter:KL:2026")


def test_december_is_followed_by_january() -> None:
    assert leaves(collecting(date(2026, 12, 31), "monthly")) == date(2027, 1, 1)


def test_a_repeated_push_writes_no_second_letter(tmp_path: Path) -> None:
    first = push(tmp_path, klarna(1), klarna(2, "8950ab-22"))
    before = sorted(path.name for path in tmp_path.iterdir())
    second = push(tmp_path, klarna(1), klarna(2, "8950ab-22"))
    assert first == second
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_line_already_written_does_not_come_again_with_a_new_one(tmp_path: Path) -> None:
    push(tmp_path, klarna(1))
    receipts = push(tmp_path, klarna(1), klarna(2, "8950ab-22"))
    assert {receipt.outcome for receipt in receipts.values()} == {Outcome.BY_HAND}
    assert receipts[1].token != receipts[2].token
    assert sum(text.count("7849fd84-47dc-4919") for text in letters(tmp_path)) == 1


def test_a_letter_that_a_crash_left_half_written_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = Path.replace

    def power_cut(self: Path, target: Path) -> Path:
        if str(target).endswith(".json"):
            raise KeyboardInterrupt
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(KeyboardInterrupt):
        push(tmp_path, klarna())
    monkeypatch.undo()
    assert list(read_all(tmp_path)) == []
    assert push(tmp_path, klarna())[1].outcome is Outcome.BY_HAND
    assert len(letters(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "letters"
    blocked.write_text("a file, not a folder")
    with pytest.raises(SettingsError, match="make the folder writable"):
        push(blocked, klarna())


def test_without_a_folder_the_notice_is_left_to_a_hand(tmp_path: Path) -> None:
    recipient = build(letter_settings(tmp_path) | {"folder": None}, clock=clock_at())
    (receipt,) = recipient.push([klarna()])
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "letter_folder_missing")


@pytest.mark.parametrize("value", ["anna@mejl.example", "Anna Svensson", "1001\nAnna", "", "<b>"])
def test_what_is_no_reference_never_stands_in_a_letter(tmp_path: Path, value: str) -> None:
    receipt = push(tmp_path, klarna(value=value))[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "reference_not_an_id")
    assert letters(tmp_path) == []


def test_a_notice_to_a_controller_is_for_information_under_article_19(tmp_path: Path) -> None:
    push(tmp_path, klarna())
    (text,) = letters(tmp_path)
    assert "för kännedom" in text
    assert "artikel 19" in text
    assert "innebär ingen instruktion" in re.sub(r"\s+", " ", text)
    assert "raderade eller blankade hos oss" in re.sub(r"\s+", " ", text)


def test_a_letter_to_a_processor_is_an_instruction_to_be_confirmed(tmp_path: Path) -> None:
    push(tmp_path, delivery(), code="HD", name="helpdesk", title="Svarstjänst AB", role="processor")
    (text,) = letters(tmp_path)
    assert "Instruktion till personuppgiftsbiträde" in text
    assert "Bekräfta skriftligt" in text
    assert "underbiträden" in text


def test_an_instruction_names_its_day_the_agreement_return_or_erasure_and_article_28_3_a(
    tmp_path: Path,
) -> None:
    given = {"code": "HD", "name": "helpdesk", "title": "Svarstjänst AB", "role": "processor"}
    push(tmp_path, delivery(), **given, agreement="2025-03-01")
    (text,) = letters(tmp_path)
    said = re.sub(r"\s+", " ", text)
    for expected in ("2025-03-01", "28.3 a", "senast den 2026-12-22", "återlämna", "28.3 g"):
        assert expected in said, expected


def test_an_instruction_without_an_agreement_s_day_says_which_key_is_missing(tmp_path: Path) -> None:
    push(tmp_path, delivery(), code="HD", name="helpdesk", title="Svarstjänst AB", role="processor")
    (text,) = letters(tmp_path)
    assert "recipients.helpdesk.agreement" in text


def test_a_shop_s_name_never_stands_in_for_the_controller_on_a_letter(tmp_path: Path) -> None:
    push(tmp_path, klarna(), company="")
    (text,) = letters(tmp_path)
    assert text.splitlines()[0] == "[den personuppgiftsansvariges namn fylls i: company.name]"


def test_an_english_letter_says_for_your_information(tmp_path: Path) -> None:
    push(tmp_path, klarna(), language="en")
    (text,) = letters(tmp_path)
    assert "for your information" in text
    assert "Klarna order id" in text


def test_a_letter_names_both_sides_our_reference_the_categories_and_the_days(tmp_path: Path) -> None:
    gone = klarna(fields=frozenset({Field.EMAIL, Field.NAME}), copy_gone_by=date(2026, 12, 6))
    receipt = push(tmp_path, gone)[1]
    (text,) = letters(tmp_path)
    for expected in (
        "Ullboden AB", "556677-8899", "Klarna Bank AB", "integritet@ullboden.example",
        "namn, e-postadress", "2026-11-20", "2026-12-06", "Datum: 2026-11-22", receipt.token.split(":")[1],
    ):  # fmt: skip
        assert expected in text


def test_a_letter_speaks_of_the_recipients_copy_only_where_the_shop_gives_it_a_day(tmp_path: Path) -> None:
    push(tmp_path, klarna())
    (text,) = letters(tmp_path)
    assert "borta hos er" not in text
    assert "Säkerhetskopia" not in text
    push(tmp_path / "dated", klarna(copy_gone_by=date(2026, 12, 6)))
    assert "Enligt vår policy borta hos er senast" in letters(tmp_path / "dated")[0]


def test_a_record_that_went_whole_is_said_to_have(tmp_path: Path) -> None:
    push(tmp_path, klarna(fields=frozenset()))
    assert "hela posten" in letters(tmp_path)[0]


def test_fields_of_one_order_that_went_the_same_day_share_a_line(tmp_path: Path) -> None:
    push(tmp_path, klarna(1, fields=frozenset({Field.PHONE})), klarna(2, fields=frozenset({Field.NAME})))
    (text,) = letters(tmp_path)
    assert text.count("7849fd84-47dc-4919") == 1
    assert "namn, telefonnummer" in text


def test_a_missing_address_is_left_open_in_the_letter_and_shown_by_the_check(tmp_path: Path) -> None:
    settings = letter_settings(tmp_path, address=None, name="lagret")
    assert push(tmp_path, klarna(), address=None, name="lagret")[1].outcome is Outcome.BY_HAND
    assert "adress fylls i: recipients.lagret.address]" in letters(tmp_path)[0]
    codes = {problem.code for problem in build(settings, clock=clock_at()).check().problems}
    assert "letter_address_missing" in codes


def test_html_that_hides_in_a_company_name_is_escaped(tmp_path: Path) -> None:
    push(tmp_path, klarna(), company="<script>alert(1)</script> AB")
    (html,) = letters(tmp_path, "html")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_both_forms_of_the_letter_hold_the_same_references(tmp_path: Path) -> None:
    push(tmp_path, *(klarna(id, f"ref-{id}") for id in range(1, 30)))
    (text,), (html,) = letters(tmp_path), letters(tmp_path, "html")
    assert re.findall(r"ref-\d+", text) == re.findall(r"ref-\d+", html)


def test_only_the_owner_may_read_a_letter(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    push(folder, klarna())
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o600"}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


def test_the_note_beside_a_letter_holds_no_reference(tmp_path: Path) -> None:
    push(tmp_path, klarna())
    (note,) = letters(tmp_path, "json")
    assert "7849fd84" not in note
    assert json.loads(note)["written"] == "2026-11-22"


def test_letters_older_than_their_months_are_thinned_out(tmp_path: Path) -> None:
    push(tmp_path, klarna(1), at=datetime(2021, 11, 20, 12, 0, tzinfo=UTC))
    push(tmp_path, klarna(2, "8950ab-22"), at=datetime(2021, 11, 23, 12, 0, tzinfo=UTC))
    assert expire(tmp_path, date(2026, 11, 22)) == 1
    assert "8950ab-22" in letters(tmp_path)[0]
    assert len(list(tmp_path.iterdir())) == 3


def test_writing_a_letter_thins_out_the_old_ones(tmp_path: Path) -> None:
    push(tmp_path, klarna(1), at=datetime(2023, 11, 20, 12, 0, tzinfo=UTC))
    push(tmp_path, klarna(2, "8950ab-22"), keep_months=36)
    assert len(letters(tmp_path)) == 1


def test_a_check_says_that_someone_must_send_what_is_not_mailed(tmp_path: Path) -> None:
    def codes(**changes: Any) -> set[str]:
        access = build(letter_settings(tmp_path, **changes), clock=clock_at()).check()
        return {problem.code for problem in access.problems}

    assert "letter_to_post" in codes()
    assert "letter_to_post" not in codes(**smtp(25))


def test_a_carrier_is_told_of_a_parcel_whatever_it_was_sent(tmp_path: Path) -> None:
    recipient = build(letter_settings(tmp_path, code="PN", sends=["name"]), clock=clock_at())
    assert [interest.handle for interest in recipient.interests] == ["tracking_number"]


def test_expiring_touches_nothing_but_letters(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"id": "other"}')
    os.utime(tmp_path / "other.json", (0, 0))
    assert expire(tmp_path, date(2040, 1, 1)) == 0
    assert (tmp_path / "other.json").exists()


def test_what_a_recipient_did_on_a_letter_cannot_be_known(tmp_path: Path) -> None:
    (finding,) = build(letter_settings(tmp_path), clock=clock_at()).verify([klarna()])
    assert (finding.seen, finding.reason) == (Seen.CANNOT_BE_KNOWN, "own_controller")


def test_a_code_outside_the_schedule_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="choose one of them"):
        build(letter_settings(tmp_path, code="XX"), clock=clock_at())


def test_a_recipient_is_told_only_of_what_it_is_sent(tmp_path: Path) -> None:
    recipient = build(letter_settings(tmp_path, code="BK", sends=["name", "tags"]), clock=clock_at())
    assert [(interest.kind, interest.fields) for interest in recipient.interests] == [
        (Kind.ORDER, frozenset({Field.NAME}))
    ]


# By e-mail.


class MailServer:
    """A mail server on loopback that takes letters in, or answers RCPT as it is told to."""

    def __init__(self, answer_to_recipient: str = "250 ok") -> None:
        self.letters: list[str] = []
        self._answer = answer_to_recipient
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as wire:
                self._talk(wire)

    def _talk(self, wire: Any) -> None:
        def say(line: str) -> None:
            wire.write(line.encode() + b"\r\n")
            wire.flush()

        say("220 post.example")
        while line := wire.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                say("354 go on")
                self.letters.append(self._body(wire))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say({"RCPT": self._answer, "AUTH": "535 no"}.get(verb, "250 ok"))

    def _body(self, wire: Any) -> str:
        lines = []
        while (line := wire.readline().decode()) != ".\r\n":
            lines.append(line)
        return "".join(lines)


@pytest.fixture(name="post")
def _post() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


def smtp(port: int, **changes: Any) -> dict[str, Any]:
    server = {"host": "127.0.0.1", "port": port, "sender": "brev@ullboden.example", "security": "none"}
    return {"smtp": server | changes, "email": "privacy@klarna.example"}


def test_a_letter_is_mailed_once_with_its_own_message_id(tmp_path: Path, post: MailServer) -> None:
    receipt = push(tmp_path, klarna(), **smtp(post.port))[1]
    push(tmp_path, klarna(), **smtp(post.port))
    assert receipt.outcome is Outcome.NOTIFIED
    (mailed,) = post.letters
    assert f"<{receipt.token.removeprefix('letter:')}@ullboden.example>" in mailed
    assert "To: privacy@klarna.example" in mailed


def test_a_mail_server_that_is_away_leaves_the_letter_for_later(tmp_path: Path, post: MailServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    receipt = push(tmp_path, klarna(), **smtp(port))[1]
    assert receipt.retry
    assert receipt.reason == "mail_not_sent"
    assert push(tmp_path, klarna(), **smtp(post.port))[1].outcome is Outcome.NOTIFIED
    assert len(post.letters) == len(letters(tmp_path)) == 1


def test_a_refused_letter_is_left_to_a_hand(tmp_path: Path) -> None:
    post = MailServer("550 no such user privacy@klarna.example")
    receipt = push(tmp_path, klarna(), **smtp(post.port))[1]
    post.close()
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "mail_refused")


def test_a_refused_login_leaves_the_letter_written_and_for_later(tmp_path: Path, post: MailServer) -> None:
    receipt = push(tmp_path, klarna(), **smtp(post.port, user="brev", password="hemligt-ord"))[1]
    assert (receipt.retry, receipt.reason) == (True, "login_refused")
    assert receipt.token.removeprefix("letter:") in {
        path.stem for path in tmp_path.rglob("*") if path.is_file()
    }


def test_a_refused_login_says_what_to_do_and_names_no_password(post: MailServer) -> None:
    server = Server.of(smtp(post.port, user="brev", password="hemligt-ord")["smtp"])
    with pytest.raises(AccessDenied, match=r"letters\.smtp") as denied:
        send(server, to="privacy@klarna.example", subject="s", text="t", html="h", letter_id="KL-1")
    assert "hemligt-ord" not in str(denied.value)


def test_without_an_address_a_letter_is_written_and_not_mailed(tmp_path: Path, post: MailServer) -> None:
    assert push(tmp_path, klarna(), **smtp(post.port) | {"email": None})[1].outcome is Outcome.BY_HAND
    assert post.letters == []
    assert len(letters(tmp_path)) == 1


def test_a_letter_that_waits_to_be_sent_leaves_once_there_is_a_mail_server(
    tmp_path: Path, post: MailServer
) -> None:
    written = (
        push(tmp_path, klarna(), at=DECEMBER, period="monthly")
        and push(tmp_path, klarna(token="letter:KL:2026-11"), at=DECEMBER, period="monthly")[1]
    )
    assert (written.outcome, written.reason) == (Outcome.BY_HAND, "letter_to_send")
    handed_back = klarna(token=written.token)
    sent = push(tmp_path, handed_back, at=DECEMBER, period="monthly", **smtp(post.port))[1]
    assert (sent.outcome, sent.reason, sent.token) == (Outcome.NOTIFIED, "mailed", written.token)
    assert len(post.letters) == len(letters(tmp_path)) == 1


def test_a_letter_that_cannot_be_mailed_now_is_named_so_that_a_person_may_send_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    receipt = push(tmp_path, klarna(), **smtp(port))[1]
    (filed,) = read_all(tmp_path)
    assert receipt.token == f"letter:{filed.id}"


@pytest.mark.parametrize("name", ["klarna", "kustom", "mailchimp", "payson", "postnord"])
def test_a_letter_goes_where_its_recipient_s_adapter_says_unless_the_shop_says_otherwise(
    tmp_path: Path, name: str
) -> None:
    push(tmp_path / "shipped", klarna(), address=None, name=name)
    push(tmp_path / "own", klarna(), address="Ruta 1, 111 11 Ort", name=name)
    (shipped,), (own,) = letters(tmp_path / "shipped"), letters(tmp_path / "own")
    channel = channel_of(name)
    assert channel.address or channel.form
    assert all(place in shipped for place in (channel.address, channel.form))
    assert "Ruta 1" in own
    assert not any(place and place in own for place in (channel.address, channel.form))


def test_a_letter_tells_what_was_blanked_from_what_was_deleted(tmp_path: Path) -> None:
    push(tmp_path, klarna(1, fields=frozenset({Field.PHONE})), klarna(2, "8950ab-22", fields=frozenset()))
    (text,) = letters(tmp_path)
    assert "| blankat: telefonnummer |" in text
    assert "| hela posten raderad |" in text
