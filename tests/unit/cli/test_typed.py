"""Whose word a name is: one that was typed stands with the system's user who typed it."""

import pytest

from connector.machine.user import system_user
from connector.stages.flow import Word
from tests.unit.stages.opened import Opened


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A shop that has run under an approval that was typed."""
    opened = Opened(tmp_path_factory.mktemp("typed"))
    opened.ran("1")
    return opened


def test_a_protocol_says_which_of_the_systems_users_typed_who_approved(ran: Opened) -> None:
    assert ran.gallra("report", "--json").json["approval"]["typed_by"] == system_user()
    page = next((ran.folder / "reports").glob("protocol-*.html")).read_text("utf-8")
    assert f"stated at the terminal by the system's user {system_user()}" in page.replace("&#39;", "'")
    assert f"uppgivna vid terminalen av systemets användare {system_user()}" in page


def test_the_ledger_keeps_it_of_every_name_that_was_given(ran: Opened) -> None:
    shop = ran.open()
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "acknowledged", by="Disa Demo")
        assert shop.ledger.events(connection, "acknowledged")[-1].detail["user"] == system_user()


def test_a_standing_approval_stands_in_a_file_and_nobody_typed_it() -> None:
    assert Word(by="Disa Demo", role="owner", standing=True).typed_by == ""


def test_no_variable_says_who_the_user_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = system_user()
    system_user.cache_clear()
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody")
    assert system_user() == before
