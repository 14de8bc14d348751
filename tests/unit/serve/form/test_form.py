"""The public form: what is asked counts once it is confirmed by mail, and nothing is said of anybody."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from connector.errors import GallraError, RetryLater
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.ports import Posted
from connector.records import Kind
from connector.request import Channel, Level
from connector.serve.form import following_up
from connector.serve.form.app import KINDS
from connector.serve.form.clients import Hourly, client_of
from connector.serve.form.serving import FormPlace, form_at, site_of
from connector.serve.form.wishes import KEPT, MAILS_A_DAY, MAILS_TO_ONE, MOST, TRIES
from connector.serve.pages.serving import Loads
from connector.shop import Shop
from connector.stages.flow import locked
from connector.stages.flow.confirmed_requests import Confirmed
from tests.unit.serve.form.forms import STRANGER, TABLES, Asked, Visitor, kinds_of, said
from tests.unit.stages.objecting import MINE, THEIRS
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_objecting import remembered


@pytest.fixture
def shop(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


@pytest.fixture
def visitor(shop: Asked) -> Visitor:
    return Visitor(shop.site)


def confirmed(shop: Asked, visitor: Visitor, kind: str = "access", email: str = MINE, **more: str) -> None:
    """Somebody sends the form, gets the mail, and confirms; what follows is done."""
    assert visitor.sends(kind, email, **more).status_code == 200
    shop.look()
    assert visitor.confirms(shop.mails.link()).status_code == 200
    shop.look()


@pytest.mark.parametrize("kind", [str(one) for one in KINDS])
def test_what_is_confirmed_becomes_a_request_and_what_is_not_becomes_none(
    shop: Asked, visitor: Visitor, kind: str
) -> None:
    page = visitor.sends(kind)
    assert page.status_code == 200
    assert "Open the link" in said(page)
    assert shop.mails.sent == []
    shop.look()
    [mail] = shop.mails.sent
    assert mail.to == MINE
    assert shop.requests() == []
    page = visitor.confirms(shop.mails.link())
    assert page.status_code == 200
    shop.look()
    [row] = shop.requests()
    assert (str(row.kind), row.channel, row.has_contact) == (kind, Channel.FORM, True)
    assert shop.site.wishes.confirmed("egg") == ()
    assert shop.lines == []


def test_to_look_at_the_link_confirms_nothing(shop: Asked, visitor: Visitor) -> None:
    visitor.sends()
    shop.look()
    assert visitor.get(shop.mails.link()).status_code == 200
    shop.look()
    assert shop.requests() == []


def test_a_link_counts_once_in_its_own_shop_and_for_three_days(shop: Asked, visitor: Visitor) -> None:
    visitor.sends()
    shop.look()
    link = shop.mails.link()
    assert visitor.confirms(link).status_code == 200
    assert visitor.confirms(link).status_code == 409
    visitor.sends("erase")
    shop.look()
    shop.later(seconds=KEPT.total_seconds() + 1)
    assert visitor.confirms(shop.mails.link()).status_code == 409
    shop.look()
    assert kinds_of(shop.requests()) == ["access"]


def test_it_came_in_on_the_day_on_which_it_was_first_sent(shop: Asked, visitor: Visitor) -> None:
    first = shop.open().today
    visitor.sends()
    shop.look()
    shop.later(days=1)
    visitor.sends()
    shop.look()
    shop.later(days=1)
    assert visitor.confirms(shop.mails.link()).status_code == 200
    shop.look()
    [row] = shop.requests()
    assert (row.received, row.due) == (first, date(2026, 12, first.day))
    assert visitor.confirms(shop.mails.link(0)).status_code == 409  # the same wish is not asked twice


def test_a_day_ends_in_stockholm(shop: Asked, visitor: Visitor) -> None:
    shop.clock.now = shop.clock.now.replace(hour=23, minute=45)  # 22:45 in UTC
    day = shop.open().today
    visitor.sends()
    shop.look()
    shop.later(hours=1)
    assert shop.open().today == day + timedelta(days=1)
    visitor.confirms(shop.mails.link())
    shop.look()
    assert [row.received for row in shop.requests()] == [day]


def test_who_asks_is_known_where_an_order_carries_the_address_and_nowhere_else(
    shop: Asked, visitor: Visitor
) -> None:
    shop.list.said(Kind.SUBSCRIBER, "a:2", THEIRS)
    assert shop.gallra("pull").code == 0
    confirmed(shop, visitor, email=MINE)
    confirmed(shop, visitor, email=THEIRS)
    confirmed(shop, visitor, email=STRANGER)
    known, subscriber, stranger = shop.requests()
    assert (known.state, known.level, known.proven_how) == (RequestState.IDENTIFIED, Level.ADDRESS, "code")
    assert (subscriber.state, subscriber.level) == (RequestState.RECEIVED, None)
    assert (stranger.state, stranger.level) == (RequestState.RECEIVED, None)


def named_of(shop: Asked) -> list[set[str]]:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        register = Register(opened.ledger)
        rows = register.list(connection, every=True)
        return [{one.type for one in register.named(connection, row)} for row in rows]


@pytest.mark.parametrize(("order", "types"), [
    ("10", {"email", "order"}), ("#10", {"email", "order"}), ("11", {"email"}), ("4711", {"email"}),
    ("", {"email"}),
])  # fmt: skip
def test_nobody_holds_another_s_order_by_its_number(
    shop: Asked, visitor: Visitor, order: str, types: set[str]
) -> None:
    shop.shop.order("11", shop.open().today, email=THEIRS)
    assert shop.gallra("pull").code == 0
    confirmed(shop, visitor, order=order)
    assert named_of(shop) == [types]


def test_an_objection_to_mailings_ends_them_under_the_standing_approval(
    shop: Asked, visitor: Visitor
) -> None:
    confirmed(shop, visitor, "object")
    assert not any(shop.shop.says("1", Kind.CUSTOMER).values())
    assert not any(shop.list.says("a:1", Kind.SUBSCRIBER).values())
    assert remembered(shop, MINE)
    assert [row.state for row in shop.requests()] == [RequestState.READ_BACK]


def test_without_a_standing_approval_it_is_remembered_and_its_plan_waits(tmp_path: Path) -> None:
    shop = Asked(tmp_path, standing=False)
    confirmed(shop, Visitor(shop.site), "object")
    assert remembered(shop, MINE)
    assert any(shop.shop.says("1", Kind.CUSTOMER).values())
    assert [row.state for row in shop.requests()] == [RequestState.DECIDED]


def test_an_address_that_was_not_confirmed_ends_no_mailing(shop: Asked, visitor: Visitor) -> None:
    visitor.sends("object")
    shop.look()
    shop.later(days=4)
    shop.look()
    assert not remembered(shop, MINE)
    assert any(shop.shop.says("1", Kind.CUSTOMER).values())


def test_a_service_that_does_not_answer_leaves_the_objection_remembered(
    shop: Asked, visitor: Visitor
) -> None:
    shop.shop.fail = RetryLater("woocommerce: gave no answer.", adapter="woocommerce", operation="x")
    confirmed(shop, visitor, "object")
    for _ in range(TRIES):
        shop.look()
    assert remembered(shop, MINE)
    assert shop.site.wishes.confirmed("egg") == ()
    assert len(shop.requests()) == 1


def test_while_a_run_is_under_way_what_was_confirmed_waits(shop: Asked, visitor: Visitor) -> None:
    visitor.sends()
    shop.look()
    with locked(shop.open()):
        assert visitor.confirms(shop.mails.link()).status_code == 200
        shop.look()
        assert shop.requests() == []
    shop.later(days=9)
    shop.look()
    assert len(shop.requests()) == 1


def test_one_wish_that_cannot_be_taken_in_keeps_no_other_waiting(
    shop: Asked, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for email in (THEIRS, MINE):
        visitor.sends("access", email)
    shop.look()
    for position in range(2):
        assert visitor.confirms(shop.mails.link(position)).status_code == 200
    real = following_up.open_confirmed

    def refuses(opened: Shop, asked: Confirmed) -> RequestRow:
        if asked.email == THEIRS:
            raise GallraError("What was given as an address or a phone is none. Nothing was recorded.")
        return real(opened, asked)

    with monkeypatch.context() as patched:
        patched.setattr(following_up, "open_confirmed", refuses)
        shop.look()
        shop.look()
    assert len(shop.requests()) == 1
    assert len(shop.lines) == 1
    assert THEIRS not in shop.lines[0]
    shop.look()
    assert len(shop.requests()) == 2


def test_nobody_outside_makes_a_ledger(tmp_path: Path) -> None:
    new = Opened(tmp_path)
    new.file.write_text(new.file.read_text("utf-8") + TABLES, encoding="utf-8")
    home = form_at([new.file], new.open)
    assert home is not None
    of = FormPlace(new.file, lambda: [new.file], Loads(new.open, new.open))
    visitor = Visitor(site_of(home, of, lambda: None, new.clock))
    assert visitor.sends().status_code == 503
    assert not (tmp_path / "gallra.sqlite").exists()


@pytest.mark.parametrize("at", range(6))
def test_a_crash_at_any_step_ends_in_one_request(
    shop: Asked, visitor: Visitor, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sends("object")
    shop.look()
    visitor.confirms(shop.mails.link())

    class Killed(BaseException):
        pass

    steps = ("open_confirmed", "identify_confirmed", "end_mailings_of")
    name, after = steps[at // 2], at % 2
    real = getattr(following_up, name)

    def dies(*given: object, **more: object) -> object:
        if after:
            real(*given, **more)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(following_up, name, dies)
        with pytest.raises(Killed):
            shop.look()
    shop.look()
    assert [row.state for row in shop.requests()] == [RequestState.READ_BACK]
    assert remembered(shop, MINE)
    assert shop.site.wishes.confirmed("egg") == ()


# What is said of anybody ------------------------------------------------------------------


def statements(shop: Asked, visitor: Visitor, email: str) -> tuple[str, list[str]]:
    """The answer to somebody's form, and what the ledger was asked meanwhile."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    real = shop.open

    def opening(path: Path | None = None, **more: object):  # type: ignore[no-untyped-def]
        opened = real(path)
        event.listen(opened.ledger.engine, "before_cursor_execute", note)
        return opened

    site = shop.site._replace(load=opening)
    shop.site, before = site, shop.site
    page = Visitor(shop.site).sends("erase", email)
    shop.site = before
    assert page.status_code == 200
    return page.text, asked


def test_a_known_address_and_an_unknown_one_are_told_and_looked_for_the_same(
    shop: Asked, visitor: Visitor
) -> None:
    statements(shop, visitor, THEIRS)  # the first opens the vault
    known, unknown = statements(shop, visitor, MINE), statements(shop, visitor, STRANGER)
    assert known == unknown
    assert not any("identifier" in one or "record" in one for one in known[1])


def test_to_confirm_says_the_same_of_a_known_address_an_unknown_one_and_one_that_asked_before(
    shop: Asked, visitor: Visitor
) -> None:
    pages = []
    for email in (MINE, STRANGER, MINE):
        visitor.sends("access", email)
        shop.look()
        pages.append(visitor.confirms(shop.mails.link()).text)
        shop.look()
    assert len(set(pages)) == 1
    assert len(shop.requests()) == 2


def test_the_mail_holds_nothing_that_its_sender_wrote(shop: Asked, visitor: Visitor) -> None:
    visitor.sends("access", MINE, order="BUY https://evil.example")
    shop.look()
    assert "evil" not in shop.mails.sent[0].text + shop.mails.sent[0].subject


def test_nothing_that_was_written_lies_in_the_clear_and_all_of_it_goes(shop: Asked, visitor: Visitor) -> None:
    visitor.sends("access", MINE, order="4711-XYZ")
    shop.look()
    link = shop.mails.link()
    kept = shop.bytes_of_form()
    assert MINE.encode() not in kept
    assert b"4711-XYZ" not in kept
    assert link.partition("/confirm/")[2].partition("?")[0].encode() not in kept
    [wish] = shop.site.wishes._of("egg", "mailed")
    assert wish.sealed in kept
    shop.later(seconds=KEPT.total_seconds() + 1)
    shop.look()
    after = shop.bytes_of_form()
    assert wish.sealed not in after
    assert wish.person not in after
    assert MINE.encode() not in shop.files()


# How often --------------------------------------------------------------------------------


def test_few_mails_a_day_go_to_one_address_whoever_asks_and_the_answer_stays_the_same(shop: Asked) -> None:
    pages = set()
    for number in range(MAILS_TO_ONE + 3):
        page = Visitor(shop.site, f"203.0.113.{number}").sends(email=[MINE, MINE.upper()][number % 2])
        pages.add(page.text)
        shop.look()
    assert len(pages) == 1
    assert len(shop.mails.sent) == MAILS_TO_ONE
    shop.later(days=1, minutes=1)
    Visitor(shop.site).sends()
    shop.look()
    assert len(shop.mails.sent) == MAILS_TO_ONE + 1


def test_one_visitor_sends_ten_times_an_hour_and_others_are_not_shut_out(
    shop: Asked, visitor: Visitor
) -> None:
    answers = [visitor.sends(email=f"a{number}@kund.example").status_code for number in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert Visitor(shop.site, "203.0.113.8").sends().status_code == 200


def test_a_flood_of_wishes_is_bounded_and_said_to_everybody(
    shop: Asked, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connector.serve.form import wishes

    monkeypatch.setattr(wishes, "MOST", 3)
    answers = [visitor.sends(email=f"a{number}@kund.example").status_code for number in range(5)]
    assert answers == [200] * 3 + [503] * 2
    assert MOST < 1000 > MAILS_A_DAY


def test_the_mails_of_a_day_are_bounded(
    shop: Asked, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connector.serve.form import wishes

    monkeypatch.setattr(wishes, "MAILS_A_DAY", 2)
    for number in range(4):
        visitor.sends(email=f"a{number}@kund.example")
    shop.look()
    assert len(shop.mails.sent) == 2
    assert visitor.sends().status_code == 503
    assert shop.site.wishes.to_mail("egg") == ()


PUBLIC = st.ip_addresses().map(str)


@given(peer=PUBLIC, said_=st.lists(st.one_of(PUBLIC, st.text(max_size=9)), max_size=4))
def test_no_word_of_a_stranger_changes_whom_they_are_counted_as(peer: str, said_: list[str]) -> None:
    assert client_of(peer, [", ".join(said_)], ("10.9.8.7/32",) if peer != "10.9.8.7" else ()) == peer


@given(client=PUBLIC, forged=st.lists(PUBLIC, max_size=3))
def test_behind_a_believed_proxy_it_is_the_address_that_the_proxy_saw(client: str, forged: list[str]) -> None:
    if client == "127.0.0.1":
        return
    assert client_of("127.0.0.1", [", ".join([*forged, client])], ("127.0.0.1/32",)) == client


def test_an_ipv6_household_is_one_visitor() -> None:
    hourly = Hourly(2)
    assert [hourly.may(f"2001:db8::{n}") for n in range(3)] == [True, True, False]
    assert hourly.may("2001:db8:0:1::1")


# The mail server --------------------------------------------------------------------------


def test_a_mail_server_that_is_away_is_tried_again_and_no_more_than_a_few_times(
    shop: Asked, visitor: Visitor
) -> None:
    shop.mails.fault = RetryLater("warnings: away.", adapter="warnings", operation="warn")
    visitor.sends()
    shop.look()
    shop.mails.fault = None
    shop.look()
    assert len(shop.mails.sent) == 1
    shop.mails.answer = Posted.LATER
    visitor.sends("erase")
    for _ in range(TRIES + 2):
        shop.look()
    assert shop.site.wishes.to_mail("egg") == ()


@pytest.mark.parametrize("answer", [Posted.REFUSED, Posted.UNKNOWN])
def test_a_mail_that_was_refused_or_may_have_left_is_not_sent_again(
    shop: Asked, visitor: Visitor, answer: Posted
) -> None:
    shop.mails.answer = answer
    visitor.sends()
    shop.look()
    shop.mails.answer = Posted.SENT
    shop.look()
    assert len(shop.mails.sent) == (answer is Posted.UNKNOWN)


# What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [
    {"email": MINE}, {"kind": "anonymise", "email": MINE}, {"kind": "access"},
    {"kind": "access", "email": "nobody"}, {"kind": "access", "email": f"{MINE}\nBcc: x@y.example"},
    {"kind": "access", "email": f"{'a' * 400}@b.example"},
    {"kind": "access", "email": MINE, "order": "1" * 60},
])  # fmt: skip
def test_what_is_no_wish_is_refused_with_a_sentence(
    shop: Asked, visitor: Visitor, fields: dict[str, str]
) -> None:
    page = visitor.post("/egg", {**fields, "language": "en"})
    assert page.status_code == 400
    assert "Nothing was sent." in said(page)
    shop.look()
    assert shop.mails.sent == []


def test_a_form_of_another_site_is_refused(visitor: Visitor) -> None:
    fields = {"kind": "access", "email": MINE}
    assert visitor.post("/egg", fields, origin="https://evil.example").status_code == 403


@pytest.mark.parametrize("path", ["/", "/other", "/egg/requests", "/shop/egg/plan", "/sign-in", "/metrics"])
def test_nothing_else_is_shown_there(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 404
    assert "egg" not in said(page).casefold() or path != "/"


def test_every_answer_sets_no_cookie_and_lets_nothing_be_loaded_but_our_style(
    shop: Asked, visitor: Visitor
) -> None:
    pages = [visitor.get(), visitor.sends(), visitor.sends("x"), visitor.get("/none")]
    shop.look()
    pages += [visitor.get(shop.mails.link()), visitor.confirms(shop.mails.link())]
    for page in pages:
        assert "set-cookie" not in page.headers
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script" not in policy
        assert "<script" not in page.text
        assert page.headers["cache-control"] == "no-store"
    style = visitor.get(f"/own/{shop.site.version}/style.css")
    assert (style.status_code, visitor.get("/own/0/style.css").status_code) == (200, 404)


def test_it_is_swedish_unless_asked_otherwise(visitor: Visitor) -> None:
    page = visitor.get(**{"accept-language": "de"})
    assert 'lang="sv"' in page.text
    assert "Dina uppgifter hos" in page.text
    assert "Your data at" in visitor.get("/egg?language=en").text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=st.text(max_size=40))
def test_no_other_secret_confirms(shop: Asked, secret: str) -> None:
    assert not shop.site.wishes.confirm("egg", secret)
