"""A shop that comes while a folder is served is served without a restart; one that goes is dropped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from connector.errors import GallraError
from connector.serve.arriving import GLANCES, Arrivals
from connector.serve.schedule import Say, keep, sound_only
from connector.settings.cron import STOCKHOLM
from tests.unit.settings.test_settings import SHOP

NIGHTLY = '[schedule]\ncron = "15 3 * * *"\n'
MORNINGS = '[schedule]\ncron = "15 7 * * *"\n'


class Served:
    """A served folder: its scheduler, and what was said of it. It runs nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, list[str]()
        self.scheduler: Any = BackgroundScheduler(timezone=STOCKHOLM)
        self.scheduler.start(paused=True)
        self._arrivals = Arrivals(folder, self._find, self._serve, self.said.append)

    def _find(self, say: Say) -> list[Path]:
        found = sorted(self.folder.glob("*.toml"))
        if not found:
            raise GallraError("There is no shop's .toml file there.")
        return sound_only(found, _opens, say)

    def _serve(self, found: Sequence[Path], say: Say) -> None:
        keep(self.scheduler, found, lambda _path: (0, ""), say)

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(SHOP + text, encoding="utf-8")

    def look(self) -> dict[str, str]:
        """Two glances, as serving has them: the cron line of each shop that is served then."""
        self._arrivals.glance()
        self._arrivals.glance()
        return {Path(job.id).stem: job.trigger.line for job in self.scheduler.get_jobs()}

    def glances(self, number: int) -> None:
        for _ in range(number):
            self._arrivals.glance()


def _opens(path: Path) -> None:
    if "broken" in path.read_text(encoding="utf-8"):
        raise GallraError("shop.id is missing. Write it.")


@pytest.fixture
def served(tmp_path: Path) -> Any:
    found = Served(tmp_path)
    found.put("egg.toml", NIGHTLY)
    found.look()
    yield found
    found.scheduler.shutdown()


def test_a_shop_that_comes_is_served_by_its_cron_line(served: Served) -> None:
    served.put("anka.toml", MORNINGS)
    assert served.look() == {"egg": "15 3 * * *", "anka": "15 7 * * *"}
    assert served.said[-1] == "anka.toml is served from now on: 15 7 * * *."


def test_a_shop_whose_cron_line_changes_goes_by_the_new_one(served: Served) -> None:
    served.put("egg.toml", MORNINGS)
    assert served.look() == {"egg": "15 7 * * *"}


def test_the_last_shop_too_is_dropped_when_its_file_is_gone(served: Served) -> None:
    (served.folder / "egg.toml").unlink()
    assert served.look() == {}
    assert "egg.toml is gone from the folder and is not served any more." in served.said


def test_a_shop_without_a_cron_line_is_named_and_left_out(served: Served) -> None:
    served.put("anka.toml", "")
    assert served.look() == {"egg": "15 3 * * *"}
    assert served.said[-1] == "anka.toml has no [schedule] cron and is not served."


def test_a_broken_shop_that_comes_is_named_once_left_out_and_served_when_it_is_mended(
    served: Served,
) -> None:
    served.put("anka.toml", NIGHTLY + "# broken\n")
    assert served.look() == {"egg": "15 3 * * *"}
    served.glances(3 * GLANCES)
    assert [line for line in served.said if "anka" in line] == [
        "anka.toml is not served: shop.id is missing. Write it. "
        "Mend it; a folder that is served is looked at again by itself."
    ]
    served.put("anka.toml", NIGHTLY)
    assert served.look() == {"egg": "15 3 * * *", "anka": "15 3 * * *"}


def test_a_served_shop_that_breaks_stays_on_its_schedule_so_that_its_run_fails_and_is_told(
    served: Served,
) -> None:
    served.put("egg.toml", NIGHTLY + "# broken\n")
    served.put("anka.toml", NIGHTLY)
    assert set(served.look()) == {"egg", "anka"}


def test_a_folder_that_is_still_being_filled_is_not_read(served: Served) -> None:
    served.put("anka.toml", MORNINGS)
    served.glances(1)
    served.put("svan.toml", MORNINGS)
    served.glances(1)
    assert len(served.scheduler.get_jobs()) == 1
    assert set(served.look()) == {"egg", "anka", "svan"}


def test_what_lies_elsewhere_is_looked_at_again_though_the_folder_did_not_change(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    (served.folder / "egg.toml").unlink()
    monkeypatch.setattr("connector.serve.arriving.state", lambda _folder: ())
    served.glances(GLANCES + 1)
    assert served.scheduler.get_jobs() == []
