"""Where the form may stand: a public address of its own, and only where its mail can leave."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from connector.errors import SettingsError
from connector.serve.form.serving import FormPlace, asking, form_at
from connector.serve.pages.serving import Loads
from connector.settings.serving import Form
from tests.unit.serve.form.forms import TABLES
from tests.unit.stages.opened import Opened

WELL = {"url": "https://ask.egg.example", "proxies": ("127.0.0.1",)}


@pytest.mark.parametrize("given", [
    {"url": "http://ask.egg.example"}, {"url": "http://localhost:8091"}, {"url": "https://localhost"},
    {"url": "https://127.0.0.1"}, {"url": "https://192.168.1.4"}, {"url": "https://ask.egg.example/form"},
    {"url": "https://intranet"}, {"proxies": ()}, {"proxies": ("the proxy",)}, {"listen": "0.0.0.0:8091"},
    {"certificate": "a.pem"},
], ids=str)  # fmt: skip
def test_what_nobody_outside_can_open_or_would_travel_in_clear_text_is_refused(given: dict[str, str]) -> None:
    Form(**WELL)
    with pytest.raises(ValidationError):
        Form(**{**WELL, **given})


def shop_with(folder: Path, more: str) -> Opened:
    made = Opened(folder)
    made.file.write_text(made.file.read_text("utf-8") + more, encoding="utf-8")
    return made


@pytest.mark.parametrize(("more", "why"), [
    (TABLES.partition("[letters.smtp]")[0], "mail server"),
    (TABLES + '\n[web]\nlisten = "127.0.0.1:8091"\n', "web.listen"),
    (TABLES + '\n[metrics]\nlisten = "127.0.0.1:8091"\n', "metrics.listen"),
])  # fmt: skip
def test_a_form_that_can_confirm_nothing_or_stands_beside_others_is_refused_at_the_start(
    tmp_path: Path, more: str, why: str
) -> None:
    shop = shop_with(tmp_path, more)
    with pytest.raises(SettingsError, match=why):
        form_at([shop.file], shop.open)
    said = shop.gallra("serve")
    assert said.code == 1
    assert why in said.err


def test_without_the_table_there_is_none(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    of = FormPlace(shop.file, lambda: [shop.file], Loads(shop.open, shop.open))
    with asking([shop.file], of, print) as port:
        assert port is None
    assert not list(tmp_path.glob("gallra-form*"))


def test_it_listens_while_it_is_served(tmp_path: Path) -> None:
    import http.client
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        free = one.getsockname()[1]
    shop = shop_with(tmp_path, TABLES.replace("[form]", f'[form]\nlisten = "127.0.0.1:{free}"'))
    lines: list[str] = []
    of = FormPlace(shop.file, lambda: [shop.file], Loads(shop.open, shop.open))
    assert shop.gallra("pull").code == 0
    with asking([shop.file], of, lines.append) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/egg", headers={"host": "ask.egg.example", "x-forwarded-for": "1.2.3.4"})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
    assert answer.status == 200
    assert "Ägget" in body
    assert lines == ["Form at https://ask.egg.example/."]
