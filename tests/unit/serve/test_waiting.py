"""A served folder is waited for until it holds a shop that can be served."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connector.cli import running
from connector.errors import GallraError, SettingsError
from connector.serve.waiting import GLANCE, GLANCES, Say, first_shops
from tests.unit.serve.made import ENVIRON

NO_SHOP = "There is no shop's .toml file in"
FILLED = "a shop is there"


@pytest.fixture
def pauses() -> list[float]:
    """How long was waited, one glance at a time."""
    return []


def _then(pauses: list[float], *acts: Callable[[], object], at: int = 1) -> Callable[[float], None]:
    """Waits no time: does one act at each pause from this one on, and is stopped after the last."""
    left: Iterator[Callable[[], object]] = iter(acts)

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) >= at:
            next(left, _stop)()

    return pause


def _stop() -> None:
    raise KeyboardInterrupt


def _nothing() -> None:
    """A glance at which nothing is done."""


def _tomls(folder: Path) -> Callable[[Say], list[Path]]:
    def find(say: Say) -> list[Path]:
        found = sorted(folder.glob("*.toml"))
        if not found:
            raise GallraError(f"{NO_SHOP} {folder}.")
        return found

    return find


def test_an_empty_folder_is_waited_for_and_its_first_shop_is_found_two_glances_later(
    tmp_path: Path, pauses: list[float]
) -> None:
    said: list[str] = []
    pause = _then(pauses, lambda: (tmp_path / "egg.toml").touch(), _nothing)
    assert first_shops(tmp_path, _tomls(tmp_path), said.append, pause=pause) == [tmp_path / "egg.toml"]
    assert said == [f"{NO_SHOP} {tmp_path}.", f"Waiting for a first shop in {tmp_path}."]
    assert pauses == [GLANCE] * 2


def test_a_folder_that_is_still_being_filled_is_not_read(tmp_path: Path, pauses: list[float]) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    pause = _then(pauses, first.touch, second.touch, _nothing)
    assert first_shops(tmp_path, _tomls(tmp_path), print, pause=pause) == [first, second]


def test_a_folder_is_looked_at_each_minute_though_nothing_in_it_changed(
    tmp_path: Path, pauses: list[float]
) -> None:
    looks: list[int] = []

    def find(say: Say) -> list[Path]:
        looks.append(len(pauses))
        raise GallraError("A key is not set. Set it.")

    said: list[str] = []
    pause = _then(pauses, at=3 * GLANCES)
    with pytest.raises(KeyboardInterrupt):
        first_shops(tmp_path, find, said.append, pause=pause)
    assert looks == [0, GLANCES, 2 * GLANCES]
    assert GLANCES * GLANCE == 60
    assert len(said) == 2  # the same is said once


def test_what_is_wrong_is_said_again_when_it_is_something_else(tmp_path: Path, pauses: list[float]) -> None:
    file = tmp_path / "egg.toml"

    def find(say: Say) -> list[Path]:
        if not file.exists():
            raise GallraError(NO_SHOP)
        if not file.read_text("utf-8"):
            raise SettingsError(["egg.toml: shop.id: is missing."])
        return [file]

    said: list[str] = []
    pause = _then(pauses, file.touch, _nothing, lambda: file.write_text("x", "utf-8"), _nothing)
    assert first_shops(tmp_path, find, said.append, pause=pause) == [file]
    assert said[2:] == [
        "egg.toml: shop.id: is missing.",
        f"Waiting for a shop in {tmp_path} that can be served.",
    ]


def test_a_folder_that_is_not_there_is_waited_for_and_named(tmp_path: Path, pauses: list[float]) -> None:
    folder = tmp_path / "shops"
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        first_shops(folder, _tomls(folder), said.append, pause=_then(pauses))
    assert said[0] == f"There is no folder {folder}. Make it and put each shop's file there."


def test_a_folder_that_another_user_owns_is_not_called_empty(
    tmp_path: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        first_shops(tmp_path, _tomls(tmp_path), said.append, pause=_then(pauses))
    assert said[0].startswith(f"{tmp_path} cannot be read by user ")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What `gallra serve` came to serve, by name; it serves nothing in truth, and waits no time."""
    found: list[list[str]] = []
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)

    def serve(files: list[Path], *_: object, **_named: object) -> None:
        found.append([file.name for file in files])

    monkeypatch.setattr("connector.serve.schedule.serve", serve)
    return found


def _pausing(monkeypatch: pytest.MonkeyPatch, pause: Callable[[float], None]) -> None:
    monkeypatch.setattr(first_shops, "__kwdefaults__", {"pause": pause})


def test_serve_waits_for_a_first_shop_and_then_serves_it(
    file: Path,
    served: list[list[str]],
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    aside = file.rename(file.with_suffix(".aside"))
    _pausing(monkeypatch, _then(pauses, lambda: aside.rename(file), _nothing))
    running.serve(file.parent)
    assert served == [["egg.toml"]]
    told = capsys.readouterr().err.splitlines()
    assert told[1] == f"Waiting for a first shop in {file.parent}."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('cron = "15 3 * * mon"', "", "schedule.cron: no shop has one."),
        ('cron = "15 3 * * mon"', 'cron = "never"', "schedule.cron"),
        ("vault.key", "not-there.key", "not-there.key"),
    ],
)
def test_a_folder_whose_only_shop_cannot_be_served_is_waited_for_until_it_is_mended(
    file: Path,
    served: list[list[str]],
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    told: str,
) -> None:
    sound = file.read_text("utf-8")
    file.write_text(sound.replace(old, new), "utf-8")
    _pausing(monkeypatch, _then(pauses, lambda: file.write_text(sound, "utf-8"), _nothing))
    running.serve(file.parent)
    assert served == [["egg.toml"]]
    said = capsys.readouterr().err
    assert told in said
    assert f"Waiting for a shop in {file.parent} that can be served." in said


def test_a_file_that_is_named_and_not_there_is_an_error_and_not_waited_for(
    tmp_path: Path, served: list[list[str]]
) -> None:
    with pytest.raises(GallraError, match=r"egg\.toml"):
        running.serve(tmp_path / "egg.toml")
    assert served == []


def test_serve_that_is_stopped_while_it_waits_ends_well(
    tmp_path: Path, served: list[list[str]], pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    _pausing(monkeypatch, _then(pauses))
    running.serve(tmp_path)
    assert served == []
