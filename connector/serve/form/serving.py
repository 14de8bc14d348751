"""The form of a place, put together: shown on an address of its own for as long as `gallra serve` runs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

from connector.errors import GallraError
from connector.ports import Clock
from connector.serve.form.app import FormSite, form_application, templates
from connector.serve.form.following_up import Following, FollowUp
from connector.serve.form.home import FormHome, must_be_able, one_form
from connector.serve.form.wishes import Wishes
from connector.serve.pages.asking import Find, Load, ShopFiles
from connector.serve.pages.drawing import own_files
from connector.serve.pages.home import folder_of
from connector.serve.pages.serving import Loads
from connector.serve.web import Application, Listening
from connector.settings import Settings
from connector.shop import system_clock

Say = Callable[[str], object]


class FormPlace(NamedTuple):
    """A shop's file or a folder of them, and what finds and opens the shops that are there."""

    place: Path
    find: Find
    loads: Loads


def form_at(paths: Sequence[Path], load: Load) -> FormHome | None:
    """The address of these shops' forms, None where none has [form]. Raises SettingsError for two.

    And where one of them could confirm nothing, or would be shown where others listen.
    """
    found: list[Settings] = []
    for path in paths:
        try:
            found.append(load(path).settings)
        except GallraError:
            continue  # what is done with the shop itself says what is wrong
    for settings in found:
        must_be_able(settings)
    return one_form(found)


def site_of(
    home: FormHome, of: FormPlace, came: Callable[[], object], clock: Clock = system_clock
) -> FormSite:
    """What the form of a place is shown by."""
    style = own_files()["style.css"]
    return FormSite(
        home=home, wishes=Wishes(folder_of(of.place), clock), load=of.loads.to_act, look=of.loads.to_read,
        find=of.find, files=ShopFiles(), style=style, came=came,
        version=hashlib.sha256(style.content).hexdigest()[:12], templates=templates(),
    )  # fmt: skip


@contextmanager
def asking(paths: Sequence[Path], of: FormPlace, say: Say) -> Iterator[int | None]:
    """Shows the form, where one of these shops has one, for as long as the block runs; its port.

    Raises SettingsError as `form_at` does, and where the address is taken.
    """
    home = form_at(paths, of.loads.to_read)
    if home is None:
        yield None
        return
    called = Event()
    site = site_of(home, of, called.set)
    shown = Application({}, pages=form_application(site))
    server = Listening(shown, home.home.listen, certificate=home.home.certificate)
    following = Following(FollowUp(site, say), called)
    say(f"Form at {home.home.origin}/.")
    try:
        yield server.port
    finally:
        server.stop()
        following.stop()


__all__ = ["FormPlace", "asking", "form_at", "site_of"]
