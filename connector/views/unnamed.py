"""Recipients that the shop's own orders show, and that its file does not name."""

from collections.abc import Mapping

from msgspec.structs import replace

from connector.ledger.index import Marks
from connector.ports import Access, Problem
from connector.registry import descriptions, title_of
from connector.report.recipient_words import not_named
from connector.shop import Shop


def unnamed(shop: Shop) -> dict[str, int]:
    """By the name of a recipient, how many of the orders that were read show that it is used."""
    if not shop.has_ledger:
        return {}
    with shop.ledger.begin() as connection:
        found = Marks(shop.ledger).shown(connection)
    named = shop.settings.recipients.named()
    return {name: count for name, count in found.items() if name not in named and name in descriptions()}


def with_unnamed(shop: Shop, accesses: Mapping[str, Access]) -> dict[str, Access]:
    """What a check found, with a warning at the shop system for each recipient that its orders alone show."""
    own, told = str(shop.settings.platform.name), dict(accesses)
    problems = tuple(_problem(name, count) for name, count in unnamed(shop).items())
    if own in told and problems:
        told[own] = replace(told[own], problems=(*told[own].problems, *problems))
    return told


def _problem(name: str, count: int) -> Problem:
    said = not_named(count, name, title_of(name))
    return Problem(severity="warning", code="recipient_not_named", en=said.en, sv=said.sv)


__all__ = ["unnamed", "with_unnamed"]
