"""A command that is stopped says that nothing is lost and ends with 3, whoever stops it."""

import os
import signal
from collections.abc import Iterator

import pytest
import typer

from connector import cli


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_says_that_nothing_is_lost(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def stopped() -> None:
        os.kill(os.getpid(), number)

    monkeypatch.setattr(cli, "_command", lambda: typer.main.get_command(app))
    monkeypatch.setattr("sys.argv", ["gallra"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    assert capsys.readouterr().err == "Stopped. Nothing is lost; run the same command again.\n"
