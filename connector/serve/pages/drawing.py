"""Draws the pages in the reports' own design: their style as one file of ours, their blocks as they are."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, PackageLoader

from connector.report.drawn.overview import moment
from connector.report.drawn.page import environment, style
from connector.serve.pages.words import Spoken


class OwnFile(NamedTuple):
    """One file of ours: its media type, and its bytes."""

    type: str
    content: bytes


def own_files() -> Mapping[str, OwnFile]:
    """The files of ours by name; nothing else is ever served as a file."""
    whole = str(style()) + _read("web.css")
    return {
        "style.css": OwnFile("text/css; charset=utf-8", whole.encode()),
        "passkey.js": OwnFile("text/javascript; charset=utf-8", _read("passkey.js").encode()),
    }


def _read(name: str) -> str:
    return files("connector.serve.pages").joinpath("own", name).read_text(encoding="utf-8")


class Drawer:
    """The templates, and the files beside them."""

    def __init__(self) -> None:
        self.own = own_files()
        told = b"".join(content for _, content in self.own.values())
        self.version = hashlib.sha256(told).hexdigest()[:12]
        """Stands in the files' addresses, so that a browser may keep them and none keeps an old one."""
        self._environment: Environment = environment(PackageLoader("connector.serve.pages", "templates"))

    def drawn(self, template: str, spoken: Spoken, values: Mapping[str, object]) -> str:
        """A page as HTML; everything in it is escaped."""
        return self._environment.get_template(template).render(
            language=spoken.language,
            say=spoken.say,
            words=spoken.words,
            moment=moment,
            version=self.version,
            **values,
        )
