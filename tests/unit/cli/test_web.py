"""`gallra web`: who may see the pages is said at the terminal, and one address shows them."""

import socket
import stat
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from connector.serve.pages.people import FILE
from tests.sandbox_support import typed
from tests.unit.serve.conftest import file  # noqa: F401  a shop's file, with its keys


def test_somebody_is_invited_listed_and_let_go(file: Path) -> None:  # noqa: F811
    said = typed("web", "invite", "--name", "Disa Demo", "--role", "approver", "--shop", str(file))
    assert said.code == 0, said.err
    assert said.out.startswith("http://localhost:8090/enrol/")
    assert stat.S_IMODE((file.parent / FILE).stat().st_mode) == 0o600
    listed = typed("web", "people", str(file), "--json").json["people"]
    assert listed == [{"name": "Disa Demo", "roles": ["approver", "reader"], "passkeys": 0, "ended": ""}]
    assert typed("web", "end", "--name", "Disa Demo", "--shop", str(file)).code == 0
    assert "let go" in typed("web", "people", str(file)).out
    assert typed("web", "end", "--name", "Sam Sund", "--shop", str(file)).code == 1


@pytest.mark.parametrize("name", ["", "NAME", "disa@butik.example"])
def test_a_name_that_is_none_invites_nobody(file: Path, name: str) -> None:  # noqa: F811
    assert typed("web", "invite", "--name", name, "--shop", str(file)).code == 1
    assert not (file.parent / FILE).exists()


def test_a_role_that_there_is_not_is_refused(file: Path) -> None:  # noqa: F811
    said = typed("web", "invite", "--name", "Disa Demo", "--role", "owner", "--shop", str(file))
    assert said.code == 1
    assert "approver" in said.err


def test_serving_shows_the_pages_beside_the_webhooks(file: Path) -> None:  # noqa: F811
    from connector.cli.common import load, load_to_read
    from connector.serve.ears import listening
    from connector.serve.pages.serving import Loads, pages_of

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    text = file.read_text("utf-8")
    webhooks = text.partition('listen = "')[2].partition('"')[0]
    for listen in (f"127.0.0.1:{port}", webhooks):  # apart, then on one address
        file.write_text(f'{text}\n[web]\nlisten = "{listen}"\n', encoding="utf-8")
        pages = pages_of(file, lambda: [file], Loads(load, load_to_read))
        with pytest.MonkeyPatch.context() as patch:
            for name in ("WEBHOOK_SECRET", "SHOP_TOKEN"):
                patch.setenv(name, "made-up")
            with listening([file], load, lambda _line: None, pages):
                with urllib.request.urlopen(f"{pages.home.origin}/sign-in", timeout=10) as answer:
                    assert (answer.status, b"passkey" in answer.read()) == (200, True)
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(f"http://{webhooks}/webhooks/egg/other", timeout=10)


def test_the_first_person_is_invited_and_the_pages_are_shown_where_no_shop_is_yet(tmp_path: Path) -> None:
    said = typed("web", "invite", "--name", "Disa Demo", "--role", "approver", "--shop", str(tmp_path))
    assert said.code == 0, said.err
    assert said.out.startswith("http://localhost:8090/enrol/")
    assert "Disa Demo" in typed("web", "people", str(tmp_path)).out
    assert {path.name.partition(".")[0] for path in tmp_path.iterdir()} == {"gallra-people"}


def test_where_no_shop_is_yet_the_pages_are_at_the_agency_s_address(tmp_path: Path) -> None:
    agency = tmp_path / "agency.toml"
    agency.write_text('[web]\nurl = "https://gallra.example"\n', encoding="utf-8")
    invited = ("web", "invite", "--name", "Disa Demo", "--shop", str(tmp_path))
    assert typed(*invited).out.startswith("https://gallra.example/enrol/")
    agency.write_text('[web]\nurl = "http://gallra.example"\n', encoding="utf-8")
    said = typed(*invited)
    assert said.code == 1
    assert "agency.toml:2: web.url" in said.err


def test_a_folder_that_is_not_there_is_told_of_and_nothing_is_made(tmp_path: Path) -> None:
    for words in (("invite", "--name", "Disa Demo", "--shop"), ("start",)):
        said = typed("web", *words, str(tmp_path / "shops"))
        assert said.code == 1
        assert "Make that folder" in said.err
    assert [*tmp_path.iterdir()] == []
