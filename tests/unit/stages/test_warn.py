"""Warnings: only a mail that was sent counts, nobody is mailed twice, and no account goes without one."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.errors import RetryLater
from connector.ledger.states import WarningState as State
from connector.ports import Mail, Posted
from connector.records import Facts, Field, Kind
from tests.engine_support import NOON, Crash, MemoryShop
from tests.unit.adapters.smtp_stand_in import mail_server
from tests.unit.stages.warning import DORMANT, IMAP, SMTP, Warned

TODAY = NOON.date()


@pytest.fixture
def egg(tmp_path: Path) -> Warned:
    return Warned(tmp_path)


def test_a_mail_that_the_server_took_is_a_warning_of_that_day(egg: Warned) -> None:
    egg.dormant("31", "32")
    assert egg.sent().whole
    assert [egg.warned(id) for id in ("31", "32")] == [TODAY, TODAY]
    assert egg.post.to == ["person31@kund.example", "person32@kund.example"]


def test_without_a_name_nobody_is_written_to_and_the_line_that_approves_is_shown(egg: Warned) -> None:
    egg.dormant("31")
    said = egg.gallra("warn", "send")
    assert egg.post.mails == []
    line = said.out.strip().splitlines()[-1]
    assert line.startswith("gallra warn send --plan ")
    assert line.endswith(f"--by NAME --shop {egg.file}")
    assert egg.gallra(*line.replace("--by NAME", "--by Disa").split()[1:]).code == 0
    assert egg.warned("31") == TODAY


def test_a_name_without_the_list_that_was_shown_writes_to_nobody(egg: Warned) -> None:
    egg.dormant("31")
    assert egg.gallra("warn", "send", "--by", "Disa Demo").code == 1
    assert egg.gallra("warn", "send", "--by", "Disa Demo", "--plan", "0123456789ab").code == 5
    assert egg.post.mails == []


def test_a_mail_goes_through_the_mail_server_that_the_settings_name(tmp_path: Path) -> None:
    with mail_server(rcpt=lambda whom: "250 ok" if "31" in whom else "550 no") as server:
        own = SMTP.replace("smtp.egg.example", "127.0.0.1").replace(
            "sender", f'port = {server.port}\nsecurity = "none"\nsender'
        )
        egg = Warned(tmp_path, settings=own)
        egg.real = True
        egg.dormant("31", "32")
        said = egg.send(egg.listed())
    assert server.to == ["person31@kund.example"]
    assert said.out.splitlines()[-1].startswith(
        "Warned: 1 mails taken by the mail server on 2026-11-22, 1 refused"
    )
    assert (egg.state("31"), egg.state("32")) == (State.SENT, State.REFUSED)


def test_a_list_is_stale_once_the_words_of_the_mail_are_others(egg: Warned) -> None:
    egg.dormant("31")
    code = egg.listed()
    egg.file.write_text(egg.file.read_text("utf-8").replace("/konto", "/annat"), "utf-8")
    assert egg.send(code).code == 5
    assert egg.post.mails == []


def test_a_list_is_stale_after_seven_days(egg: Warned) -> None:
    egg.dormant("31")
    code = egg.listed()
    egg.clock.turn(days=8)
    assert egg.send(code).code == 5


def test_no_more_are_mailed_than_the_settings_say_at_a_time(tmp_path: Path) -> None:
    egg = Warned(tmp_path, settings=SMTP + "most = 2\n")
    egg.dormant("31", "32", "33")
    egg.sent(most=100)
    assert len(egg.post.mails) == 2
    egg.sent()
    assert egg.post.to == [f"person{id}@kund.example" for id in ("31", "32", "33")]


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Posted.REFUSED, State.REFUSED), (Posted.LATER, State.WAITING), (Posted.UNKNOWN, State.BEGUN)],
)
def test_a_mail_that_was_refused_put_off_or_lost_is_no_warning(
    egg: Warned, answer: Posted, state: State
) -> None:
    egg.dormant("31")
    egg.post.answers = lambda _mail: answer
    egg.sent()
    assert (egg.state("31"), egg.warned("31")) == (state, None)


def test_a_mail_of_which_nobody_knows_whether_it_left_is_not_sent_again_unasked(egg: Warned) -> None:
    egg.dormant("31")
    egg.post.answers = lambda _mail: Posted.UNKNOWN
    assert not egg.sent().whole
    egg.post.answers = lambda _mail: Posted.SENT
    egg.sent()
    assert len(egg.post.mails) == 1
    egg.sent("31")
    assert (len(egg.post.mails), egg.warned("31")) == (2, TODAY)


def test_a_mail_that_was_put_off_is_sent_the_next_time_under_the_same_list(egg: Warned) -> None:
    egg.dormant("31")
    code = egg.listed()
    egg.post.answers = lambda _mail: Posted.LATER
    egg.send(code)
    egg.post.answers = lambda _mail: Posted.SENT
    egg.send(code)
    assert egg.warned("31") == TODAY


def test_the_same_list_run_again_mails_nobody_twice(egg: Warned) -> None:
    egg.dormant("31", "32")
    code = egg.listed()
    for _ in range(3):
        egg.send(code)
    assert len(egg.post.mails) == 2


def test_an_older_list_does_not_mail_whom_a_newer_one_has_tried(egg: Warned) -> None:
    egg.dormant("31")
    old = egg.listed()
    egg.post.answers = lambda _mail: Posted.UNKNOWN
    egg.sent()
    egg.post.answers = lambda _mail: Posted.SENT
    egg.send(old)
    assert len(egg.post.mails) == 1


def test_a_server_that_lets_nobody_in_leaves_everybody_to_be_warned(egg: Warned) -> None:
    egg.dormant("31", "32")
    egg.post.fault = RetryLater("away. Run again.", adapter="warnings", operation="warn")
    assert egg.sent().stopped
    egg.post.fault = None
    egg.sent()
    assert sorted(egg.post.to) == ["person31@kund.example", "person32@kund.example"]


def died_at(egg: Warned, die: Callable[[Mail], Posted]) -> None:
    """Sends until the process ends at a mail."""
    egg.post.answers = die
    with pytest.raises(Crash):
        egg.sent()


def test_a_process_that_ends_while_a_mail_is_on_its_way_mails_nobody_twice_and_counts_nobody_as_warned(
    egg: Warned,
) -> None:
    def die(mail: Mail) -> Posted:
        if len(egg.post.mails) == 2:
            raise Crash
        return Posted.SENT

    egg.dormant("31", "32", "33")
    died_at(egg, die)
    assert [egg.warned(id) for id in ("31", "32", "33")] == [TODAY, None, None]
    egg.post.answers = lambda _mail: Posted.SENT
    egg.sent()
    assert egg.post.to == [f"person{id}@kund.example" for id in ("31", "32", "33")]
    assert egg.state("32") is State.BEGUN


MEANWHILE: dict[str, Callable[[Warned], object]] = {
    "logged in": lambda egg: egg.memory.touch(egg.memory.of("31", Kind.CUSTOMER), last_login=TODAY),
    "ordered": lambda egg: egg.memory.order("1001", TODAY, email="person31@kund.example", account="31"),
    "gone": lambda egg: egg.memory.held.pop(egg.memory.of("31", Kind.CUSTOMER).ref),
    "unreadable": lambda egg: egg.memory.unreadable.add("31"),
    "left out": lambda egg: (egg.memory.leaves_out.add("31"), egg.memory.held.pop(ref(egg))),
    "another address": lambda egg: egg.memory.of("31", Kind.CUSTOMER).values.update({Field.EMAIL: OTHER}),
    "no address": lambda egg: egg.memory.of("31", Kind.CUSTOMER).values.update({Field.EMAIL: ""}),
    "a placeholder": lambda egg: egg.memory.of("31", Kind.CUSTOMER).values.update(
        {Field.EMAIL: "x@a.invalid"}
    ),
    "two addresses": lambda egg: setattr(egg.memory, "handles", lambda held: {"email": (held.ref.id, OTHER)}),
}
OTHER = "bo@annan.example"


def ref(egg: Warned) -> object:
    return egg.memory.of("31", Kind.CUSTOMER).ref


@pytest.mark.parametrize("happens", MEANWHILE.values(), ids=MEANWHILE)
def test_whoever_is_not_found_as_the_list_knew_them_is_not_mailed(
    egg: Warned, happens: Callable[[Warned], object]
) -> None:
    """Also between the pull of the send itself and the look at the person."""
    egg.dormant("31", "32")
    code = egg.listed()
    fetch = egg.memory.fetch

    def fetch_after(refs: object) -> object:
        if any(one.id == "31" for one in refs):  # type: ignore[attr-defined]
            egg.memory.fetch = fetch  # type: ignore[method-assign]
            happens(egg)
        return egg.memory.fetch(refs)  # type: ignore[arg-type]

    if happens is MEANWHILE["ordered"]:  # read by the pull that goes before each look
        happens(egg)
    else:
        egg.memory.fetch = fetch_after  # type: ignore[method-assign, assignment]
    egg.send(code)
    assert "person31@kund.example" not in egg.post.to
    assert OTHER not in egg.post.to
    assert egg.warned("31") is None if egg.state("31") is None else False


def test_an_order_between_two_batches_of_a_send_counts(egg: Warned) -> None:
    ids = [str(n) for n in range(31, 60)]
    egg.dormant(*ids)

    def orders(mail: Mail) -> Posted:
        if len(egg.post.mails) == 1:
            egg.memory.order("1001", TODAY, email="person59@kund.example", account="59")
        return Posted.SENT

    egg.post.answers = orders
    egg.sent()
    assert "person58@kund.example" in egg.post.to
    assert "person59@kund.example" not in egg.post.to


def test_a_hold_placed_after_the_list_was_shown_keeps_the_person_from_being_mailed(egg: Warned) -> None:
    egg.dormant("31")
    egg.memory.order("1001", date(2024, 11, 1), email="person31@kund.example", account="31")
    egg.gallra("pull")
    code = egg.listed()
    query = (
        "--query",
        "kind=customer status=customer",
        "--reason",
        "Claim",
        "--owner",
        "Disa",
        "--review",
        "1 year",
    )
    held = egg.gallra("hold", "add", *query)
    assert held.code == 0, held.err
    egg.send(code)
    assert egg.post.mails == []


def test_a_mail_that_came_back_takes_the_warning_back(tmp_path: Path) -> None:
    egg = Warned(tmp_path, settings=SMTP + IMAP)
    egg.dormant("31", "32")
    egg.sent()
    egg.box.tokens += [egg.post.mails[0].token, "00" * 16]
    egg.gallra("pull")
    assert (egg.state("31"), egg.warned("31")) == (State.BOUNCED, None)
    assert egg.warned("32") == TODAY


def test_whoever_a_mail_came_back_from_is_not_mailed_again_unasked(egg: Warned) -> None:
    egg.dormant("31")
    egg.sent()
    assert egg.gallra("warn", "bounced", "31", "--by", "Disa Demo").code == 0
    egg.sent()
    assert (len(egg.post.mails), egg.warned("31")) == (1, None)
    assert egg.gallra("warn", "list").out.strip() == "31 bounced"


def test_a_person_can_be_warned_another_way_after_a_mail_came_back(egg: Warned) -> None:
    egg.dormant("31")
    egg.sent()
    egg.gallra("warn", "bounced", "31", "--by", "Disa Demo")
    assert egg.gallra("warn", "done", "--by", "Disa Demo").out.startswith("Recorded: 0 ")
    egg.gallra("warn", "done", "31", "--by", "Disa Demo")
    assert (egg.state("31"), egg.warned("31")) == (State.TOLD, TODAY)


def test_a_warning_that_a_person_recorded_can_come_back_too(egg: Warned) -> None:
    egg.dormant("31")
    egg.gallra("warn", "done", "--by", "Disa Demo")
    assert egg.warned("31") == TODAY
    egg.gallra("warn", "bounced", "31", "--by", "Disa Demo")
    assert egg.warned("31") is None


def applied(egg: Warned) -> str:
    """Plans, approves and applies a month later; what the plan's last sentence says."""
    egg.clock.turn(days=40)
    egg.planned()
    return egg.gallra("apply").out


def there(egg: Warned, id: str) -> bool:
    return any(ref.id == id and ref.kind is Kind.CUSTOMER for ref in egg.memory.held)


def test_an_account_goes_a_month_after_its_mail_and_one_whose_mail_came_back_stays(egg: Warned) -> None:
    egg.dormant("31", "32")
    egg.sent()
    egg.gallra("warn", "bounced", "32", "--by", "Disa Demo")
    applied(egg)
    assert (there(egg, "31"), there(egg, "32")) == (False, True)


def test_a_mail_that_came_back_after_the_plan_was_approved_stops_that_account(tmp_path: Path) -> None:
    egg = Warned(tmp_path, settings=SMTP + IMAP)
    egg.dormant("31", "32")
    egg.sent()
    egg.clock.turn(days=40)
    egg.planned()
    egg.box.tokens.append(egg.post.mails[1].token)
    egg.gallra("apply")
    assert (there(egg, "31"), there(egg, "32")) == (False, True)


def test_no_account_goes_while_the_mailbox_that_mails_come_back_to_cannot_be_read(tmp_path: Path) -> None:
    egg = Warned(tmp_path, settings=SMTP + IMAP)
    egg.dormant("31")
    egg.sent()
    egg.clock.turn(days=40)
    egg.planned()
    egg.box.fault = RetryLater("unread. Run again.", adapter="warnings", operation="read bounces")
    said = egg.gallra("apply")
    assert there(egg, "31"), said.err
    egg.box.fault = None
    egg.gallra("apply")
    assert not there(egg, "31")


def test_an_unknown_mail_lets_no_account_go(egg: Warned) -> None:
    egg.dormant("31", "32")
    egg.post.answers = lambda mail: Posted.UNKNOWN if "31" in mail.to else Posted.SENT
    egg.sent()
    applied(egg)
    assert (there(egg, "31"), there(egg, "32")) == (True, False)


def test_the_day_in_the_mail_is_the_first_on_which_the_account_may_go(egg: Warned) -> None:
    egg.dormant("31")
    egg.sent()
    assert str(TODAY + timedelta(days=31)) in egg.post.mails[0].text
    assert "https://egg.example/konto" in egg.post.mails[0].text


def test_an_address_given_out_once_is_neither_mailed_nor_warned(egg: Warned) -> None:
    egg.dormant("31")
    code = str(egg.gallra("warn", "export", "--json").json["list"]["code"])
    to = egg.folder / "addresses.csv"
    said = egg.gallra("warn", "export", "--plan", code, "--by", "Disa Demo", "--to", str(to))
    assert said.code == 0, said.err
    assert to.read_text("utf-8").splitlines()[1].startswith("31,person31@kund.example,2026-12-")
    assert to.stat().st_mode & 0o077 == 0
    egg.sent()
    assert (egg.post.mails, egg.warned("31")) == ([], None)
    egg.gallra("warn", "done", "--by", "Disa Demo")
    assert egg.warned("31") == TODAY


def test_an_export_writes_over_no_file(egg: Warned) -> None:
    egg.dormant("31")
    code = str(egg.gallra("warn", "export", "--json").json["list"]["code"])
    said = egg.gallra("warn", "export", "--plan", code, "--by", "Disa Demo", "--to", str(egg.file))
    assert said.code == 1
    assert egg.state("31") is None


def test_no_address_stands_in_the_ledger_or_in_anything_that_is_said(egg: Warned) -> None:
    egg.dormant("31", "32")
    egg.post.answers = lambda mail: Posted.SENT if "31" in mail.to else Posted.REFUSED
    said = [egg.send(egg.listed()), egg.gallra("warn", "list"), egg.gallra("status"), egg.gallra("todo")]
    assert not [one for one in said if "person3" in one.out + one.err]
    held = b"".join(path.read_bytes() for path in egg.folder.glob("gallra.sqlite*"))
    assert b"person31@kund.example" not in held


def test_addresses_that_came_back_are_named_on_stdin_and_kept_nowhere(
    egg: Warned, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    egg.dormant("31", "32")
    egg.sent()
    monkeypatch.setattr("sys.stdin", io.StringIO("Person31@kund.example\n"))
    said = egg.gallra("warn", "bounced", "--addresses", "--by", "Disa Demo")
    assert said.out.startswith("Taken back: 1 "), said.err
    assert (egg.warned("31"), egg.warned("32")) == (None, TODAY)


def test_whoever_was_warned_long_ago_and_came_back_since_is_warned_anew(egg: Warned) -> None:
    egg.dormant("31")
    egg.post.answers = lambda _mail: Posted.UNKNOWN
    egg.sent()
    egg.memory.touch(egg.memory.of("31", Kind.CUSTOMER), last_login=TODAY + timedelta(days=1))
    egg.clock.turn(days=730)
    egg.gallra("pull")
    egg.post.answers = lambda _mail: Posted.SENT
    egg.sent()
    assert egg.warned("31") == TODAY + timedelta(days=730)


def subscribed(tmp_path: Path, *, renew: bool = True) -> Warned:
    """A shop with a mailing service, whose one subscriber has not clicked for 23 months."""
    own = 'renew = "https://egg.example/ja"\n' if renew else ""
    egg = Warned(tmp_path, settings=SMTP + own + '\n[policy.rules."T-33"]\non = true\n')
    list_ = MemoryShop(egg.memory.keyer, name="mailchimp")
    list_.kinds = (Kind.SUBSCRIBER,)
    facts = Facts(
        created=DORMANT, status="subscribed", basis="consent", subscribed=DORMANT, last_click=DORMANT
    )
    list_.put(Kind.SUBSCRIBER, "7", {Field.EMAIL: "bo@kund.example"}, facts, label="7")
    egg.beside = [list_]
    for words in ("check", "pull"):
        assert egg.gallra(words).code == 0
    return egg


def test_a_consent_that_is_soon_too_old_is_asked_for_anew_once_with_the_page_and_the_day(
    tmp_path: Path,
) -> None:
    egg = subscribed(tmp_path)
    for _ in range(2):
        egg.sent()
    (mail,) = egg.post.mails
    assert mail.to == "bo@kund.example"
    assert "https://egg.example/ja" in mail.text
    assert "2026-12-02" in mail.text
    assert mail.unsubscribe


def test_no_consent_is_asked_for_anew_without_a_page_to_say_it_on(tmp_path: Path) -> None:
    egg = subscribed(tmp_path, renew=False)
    egg.sent()
    assert egg.post.mails == []


def test_a_renewal_mail_that_came_back_is_noted_and_not_sent_again_unasked(tmp_path: Path) -> None:
    egg = subscribed(tmp_path)
    egg.sent()
    egg.gallra("warn", "bounced", "7", "--by", "Disa Demo")
    egg.sent()
    assert (len(egg.post.mails), egg.state("7")) == (1, State.BOUNCED)


def test_status_and_the_work_list_say_how_many_are_to_be_warned_and_the_line(egg: Warned) -> None:
    egg.dormant("31", "32", "33")
    egg.post.answers = lambda mail: Posted.REFUSED if "31" in mail.to else Posted.SENT
    egg.sent(most=1)
    assert egg.gallra("plan").code == 0
    status, todo = egg.gallra("status").out, egg.gallra("todo").out
    assert "before an account goes: 2 to warn, 1 refused by the mail server (`gallra warn send`)" in status
    assert "2 to warn" in todo
    assert f"gallra warn send --shop {egg.file}" in " ".join(todo.split())


def test_the_dry_run_shows_the_line_that_lists_who_is_to_be_warned(egg: Warned) -> None:
    egg.dormant("31")
    assert f"gallra warn send --shop {egg.file}" in egg.gallra("plan", "--full", "--json").out


def test_a_warning_put_in_by_hand_is_noticed_before_an_account_goes(egg: Warned) -> None:
    from sqlalchemy import update

    from connector.ledger import schema

    egg.dormant("31")
    egg.post.answers = lambda _mail: Posted.REFUSED
    egg.sent()
    shop = egg.open()
    with shop.ledger.begin() as connection:
        connection.execute(update(schema.warning).values(state="sent"))
    shop.ledger.engine.dispose()
    assert egg.gallra("apply").code == 5


def test_the_dormant_day_of_these_tests_is_one_of_warning_and_not_of_deletion() -> None:
    assert timedelta(days=23 * 30) < TODAY - DORMANT < timedelta(days=730)
