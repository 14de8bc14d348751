"""Where the pages are: this machine alone unless told, plain http nowhere else, one address for a folder."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from connector.errors import SettingsError
from connector.serve.pages.home import folder_of, home_of, one_home
from connector.settings.serving import Web


class Named:
    """What of settings is asked for."""

    def __init__(self, web: Web | None) -> None:
        self.web = web


def test_unless_told_it_is_this_machine_by_its_own_name() -> None:
    home = home_of(Web())
    assert (home.listen, home.origin, home.secure) == ("127.0.0.1:8090", "http://localhost:8090", False)
    assert (home.place.host, home.place.origin) == ("localhost", "http://localhost:8090")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Gallra.Butik.example/", "https://gallra.butik.example"),
        ("https://gallra.butik.example:443", "https://gallra.butik.example"),
        ("https://gallra.butik.example:8443", "https://gallra.butik.example:8443"),
        ("http://localhost:8090", "http://localhost:8090"),
    ],
)
def test_the_origin_is_written_as_a_browser_writes_it(url: str, origin: str) -> None:
    assert home_of(Web(url=url)).origin == origin


@pytest.mark.parametrize(
    "given",
    [
        {"listen": "0.0.0.0:8090"},
        {"listen": "192.168.1.4:8090", "url": "https://gallra.butik.example"},
        {"listen": "[::]:8090"},
        {"url": "http://gallra.butik.example"},
        {"url": "https://gallra.butik.example/sidor"},
        {"url": "https://gallra.butik.example/?x"},
        {"certificate": "a.pem"},
        {"certificate": "a.pem", "key": "b.pem"},
    ],
    ids=str,
)
def test_what_would_travel_in_clear_text_or_be_of_no_passkey_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Web(**given)


def test_with_a_certificate_it_may_listen_anywhere() -> None:
    home = home_of(Web(listen="0.0.0.0:443", url="https://g.example", certificate="a.pem", key="b.pem"))
    assert (home.certificate, home.secure) == ((Path("a.pem"), Path("b.pem")), True)


def test_the_shops_of_a_folder_share_one_address() -> None:
    one, other = Web(), Web(listen="127.0.0.1:8091")
    assert one_home([Named(None)]) is None  # type: ignore[list-item]
    assert one_home([Named(one), Named(None), Named(Web())]) == home_of(one)  # type: ignore[list-item]
    with pytest.raises(SettingsError, match="two addresses"):
        one_home([Named(one), Named(other)])  # type: ignore[list-item]


def test_the_file_of_people_lies_beside_the_shops(tmp_path: Path) -> None:
    assert folder_of(tmp_path) == tmp_path
    assert folder_of(tmp_path / "egg.toml") == tmp_path
