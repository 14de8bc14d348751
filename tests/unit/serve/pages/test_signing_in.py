"""Signing in: by passkeys alone, each question once, and nothing acts but a form of ours."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from connector.report.shared import LANGUAGES
from connector.serve.pages import guard
from connector.serve.pages.app import ways
from connector.serve.pages.home import home_of
from connector.serve.pages.people import FILE, IDLE, INVITED, SESSION, Role
from connector.serve.pages.tokens import FORM
from connector.settings.serving import Web
from tests.engine_support import NOON
from tests.passkey_support import Authenticator
from tests.unit.serve.pages.visiting import Clock, Visitor, form_to, said, site_at


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def visitor(tmp_path: Path, clock: Clock) -> Visitor:
    nothing = {"load": lambda path: None, "look": lambda path: None, "find": tuple}
    return Visitor(site_at(tmp_path, clock, **nothing))


def test_who_has_not_signed_in_sees_no_page_but_the_sign_in(visitor: Visitor) -> None:
    for way in ways():
        if way.role is not None and way.method == "GET":
            answer = visitor.get(way.path.replace("{", "").replace("}", ""))
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), way.path


def test_an_invitation_makes_one_passkey_and_is_over(visitor: Visitor) -> None:
    secret = visitor.site.people.invite("Disa Demo", [Role.APPROVER])
    page = visitor.get(f"/enrol/{secret}")
    assert visitor.send(page, "/enrol").headers["location"] == "/"
    assert visitor.get("/").status_code == 200
    other = Visitor(visitor.site)
    assert other.get(f"/enrol/{secret}").status_code == 404
    [person] = visitor.site.people.list()
    assert (person.name, person.passkeys, person.roles) == ("Disa Demo", 1, {Role.READER, Role.APPROVER})


def test_an_invitation_that_is_only_looked_at_is_not_used_up(visitor: Visitor) -> None:
    secret = visitor.site.people.invite("Disa Demo", [])
    assert Visitor(visitor.site).get(f"/enrol/{secret}").status_code == 200
    assert visitor.send(visitor.get(f"/enrol/{secret}"), "/enrol").status_code == 303


def test_an_invitation_of_yesterday_is_over(visitor: Visitor, clock: Clock) -> None:
    secret = visitor.site.people.invite("Disa Demo", [])
    clock.now += INVITED + timedelta(seconds=1)
    assert visitor.get(f"/enrol/{secret}").status_code == 404


def test_a_passkey_signs_in_again(visitor: Visitor) -> None:
    visitor.enrol()
    home = visitor.get("/")
    assert visitor.send(home, "/sign-out").headers["location"] == "/sign-in"
    assert visitor.get("/").status_code == 303
    assert visitor.send(visitor.get("/sign-in"), "/sign-in").headers["location"] == "/"
    assert "Disa Demo" in visitor.get("/").text


def test_a_session_ends_after_a_day_s_work_and_when_it_lies_idle(visitor: Visitor, clock: Clock) -> None:
    visitor.enrol()
    began = clock.now
    while clock.now + IDLE / 2 < began + SESSION:
        clock.now += IDLE / 2
        assert visitor.get("/").status_code == 200
    clock.now += IDLE / 2 + timedelta(seconds=1)
    assert visitor.get("/").status_code == 303
    visitor.client.cookies.clear()
    visitor.send(visitor.get("/sign-in"), "/sign-in")
    clock.now += IDLE + timedelta(seconds=1)
    assert visitor.get("/").status_code == 303


def test_an_answer_counts_once(visitor: Visitor) -> None:
    visitor.enrol()
    visitor.client.cookies.clear()
    page = visitor.get("/sign-in")
    form = form_to(page, "/sign-in")
    fields = {**form["fields"], "answer": visitor.key.sign(json.loads(form["question"]))}
    begun = dict(visitor.client.cookies)
    assert visitor.post("/sign-in", fields).status_code == 303
    visitor.client.cookies.clear()
    visitor.client.cookies.update(begun)
    again = visitor.post("/sign-in", fields)
    assert again.status_code == 409
    assert "gallra" not in again.cookies


@pytest.mark.parametrize(
    "wrong", ["another's question", "another key", "another origin", "not verified", "late", "cut"]
)
def test_no_session_without_the_right_answer(visitor: Visitor, clock: Clock, wrong: str) -> None:
    visitor.enrol()
    visitor.client.cookies.clear()
    form = form_to(visitor.get("/sign-in"), "/sign-in")
    question, key = json.loads(form["question"]), visitor.key
    if wrong == "another's question":
        question = json.loads(form_to(Visitor(visitor.site).get("/sign-in"), "/sign-in")["question"])
    if wrong == "another key":
        other = Authenticator(key.origin)
        other.id, key = key.id, other
    if wrong == "another origin":
        key.origin = "http://localhost:1"
    answer = key.sign(question, verified=wrong != "not verified")
    if wrong == "cut":
        answer = answer[:-40]
    if wrong == "late":
        clock.now += FORM + timedelta(seconds=1)
    refused = visitor.post("/sign-in", {**form["fields"], "answer": answer})
    assert refused.status_code in (403, 409)
    assert visitor.get("/").status_code == 303


def test_who_is_let_go_is_out_at_once_and_comes_in_no_more(visitor: Visitor) -> None:
    visitor.enrol()
    visitor.site.people.end("Disa Demo")
    assert visitor.get("/").status_code == 303
    assert visitor.send(visitor.get("/sign-in"), "/sign-in").status_code == 409


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
    ids=str,
)
def test_a_form_from_another_place_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    visitor.enrol()
    fields = form_to(visitor.get("/"), "/sign-out")["fields"]
    assert visitor.post("/sign-out", fields, **headers).status_code == 403
    assert visitor.get("/").status_code == 200


def test_a_form_without_origin_is_refused(visitor: Visitor) -> None:
    visitor.enrol()
    fields = form_to(visitor.get("/"), "/sign-out")["fields"]
    assert visitor.ask("POST", "/sign-out", data=fields).status_code == 403


def test_a_form_with_another_session_s_token_is_refused(visitor: Visitor) -> None:
    visitor.enrol()
    other = Visitor(visitor.site)
    other.enrol("Sam Sund")
    token = form_to(other.get("/"), "/sign-out")["fields"]["token"]
    for one in (token, "", "x"):
        assert visitor.post("/sign-out", {"token": one}).status_code == 403
    assert visitor.get("/").status_code == 200


def test_every_form_is_refused_without_a_token(visitor: Visitor) -> None:
    visitor.enrol("Disa Demo", *Role)
    posts = [way.path for way in ways() if way.method == "POST"]
    assert len(posts) > 3
    for path in posts:
        assert visitor.post(path.replace("{", "").replace("}", ""), {}).status_code == 403, path
    assert visitor.get("/").status_code == 200


def test_every_answer_has_the_headers_that_keep_others_out(visitor: Visitor) -> None:
    visitor.enrol()
    file = visitor.site.drawer
    for path in ("/", "/sign-in", "/nowhere", f"/own/{file.version}/style.css"):
        found = visitor.get(path).headers
        assert found["content-security-policy"] == guard.POLICY
        assert found["referrer-policy"] == "same-origin"
        assert found["x-content-type-options"] == "nosniff"
    assert "unsafe" not in guard.POLICY
    assert "default-src 'none'" in guard.POLICY
    assert visitor.get("/").headers["cache-control"] == "no-store"


def test_cookies_are_the_browsers_alone(visitor: Visitor) -> None:
    begun = visitor.get("/sign-in").headers["set-cookie"].lower()
    assert "httponly" in begun
    assert "samesite=lax" in begun
    session = [
        one.lower() for one in visitor.enrol().headers.get_list("set-cookie") if one.startswith("gallra=")
    ]
    assert "samesite=strict" in session[0]
    assert "httponly" in session[0]


def test_behind_https_cookies_are_bound_to_the_host(tmp_path: Path, clock: Clock) -> None:
    home = home_of(Web(url="https://gallra.butik.example"))
    visitor = Visitor(site_at(tmp_path, clock, home=home, load=None, look=None, find=tuple))
    cookies = visitor.enrol().headers.get_list("set-cookie")
    assert any(one.startswith("__Host-gallra=") and "Secure" in one for one in cookies)
    assert visitor.get("/").headers["strict-transport-security"]


def test_this_machine_by_another_name_is_led_to_the_one_that_passkeys_are_of(visitor: Visitor) -> None:
    answer = visitor.ask("GET", "/sign-in", headers={"host": "127.0.0.1:8090"})
    assert (answer.status_code, answer.headers["location"]) == (307, "http://localhost:8090/sign-in")
    assert visitor.ask("GET", "/", headers={"host": "evil.example"}).status_code == 421
    assert visitor.ask("POST", "/sign-in", headers={"host": "127.0.0.1:8090"}).status_code == 421


def test_too_many_tries_wait(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "time", SimpleNamespace(monotonic=lambda: 0.0))
    tries = [visitor.post("/sign-in", {}).status_code for _ in range(guard.SIGN_INS_A_MINUTE + 1)]
    assert tries[-1] == 429
    assert 429 not in tries[:-1]
    assert visitor.get("/sign-in").status_code == 200


def test_a_body_that_is_too_long_is_refused(visitor: Visitor) -> None:
    assert visitor.post("/sign-in", {"answer": "x" * (guard.LIMIT + 1)}).status_code == 413


def test_the_language_is_chosen_and_kept(visitor: Visitor) -> None:
    visitor.enrol()
    assert "All shops" in said(visitor.get("/"))
    sent = visitor.send(visitor.get("/"), "/language", language="sv")
    assert sent.headers["location"] == "/"
    assert "Alla butiker" in said(visitor.get("/"))
    fields = form_to(visitor.get("/"), "/language")["fields"]
    assert visitor.post("/language", {**fields, "to": "//evil.example"}).headers["location"] == "/"
    assert set(LANGUAGES) == {"sv", "en"}


def test_the_file_of_people_is_its_owners_alone_and_holds_no_secret(visitor: Visitor, tmp_path: Path) -> None:
    visitor.enrol()
    secret = visitor.site.people.invite("Sam Sund", [])
    file = tmp_path / FILE
    held = b"".join(one.read_bytes() for one in tmp_path.glob(f"{FILE}*"))
    assert file.stat().st_mode & 0o777 == 0o600
    for given in (secret, visitor.client.cookies["gallra"]):
        assert given.encode() not in held
