"""The pages of a place, put together: of one shop's file, or of a folder of shops."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from connector.errors import GallraError
from connector.serve.connections import Asgi
from connector.serve.pages.app import application
from connector.serve.pages.asking import Find, Load, ShopFiles, Site
from connector.serve.pages.drawing import Drawer
from connector.serve.pages.home import Home, folder_of, home_of, one_home
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import People
from connector.serve.pages.rule_index import Indexes
from connector.serve.pages.tokens import Tokens
from connector.settings import Settings, agency_web
from connector.settings.serving import Web
from connector.shop import system_clock


class Pages(NamedTuple):
    """The pages, and the address that they are shown at."""

    home: Home
    application: Asgi


class Loads(NamedTuple):
    """How a shop is opened: to act, and to read where no key of a service is at hand."""

    to_act: Load
    to_read: Load


def home_at(paths: Sequence[Path], load: Load) -> Home | None:
    """The address that these shops' [web] names, None where none does. Raises SettingsError for two."""
    found: list[Settings] = []
    for path in paths:
        try:
            found.append(load(path).settings)
        except GallraError:
            continue  # what is done with the shop itself says what is wrong
    return one_home(found)


def home_in(place: Path, paths: Sequence[Path], load: Load) -> Home:
    """The address of the pages of a place; where no shop is yet, as its agency.toml says it.

    Without [web] it is http://localhost:8090. Raises SettingsError for two, and for one with faults.
    """
    early = agency_web(place) if place.is_dir() and not paths else None
    return home_at(paths, load) or home_of(early or Web())


def people_of(place: Path) -> People:
    """The people of a shop's file or a folder. Raises GallraError where their file cannot be used."""
    return People(folder_of(place), system_clock)


def pages_of(place: Path, find: Find, loads: Loads) -> Pages:
    """The pages of a place; without [web] they are at http://localhost:8090."""
    site = site_of(place, find, loads)
    return Pages(site.home, application(site))


def site_of(place: Path, find: Find, loads: Loads) -> Site:
    """What the pages of a place share; in a folder a shop may be connected."""
    home = home_in(place, find(), loads.to_read)
    people = people_of(place)
    return Site(
        home=home, people=people, tokens=Tokens(people.key), load=loads.to_act, look=loads.to_read, find=find,
        clock=system_clock, drawer=Drawer(), indexes=Indexes(), files=ShopFiles(), jobs=Jobs(),
        folder=place if place.is_dir() else None,
    )  # fmt: skip
