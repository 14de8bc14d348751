"""One request as the pages see it, and what answers it: plain functions, run in threads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.responses import HTMLResponse, RedirectResponse, Response

from connector.errors import GallraError, NotThere
from connector.ports import Clock
from connector.report.shared import Language
from connector.serve.pages.drawing import Drawer
from connector.serve.pages.home import Home
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import People, Person
from connector.serve.pages.rule_index import Indexes
from connector.serve.pages.tokens import Tokens
from connector.serve.pages.words import Spoken
from connector.shop import Shop

Load = Callable[[Path], Shop]
"""Opens a shop's file. Raises GallraError where it has faults."""

Find = Callable[[], Sequence[Path]]
"""The shops' files that are there now."""

TOGETHER = 2_000
"""Fields of one form."""


def let_go(shop: Shop) -> None:
    """Closes the ledger of a shop that was opened for one page."""
    if "ledger" in vars(shop):
        shop.ledger.engine.dispose()


class ShopFiles:
    """The id in each shop's file, read anew once the file has changed; any thread may ask."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, int, int], str] = {}

    def id_of(self, path: Path, look: Load) -> str:
        """The shop's id; empty where its file cannot be read now."""
        try:
            stat = path.stat()
            key = (path, stat.st_mtime_ns, stat.st_size)
            if key not in self._known:
                self._known = {old: id for old, id in self._known.items() if old[0] != path}
                self._known[key] = look(path).settings.shop.id
            return self._known.get(key, "")
        except (OSError, GallraError):
            return ""


class Site(NamedTuple):
    """What all pages share."""

    home: Home
    people: People
    tokens: Tokens
    load: Load  # to act
    look: Load  # to read, without a key of any service
    find: Find
    clock: Clock
    drawer: Drawer
    indexes: Indexes
    files: ShopFiles
    jobs: Jobs
    folder: Path | None = None  # where a shop may be connected; none where one file is shown

    def shops(self) -> Mapping[str, Path]:
        """The shops' files that can be read, by the shop's id; the first of two with the same."""
        found: dict[str, Path] = {}
        for path in self.find():
            id = self.files.id_of(path, self.look)
            if id:
                found.setdefault(id, path)
        return found

    @contextmanager
    def reading(self, id: str) -> Iterator[Shop]:
        """One shop to read, let go at the end. Raises NotThere where no file has this id."""
        with self._opened(self.look, id) as opened:
            yield opened

    @contextmanager
    def acting(self, id: str) -> Iterator[Shop]:
        """One shop to act on, let go at the end. Raises NotThere where no file has this id."""
        with self._opened(self.load, id) as opened:
            yield opened

    @contextmanager
    def first_of(self, id: str) -> Iterator[Shop]:
        """One shop to act on, though it may have no ledger yet. Raises NotThere where no file has this id."""
        with self._opened(self.load, id, first=True) as opened:
            yield opened

    @contextmanager
    def first_look(self, id: str) -> Iterator[Shop]:
        """One shop to read, though it may have no ledger yet. Raises NotThere where no file has this id."""
        with self._opened(self.look, id, first=True) as opened:
            yield opened

    @contextmanager
    def _opened(self, load: Load, id: str, *, first: bool = False) -> Iterator[Shop]:
        path = self.shops().get(id)
        if path is None:
            raise NotThere("There is no such shop here.")
        opened = load(path)
        if not (first or opened.has_ledger):
            raise NotThere("This shop has no ledger yet. Run `gallra pull` first.")
        try:
            yield opened
        finally:
            let_go(opened)


class Ask(NamedTuple):
    """One request: who asks, in which language, and what the path, the query and the form hold."""

    site: Site
    language: Language
    person: Person | None
    visitor: str  # the secret of the session, or what a sign-in began with: its forms' tokens are of it
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    here: str

    @property
    def spoken(self) -> Spoken:
        """The words of the language."""
        return Spoken(self.language)

    @property
    def who(self) -> Person:
        """Who asks. Raises GallraError where nobody has signed in."""
        if self.person is None:
            raise GallraError("Nobody has signed in here.")
        return self.person

    def one(self, name: str) -> str:
        """A field of the form; empty where it is not there."""
        return (self.form.get(name) or ("",))[0]

    def told(self, **sentences: str) -> list[str]:
        """What the form before this page did: a sentence for each of these counts in the address."""
        counts = {name: self.query.get(name, "") for name in sentences}
        return [
            self.spoken.say(sentences[name], n=int(count))
            for name, count in counts.items()
            if count.isascii() and count.isdigit() and len(count) < 9 and int(count)
        ]


Handler = Callable[[Ask], Response]


def page(ask: Ask, template: str, *, status: int = 200, **values: object) -> Response:
    """A page of the site; nothing that lies between may keep it."""
    html = ask.site.drawer.drawn(
        template,
        ask.spoken,
        {
            "person": ask.person,
            "token": ask.site.tokens.of_form(ask.visitor),
            "here": ask.here,
            **values,
        },
    )
    return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def see_other(where: str) -> Response:
    """After a form the browser asks for a page: reloading it sends nothing twice."""
    return RedirectResponse(where, status_code=303, headers={"cache-control": "no-store"})
