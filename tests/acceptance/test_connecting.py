"""A shop is connected on the pages: what it takes, what its faults say, and where its secrets lie."""

import logging
import os
import socket
import stat
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from httpx import Response

from connector.cli.folder import found
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import Role
from connector.settings import load_settings
from connector.shop import Shop, open_shop, system_clock
from sandbox.box import Sandbox
from tests.sandbox_support import typed
from tests.unit.serve.pages.visiting import Visitor, form_to, said, site_at

ANSWERS = {"shop_name": "Äggboden", "platform": "woocommerce", "by": "Disa Demo, ägare"}
SHOP = "/connect/shop/aggboden"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(customers=20, orders=40) as made:
        yield made


@pytest.fixture
def keys(box: Sandbox) -> dict[str, str]:
    """The address and keys that the shop gave out, as the form has them."""
    own = box.credentials()["woocommerce"]
    return {"url": own["url"], "secret_key": own["key"], "secret_secret": own["secret"]}


def opened(path: Path) -> Shop:
    return open_shop(path, environ=os.environ)


def site_of(folder: Path) -> Any:
    """The pages of a folder, as `gallra web` makes them."""
    find = partial(found, folder)
    jobs = Jobs(patience=10.0)
    return site_at(folder, system_clock, load=opened, look=opened, find=find, jobs=jobs)._replace(
        folder=folder
    )


def entered(site: Any, *roles: Role, name: str = "Disa Demo") -> Visitor:
    visitor = Visitor(site)
    visitor.enrol(name, *roles)
    return visitor


@pytest.fixture
def site(tmp_path: Path) -> Any:
    return site_of(tmp_path)


@pytest.fixture
def approver(site: Any) -> Visitor:
    return entered(site, Role.APPROVER)


def to_keys(visitor: Visitor, **more: str) -> Response:
    """From the questions to the page of the keys."""
    sent = visitor.send(visitor.get("/connect"), "/connect", **(ANSWERS | more))
    assert sent.headers.get("location") == "/connect/keys", said(sent)
    return visitor.get("/connect/keys")


def tried(visitor: Visitor, page: Response, **keys: str) -> Response:
    """Sends the keys; the page that says what came of it."""
    sent = visitor.send(page, "/connect/keys", **keys)
    return waited(visitor, sent.headers["location"]) if sent.status_code == 303 else sent


def waited(visitor: Visitor, path: str) -> Response:
    """A page, once what it waits for has ended: it is asked for again as a browser does."""
    while "refresh" in (answer := visitor.get(path)).headers:
        time.sleep(0.2)
    return answer


def to_plan(visitor: Visitor) -> Response:
    """The first dry run of a connected shop: its plan's page."""
    sent = visitor.send(visitor.get(SHOP), SHOP)
    answer = waited(visitor, sent.headers["location"])
    while answer.status_code == 303:
        answer = visitor.get(answer.headers["location"])
    return answer


def files_of(folder: Path) -> set[str]:
    """What a shop's set-up left in the folder, the people's file aside."""
    return {path.name for path in folder.iterdir() if not path.name.startswith("gallra-people")}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_from_an_empty_folder_to_the_plan_without_a_terminal(
    approver: Visitor, keys: dict[str, str], tmp_path: Path, language: str
) -> None:
    approver.client.headers["accept-language"] = language
    first = approver.get("/")
    assert ("Anslut din första butik" if language == "sv" else "Connect your first shop") in said(first)
    assert 'href="/connect"' in first.text
    connected = tried(approver, to_keys(approver), **keys)
    assert connected.status_code == 200, said(connected)
    assert ("Vad nyckeln får göra" if language == "sv" else "What the key may do") in said(connected)
    assert "vault.key" in said(connected)
    assert "aggboden-revisor.txt" in said(connected)
    plan = to_plan(approver)
    assert plan.status_code == 200
    assert 'class="digest"' in plan.text
    settings = load_settings(tmp_path / "aggboden.toml", environ={})
    assert (settings.shop.id, settings.shop.language) == ("aggboden", language)
    assert typed("check", str(tmp_path / "aggboden.toml")).code == 0


def test_secrets_stand_in_files_of_their_owner_s_alone_and_nowhere_else(
    approver: Visitor, keys: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = {**keys, "secret_secret": "cs_made_up_and_wrong"}
    pages = [to_keys(approver)]
    pages.append(tried(approver, pages[0], **wrong))
    pages.append(tried(approver, pages[1], **keys))
    pages.append(to_plan(approver))
    secrets = (keys["secret_key"], keys["secret_secret"], wrong["secret_secret"])
    for page in pages:
        assert not any(one in page.text or one in str(page.url) for one in secrets)
    assert not any(one in record.getMessage() for record in caplog.records for one in secrets)
    holding = {
        path.name
        for path in tmp_path.rglob("*")
        if path.is_file() and any(one.encode() in path.read_bytes() for one in secrets)
    }
    assert holding == {"aggboden-key.secret", "aggboden-secret.secret"}
    for name in (*holding, "aggboden.toml", "vault.key", "subject.key", "seal.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name


def closed_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def sentence_of_check(folder: Path, keys: dict[str, str]) -> str:
    """What `gallra check` says of the same address and keys."""
    folder.mkdir()
    answers = [f"--{name.replace('_', '-')}={text}" for name, text in ANSWERS.items()]
    assert typed("init", str(folder), "--language", "en", f"--url={keys['url']}", *answers).code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GALLRA_AGGBODEN_KEY", keys["secret_key"])
        patch.setenv("GALLRA_AGGBODEN_SECRET", keys["secret_secret"])
        told = typed("check", str(folder / "aggboden.toml"), "--language", "en")
    assert told.code != 0
    [line] = [one for one in told.out.splitlines() if one.strip().startswith("error: ")]
    return line.partition("error: ")[2]


@pytest.mark.parametrize(
    ("kind", "at"), [("key", "refused"), ("closed", "url"), ("certificate", "url"), ("permalinks", "url")]
)
def test_a_fault_says_at_its_field_what_check_says_and_what_was_typed_is_kept_but_the_secrets(
    approver: Visitor, keys: dict[str, str], box: Sandbox, tmp_path: Path, kind: str, at: str
) -> None:
    wrong = {
        "key": {"secret_secret": "cs_made_up_and_wrong"},
        "closed": {"url": closed_port()},
        "certificate": {"url": keys["url"].replace("http://", "https://")},
        "permalinks": {"url": f"{keys['url']}/plain"},
    }[kind]
    typed_in = keys | wrong
    page = tried(approver, to_keys(approver), **typed_in)
    assert page.status_code == 409
    [beside] = [
        part for part in page.text.split('<div class="wrong"') if part.startswith(f' id="fault-{at}"')
    ]
    told = sentence_of_check(tmp_path / "terminal", typed_in)
    assert told in said(type("Part", (), {"text": f"<div{beside.partition('</div>')[0]}"})())
    assert f'value="{typed_in["url"]}"' in page.text
    assert typed_in["secret_key"] not in page.text
    assert files_of(tmp_path) - {"terminal"} == {".gallra-init.json"}
    approver.client.headers["accept-language"] = "sv"
    assert "Butiken är inte ansluten" in said(approver.get(SHOP))
    assert tried(approver, page, **keys).status_code == 200
    assert (tmp_path / "aggboden.toml").exists()


def test_a_host_that_is_not_there_is_said_at_the_address(
    approver: Visitor, keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def resolved(host: str, *rest: Any, **more: Any) -> Any:
        if host == "nowhere.example":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    page = tried(approver, to_keys(approver), **(keys | {"url": "https://nowhere.example"}))
    assert 'id="fault-url"' in page.text
    assert "nowhere.example" in said(page)
    assert not (tmp_path / "aggboden.toml").exists()


@pytest.mark.parametrize(
    "url", ["http://butik.example", "https://ada:pw@butik.example", "ftp://x.example", ""]
)
def test_an_address_that_no_settings_may_say_asks_nobody(
    approver: Visitor, keys: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_args: object, **_more: object) -> None:
        raise AssertionError("somebody was asked")

    page = to_keys(approver)
    monkeypatch.setattr("connector.serve.pages.connect_work.try_keys", asked)
    answer = approver.send(page, "/connect/keys", **(keys | {"url": url}))
    assert answer.status_code == 409
    assert 'id="fault-url"' in answer.text


def test_a_shop_that_is_there_is_never_overwritten(
    approver: Visitor, keys: dict[str, str], tmp_path: Path
) -> None:
    page = to_keys(approver)
    assert tried(approver, page, **keys).status_code == 200
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    asked = approver.send(approver.get("/connect"), "/connect", **ANSWERS)
    assert asked.status_code == 409
    assert "is here already" in said(asked)
    again = approver.send(page, "/connect/keys", **keys)
    assert again.status_code == 409
    assert "is here already" in said(again)
    after = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    own = {path for path in before if not path.name.startswith((".gallra-init", "gallra-people"))}
    assert {path: after[path] for path in own} == {path: before[path] for path in own}


@pytest.mark.parametrize("roles", [(), (Role.ANSWERER,)])
def test_only_an_approver_connects_a_shop(site: Any, tmp_path: Path, roles: tuple[Role, ...]) -> None:
    other = entered(site, *roles, name="Rut Reader")
    assert "role approver" in said(other.get("/"))
    token = form_to(other.get("/"), "/sign-out")["fields"]
    for path in ("/connect", "/connect/keys", SHOP):
        assert other.get(path).status_code == 403
        assert other.post(path, token | ANSWERS).status_code == 403
    assert files_of(tmp_path) == set()


def test_nobody_who_has_not_signed_in_connects_a_shop(site: Any, tmp_path: Path) -> None:
    visitor = Visitor(site)
    for path in ("/connect", "/connect/keys", SHOP):
        assert visitor.get(path).headers["location"] == "/sign-in"
        assert visitor.post(path, ANSWERS).status_code in (303, 403)
    assert files_of(tmp_path) == set()


def test_a_form_of_another_site_connects_nothing(
    approver: Visitor, keys: dict[str, str], tmp_path: Path
) -> None:
    page = to_keys(approver)
    fields = form_to(page, "/connect/keys")["fields"] | keys
    others = (
        {"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}, {"origin": "null"},
    )  # fmt: skip
    for headers in others:
        assert approver.post("/connect/keys", fields, **headers).status_code == 403
    assert approver.post("/connect/keys", fields | {"token": "made up"}).status_code == 403
    assert files_of(tmp_path) == {".gallra-init.json"}


def test_pages_of_one_shop_s_file_connect_no_other(site: Any) -> None:
    alone = entered(site._replace(folder=None), Role.APPROVER)
    assert alone.get("/connect").status_code == 404
    assert "/connect" not in alone.get("/").text


def test_answers_with_faults_are_kept_and_each_fault_stands_at_its_own(approver: Visitor) -> None:
    wrong = ANSWERS | {"organisation_number": "556703-7486", "recipients_others": "Fortnoks", "shop_name": ""}
    page = approver.send(approver.get("/connect"), "/connect", **wrong)
    assert page.status_code == 409
    for id in ("organisation_number", "recipients", "shop_name"):
        assert f'id="fault-{id}"' in page.text
        assert f'aria-describedby="fault-{id}"' in page.text
        assert f'href="#{id}"' in page.text
    assert 'value="556703-7486"' in page.text
    assert 'value="Fortnoks"' in page.text


def test_what_was_answered_is_there_again_after_the_server_was_ended(
    approver: Visitor, tmp_path: Path
) -> None:
    form = approver.get("/connect")
    more = {
        "company": "Ägg & Höns AB",
        "recipient": ["klarna", "mailchimp"],
        "recipients_others": "Visma: bokföring",
    }
    assert approver.send(form, "/connect", **(ANSWERS | more)).status_code == 303
    again = entered(site_of(tmp_path), Role.APPROVER).get("/connect")
    for text in ('value="Äggboden"', 'value="Ägg &amp; Höns AB"', 'value="klarna" checked', "Visma"):
        assert text in again.text


def test_a_server_that_was_ended_before_the_dry_run_goes_on_from_the_shop_s_page(
    approver: Visitor, keys: dict[str, str], tmp_path: Path
) -> None:
    tried(approver, to_keys(approver), **keys)
    later = entered(site_of(tmp_path), Role.APPROVER)
    assert later.get("/shop/aggboden").headers["location"] == SHOP
    assert later.get(SHOP).status_code == 200
    assert 'class="digest"' in to_plan(later).text


def test_a_pull_that_was_ended_halfway_is_gone_on_with_from_the_shop_s_page(
    approver: Visitor, keys: dict[str, str], tmp_path: Path
) -> None:
    tried(approver, to_keys(approver), **keys)
    assert typed("pull", str(tmp_path / "aggboden.toml")).code == 0  # a ledger is there, and no plan
    later = entered(site_of(tmp_path), Role.APPROVER)
    assert f'href="{SHOP}"' in later.get("/shop/aggboden").text
    reader = entered(site_of(tmp_path), name="Rut Reader")
    assert SHOP not in reader.get("/shop/aggboden").text
    assert 'class="digest"' in to_plan(later).text
    assert f'href="{SHOP}"' not in later.get("/shop/aggboden").text
    shop = opened(tmp_path / "aggboden.toml")
    with shop.ledger.begin() as connection:
        assert [detail["by"] for _, detail in shop.ledger.events(connection, "connected")] == ["Disa Demo"]
    assert typed("audit", "verify", str(tmp_path / "aggboden.toml")).code == 0


def test_promises_are_chosen_among_the_files_that_are_there(
    approver: Visitor, keys: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "lofte.toml").write_text('shop = "aggboden"\n[[promise]]\n', encoding="utf-8")
    page = approver.get("/connect")
    assert '<option value="lofte.toml"' in page.text
    for chosen, named in (("lofte.toml", True), ("../../etc/passwd", False)):
        fields = form_to(to_keys(approver, promises=chosen), "/connect/keys")["fields"]
        assert (fields.get("promises") == "lofte.toml") is named
    assert tried(approver, to_keys(approver, promises="lofte.toml"), **keys).status_code == 200
    settings = load_settings(tmp_path / "aggboden.toml", environ={})
    assert settings.policy.promises == tmp_path / "lofte.toml"


def test_a_first_dry_run_that_fails_says_why_and_may_be_tried_again(
    approver: Visitor, keys: dict[str, str], box: Sandbox
) -> None:
    tried(approver, to_keys(approver), **keys)
    box.woocommerce.faults.add("html", times=50)
    try:
        failed = to_plan(approver)
    finally:
        box.woocommerce.faults.clear()
    assert 'role="alert"' in failed.text
    assert 'class="digest"' in to_plan(approver).text


def test_progress_is_shown_while_the_shop_is_read(
    site: Any, keys: dict[str, str], tmp_path: Path, box: Sandbox
) -> None:
    approver = entered(site._replace(jobs=Jobs(patience=0.0)), Role.APPROVER)
    box.woocommerce.faults.add("latency", times=4, seconds=0.3)
    sent = approver.send(to_keys(approver), "/connect/keys", **keys)
    page = approver.get(sent.headers["location"])
    assert page.headers.get("refresh") == "3"
    assert "being tried" in said(page)
    assert "refresh" not in approver.get(f"{SHOP}?still=1").headers
    sent = approver.send(waited(approver, SHOP), SHOP)
    seen = ""
    while (answer := approver.get(sent.headers["location"])).status_code == 200:
        seen += said(answer)
        time.sleep(0.05)
    box.woocommerce.faults.clear()
    assert "being read" in seen
    assert answer.headers["location"] == "/shop/aggboden/plan"


def test_a_redirect_to_another_place_is_not_followed(
    approver: Visitor, keys: dict[str, str], tmp_path: Path
) -> None:
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["host"])
            self.send_response(302)
            self.send_header("location", f"http://localhost:{self.server.server_port}/inside")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        page = tried(approver, to_keys(approver), **(keys | {"url": url}))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert page.status_code == 409
    assert 'id="fault-url"' in page.text
    assert {host.partition(":")[0] for host in asked} == {"127.0.0.1"}
    assert not (tmp_path / "aggboden.toml").exists()
