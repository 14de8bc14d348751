"""The images as they are run: who they run as, what they may write, what they hold, how they are stopped."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.image.containers import (
    ALONE,
    BASE,
    DEMO,
    Done,
    Volume,
    engine,
    new_volume,
    run,
    running,
    shell,
    wait_until,
)

MOST = 100_000_000
"""Bytes of the image above its base."""

SHOP = "/data/demo-output/shop.toml"
"""The demo's, on its volume."""


def _size(image: str) -> int:
    return int(engine("image", "inspect", "--format={{.Size}}", image).stdout)


def test_the_image_adds_less_than_a_hundred_megabytes_to_its_base() -> None:
    assert _size(ALONE) - _size(BASE) < MOST


def test_the_image_that_serves_holds_no_made_up_shop(volume: Volume) -> None:
    done = run(ALONE, "demo", volume=volume)
    assert done.returncode == 1
    assert "The made-up shop is an extra." in done.stderr
    asked = "import importlib.util as of; print(of.find_spec('sandbox'), of.find_spec('graphql'))"
    assert shell(ALONE, f'python -c "{asked}"', volume=volume).stdout.split() == ["None", "None"]


@pytest.mark.parametrize("image", [ALONE, DEMO])
def test_a_container_is_user_10001_and_writes_to_its_volume_and_nowhere_else(
    image: str, volume: Volume
) -> None:
    mine, others = ["/data/x", "/data/shops/x", "/tmp/x"], ["/x", "/opt/gallra/x", "/etc/x"]
    tried = " ".join(mine + others)
    script = f"id -u; for path in {tried}; do touch $path 2>/dev/null && echo $path; done; true"
    assert shell(image, script, volume=volume).stdout.split() == ["10001", *mine]


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[Done, Volume]]:
    """The demo of sixty orders, and the volume that it wrote."""
    with new_volume() as volume:
        yield run(DEMO, "demo", "--orders", "60", "--customers", "30", volume=volume), volume


def test_the_demo_ends_verified_on_a_read_only_root(demo: tuple[Done, Volume]) -> None:
    done, _ = demo
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.count("Verified: ") >= 1
    assert "0 with data left" in done.stdout


def _status(image: str, volume: Volume) -> Any:
    done = run(image, "status", SHOP, "--json", volume=volume)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_what_one_image_wrote_to_the_volume_the_next_reads_and_goes_on_with(
    demo: tuple[Done, Volume],
) -> None:
    _, volume = demo
    before = _status(DEMO, volume)
    assert before["shops"][0]["last_run"]
    assert _status(ALONE, volume) == before
    hold = ("--query", "kind=order status=refunded", "--reason", "A test", "--review", "6 months")
    placed = run(ALONE, "hold", "add", "--shop", SHOP, "--owner", "Disa Demo", *hold, volume=volume)
    assert placed.returncode == 0, placed.stdout + placed.stderr
    assert "A test" in run(DEMO, "hold", "list", "--shop", SHOP, volume=volume).stdout


@pytest.fixture(scope="module")
def box() -> Iterator[Volume]:
    """The made-up shops, answering from a container of their own, and their files on a volume."""
    with new_volume() as volume:
        words = ("sandbox", "--folder", "/data/box", "--orders", "400", "--customers", "150")
        with running(DEMO, *words, volume=volume) as made_up:
            wait_until(lambda: "gallra check" in made_up.said(), what="the made-up shops", pause=1)
            script = "printf '\\n[schedule]\\ncron = \"* * * * *\"\\n' >> /data/box/shop.toml"
            assert shell(ALONE, script, volume=volume).returncode == 0
            yield volume
            assert made_up.stop() == 0


def test_serve_that_is_stopped_lets_its_run_end_and_ends_well(box: Volume) -> None:
    ledger = box.place / "box" / "gallra.sqlite"
    with running(ALONE, "serve", "/data/box/shop.toml", volume=box, keys="/data/box/keys.sh") as serving:
        wait_until(ledger.exists, what="the first run's ledger")
        assert "exit code" not in serving.said()
        assert serving.stop() == 0
        assert "shop.toml: Plan: " in serving.said()


def test_a_run_that_is_stopped_in_its_middle_says_so_and_the_next_one_goes_on(box: Volume) -> None:
    ledger = box.place / "box" / "shopify" / "gallra.sqlite"
    words = ("run", "/data/box/shopify/shop.toml")
    with running(ALONE, *words, volume=box, keys="/data/box/keys.sh") as stopped:
        wait_until(ledger.exists, what="the run's ledger", pause=0.05)
        assert stopped.stop() == 3
        assert "Avbrutet. Inget är förlorat" in stopped.said()  # the language of its shop
    script = f". /data/box/keys.sh && gallra {' '.join(words)}"
    again = shell(ALONE, script, volume=box)
    assert (again.returncode, "Plan: " in again.stdout) == (4, True), again.stdout + again.stderr


def test_a_fresh_empty_folder_is_waited_for_and_is_well_until_a_shop_fails(volume: Volume) -> None:
    with running(ALONE, "serve", "/data/shops", volume=volume) as serving:
        wait_until(lambda: "Waiting for a first shop in /data/shops." in serving.said(), what="its words")
        assert serving.is_well()
        assert shell(ALONE, "echo '[shop]' > /data/shops/bad.toml", volume=volume).returncode == 0
        assert not serving.is_well()
        assert serving.stop() == 0
