"""Whether what is served is well, as a container's health check asks; offline."""

from collections.abc import Callable, Iterator
from pathlib import Path

from connector.errors import GallraError
from connector.serve.waiting import must_be_readable
from connector.settings import find_shops
from connector.shop import Shop
from connector.views.status import status_of

Load = Callable[[Path], Shop]


def unwell(place: Path, load: Load) -> Iterator[str]:
    """What is wrong, a line for each shop; a folder that still waits for its first shop is well.

    A shop is unwell whose file or ledger cannot be opened, or whose runs have failed since the last good one.
    Raises GallraError where the folder cannot be read.
    """
    for path in _files(place):
        if line := _fault_of(path, load):
            yield f"{path.name}: {line}"


def _files(place: Path) -> tuple[Path, ...]:
    if place.suffix == ".toml" or place.is_file():
        return (place,)
    must_be_readable(place)
    return find_shops(place)


def _fault_of(path: Path, load: Load) -> str:
    try:
        found = status_of(load(path))
    except GallraError as fault:
        return str(fault)
    since = found.failing_since
    return found.fault or (f"its runs have failed since {since}. See `gallra status`." if since else "")
