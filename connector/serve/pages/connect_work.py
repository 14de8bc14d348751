"""What is done when a shop is connected: its keys are tried, its files written, its first dry run made."""

import os
from collections.abc import Mapping
from pathlib import Path

from connector.errors import FaultsError, GallraError
from connector.ports import Access, Clock
from connector.records import Value
from connector.serve.pages.jobs import Progress
from connector.setup import Draft
from connector.setup.given import forget
from connector.setup.trying import try_keys
from connector.setup.writing import write_shop
from connector.shop import Shop
from connector.stages.flow import locked, plan_shop, pull_shop, settle_messages, settle_urgent_messages
from connector.views.lint.refusing import must_be_sound

CONNECTED = "connected"
"""The event of a shop that was connected on the pages, with the name of who asked for its first dry run."""


class Refused(Value, frozen=True, kw_only=True):
    """Nothing was written: what the shop answered, or why it was not asked; and what was typed, no secret."""

    answers: Mapping[str, str]
    access: Access | None = None
    faults: tuple[str, ...] = ()


class Connected(Value, frozen=True, kw_only=True):
    """The shop's files are there: what its keys may do, the letter, and what is left to fill in."""

    access: Access
    letter: str
    unanswered: tuple[tuple[str, str], ...] = ()


class Dry(Value, frozen=True, kw_only=True):
    """The first dry run was made: the plan's digest, and what there is to note of it."""

    digest: str
    notes: tuple[str, ...] = ()


class Wanted(Value, frozen=True, kw_only=True):
    """A shop to connect: what its files will say, what was answered, and where they go."""

    made: Draft
    answers: Mapping[str, str]
    folder: Path


def connect(wanted: Wanted, typed: Mapping[str, str], clock: Clock) -> Refused | Connected:
    """Tries the keys, and writes the shop's files where they can read it; `typed` are the secrets."""
    made, folder = wanted.made, wanted.folder
    try:
        tried = try_keys(made, typed, folder, environ=os.environ, clock=clock)
        if not tried.well:
            return Refused(answers=wanted.answers, access=tried.access)
        write_shop(made, folder, typed)
    except FaultsError as fault:
        return Refused(answers=wanted.answers, faults=tuple(fault.faults))
    except GallraError as fault:
        return Refused(answers=wanted.answers, faults=(str(fault),))
    forget(folder)
    return Connected(access=tried.access, letter=made.letter, unanswered=tried.unanswered)


def first_dry_run(shop: Shop, progress: Progress, *, by: str) -> Dry:
    """Reads the shop and decides what is due, as `gallra pull` and `gallra plan` do; erases nothing.

    The ledger begins here, so who asked for it stands in the chain as who connected the shop.
    """
    with locked(shop):
        settle_urgent_messages(shop)
        shop.check()
        pulled = pull_shop(shop, tell=progress)
        with shop.ledger.begin() as connection:
            if not shop.ledger.events(connection, CONNECTED):
                shop.ledger.event(connection, CONNECTED, by=by)
        settle_messages(shop)
        progress("deciding", 0, None)
        made = plan_shop(shop, must_be_sound(shop))
        shop.remember({name: one.check() for name, one in shop.platforms.items()})
    short = [f"{one.adapter} {one.kind}: {one.told()}" for one in pulled if not one.complete]
    return Dry(digest=made.digest, notes=(*short, *shop.notices))
