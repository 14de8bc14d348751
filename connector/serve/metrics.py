"""Metrics as Prometheus reads them: a text of every shop's figures, by file and for `/metrics`.

The only file that imports prometheus_client. A shop that cannot be opened is down, and stops no other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connector.errors import GallraError
from connector.machine.files import write_text
from connector.shop import Shop
from connector.views.metrics import Metrics, metrics_of

OF_EVERYONE = 0o644
"""A monitor under another user reads the file; nothing of a person stands in it."""

Load = Callable[[Path], Shop]


class _Family:
    """One figure: its name, what it is, and how it is read of a shop."""

    def __init__(self, name: str, told: str, *labels: str) -> None:
        self.gauge = GaugeMetricFamily(f"gallra_{name}", told, labels=("shop", *labels))

    def add(self, shop: str, value: float | None, *labels: str) -> None:
        """A shop that has no value yet has no line."""
        if value is not None:
            self.gauge.add_metric((shop, *labels), value)


class _Shops:
    """The figures of these shops, one family after the other."""

    def __init__(self, found: Sequence[Metrics | str]) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every family, with a line for each shop."""
        up = _Family("up", "Whether the shop's settings and ledger can be read (1) or not (0).")
        for one in self._found:
            up.add(one if isinstance(one, str) else one.shop, 0 if isinstance(one, str) else 1)
        yield up.gauge
        known = [one for one in self._found if not isinstance(one, str)]
        yield from _plain(known)
        yield from _labelled(known)


def _plain(known: Sequence[Metrics]) -> Iterator[GaugeMetricFamily]:
    families = (
        _Family("last_success_timestamp_seconds", "When a run last ended well, in seconds since 1970."),
        _Family("last_success_age_seconds", "Seconds since a run last ended well."),
        _Family("due_records", "Records of which something may go now."),
        _Family("held_records", "Records that a hold keeps."),
        _Family("waiting_approval_steps", "Steps of the newest plan that nobody has approved."),
        _Family("overdue_deliveries", "Deliveries and accepted erasures past their time."),
    )
    for one in known:
        success = None if one.last_success is None else one.last_success.timestamp()
        values = (success, one.age, one.due, one.held, one.waiting_approval, one.overdue)
        for family, value in zip(families, values, strict=True):
            family.add(one.shop, value)
    yield from (family.gauge for family in families)


def _labelled(known: Sequence[Metrics]) -> Iterator[GaugeMetricFamily]:
    requests = _Family("run_requests", "Requests that the last run sent, tries again included.", "service")
    retries = _Family("run_retries", "Requests of the last run that were tries again.", "service")
    seconds = _Family("run_stage_seconds", "Seconds that each stage of the last run took.", "stage")
    for one in known:
        for service, count in one.requests.items():
            requests.add(one.shop, count, service)
            retries.add(one.shop, one.retries.get(service, 0), service)
        for stage, took in one.seconds.items():
            seconds.add(one.shop, took, stage)
    yield from (requests.gauge, retries.gauge, seconds.gauge)


def as_text(found: Sequence[Metrics | str]) -> str:
    """The figures as Prometheus' text format; of a shop that cannot be read its name alone."""
    registry = CollectorRegistry()
    registry.register(cast(Collector, _Shops(found)))
    return generate_latest(registry).decode()


def metrics_text(paths: Iterable[Path], load: Load) -> str:
    """The figures of these shops' files now."""
    return as_text([_of(path, load) for path in paths])


def _of(path: Path, load: Load) -> Metrics | str:
    try:
        shop = load(path)
        try:
            return metrics_of(shop)
        finally:
            if "ledger" in vars(shop):
                shop.ledger.engine.dispose()
    except GallraError:
        return path.stem


def write_metrics(file: Path, paths: Iterable[Path], load: Load) -> None:
    """Writes the figures into a file that a monitor reads, whole or not at all."""
    write_text(file, metrics_text(paths, load), mode=OF_EVERYONE)
