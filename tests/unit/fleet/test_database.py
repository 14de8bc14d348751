"""The fleet's database: its tables, what is said where it does not answer, and poolers that break it."""

from pathlib import Path
from threading import Thread

import pytest

from connector.errors import Exit, GallraError, RetryLater, SettingsError
from connector.fleet.database import connect, connected, must_be_direct, must_be_ready
from connector.fleet.where import VARIABLE, Fleet, read_fleet, url_of
from tests.fleet_support import empty_database, opened
from tests.pooler import transaction_pooler


def test_the_tables_are_made_once_by_whoever_comes_first() -> None:
    url = empty_database()

    def make() -> None:
        with opened(url) as connection:
            must_be_ready(connection)

    makers = [Thread(target=make) for _ in range(4)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    with opened(url) as connection:
        must_be_ready(connection)
        assert connection.execute("SELECT count(*) FROM gallra_fleet").fetchone() == (1,)


def test_tables_of_another_version_are_refused() -> None:
    url = empty_database()
    with opened(url) as connection:
        must_be_ready(connection)
        connection.execute("UPDATE gallra_fleet SET version = 2")
        with pytest.raises(GallraError, match="version 2, and this Gallra knows 1"):
            must_be_ready(connection)


def test_tables_of_an_older_queue_are_refused() -> None:
    url = empty_database()
    with opened(url) as connection:
        must_be_ready(connection)
        connection.execute("DROP FUNCTION procrastinate_retry_job_v2")
        with pytest.raises(GallraError, match=r"older than Procrastinate 3\.4"):
            must_be_ready(connection)


def test_a_database_that_does_not_answer_ends_with_75_and_names_no_password() -> None:
    with pytest.raises(RetryLater) as caught, connected("postgresql://egg:hemligt@127.0.0.1:1/egg"):
        pass
    assert caught.value.exit is Exit.TRY_LATER
    assert "hemligt" not in str(caught.value)


def test_what_is_no_address_is_told_without_it() -> None:
    with pytest.raises(SettingsError) as caught, connected("hemligt"):
        pass
    assert "hemligt" not in str(caught.value)


def test_the_database_itself_is_taken(url: str) -> None:
    must_be_direct(url)


def test_a_pooler_of_transactions_is_refused(url: str) -> None:
    with transaction_pooler(url) as port:
        behind = f"postgresql://postgres@127.0.0.1:{port}/{url.split('/')[3].partition('?')[0]}"
        with pytest.raises(SettingsError, match="pooler of transactions"):
            must_be_direct(behind)


def test_a_connection_says_whose_it_is(url: str) -> None:
    with connect(url) as connection:
        assert connection.execute("SHOW application_name").fetchone() == ("gallra fleet",)


def test_the_address_comes_from_the_variable_or_from_where_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql://file/egg\n")
    file = tmp_path / "fleet.toml"
    file.write_text('[fleet]\nurl = { file = "secret" }\nfolder = "kept"\n')
    made = read_fleet(file)
    assert url_of(made, {}) == "postgresql://file/egg"
    assert url_of(made, {VARIABLE: "postgresql://variable/egg"}) == "postgresql://variable/egg"
    assert made.folder == tmp_path / "kept"


def test_without_an_address_it_is_said_how_one_is_given(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Set GALLRA_FLEET_URL"):
        url_of(read_fleet(tmp_path / "none.toml"), {})


@pytest.mark.parametrize(
    "text", ["[fleet", '[fleet]\nurl = "postgresql://egg:hemligt@x/y"', "[shop]\nid = 1", "[fleet]\nmore = 1"]
)
def test_a_file_that_is_none_is_refused_without_what_stood_there(tmp_path: Path, text: str) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_fleet(file)
    assert "hemligt" not in str(caught.value)


def test_a_file_that_names_no_source_is_none_as_a_variable_that_is_not_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"fleet\.url"):
        url_of(Fleet.model_validate({"url": {"env": "NOT_SET"}}), {})
