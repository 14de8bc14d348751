"""Where the pages are: the address listened on, the one that browsers ask, and whose shops are shown."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from connector.errors import SettingsError
from connector.records import Value
from connector.serve.pages.passkeys import Place
from connector.settings import Settings
from connector.settings.serving import Web


class Home(Value, frozen=True, kw_only=True):
    """The address of the pages; `origin` has neither path nor a port that its scheme has by itself."""

    listen: str
    origin: str
    certificate: tuple[Path, Path] | None = None

    @property
    def authority(self) -> str:
        """What a browser writes as Host."""
        return urlsplit(self.origin).netloc

    @property
    def secure(self) -> bool:
        """Whether a browser comes over https."""
        return self.origin.startswith("https://")

    @property
    def place(self) -> Place:
        """What passkeys are of."""
        return Place(host=urlsplit(self.origin).hostname or "", origin=self.origin)


def home_of(web: Web) -> Home:
    """The address that a [web] table means."""
    certificate = (web.certificate, web.key) if web.certificate and web.key else None
    port = web.listen.rpartition(":")[2]
    return Home(
        listen=web.listen, origin=origin_of(web.url or f"http://localhost:{port}"), certificate=certificate
    )


def origin_of(url: str) -> str:
    """An address as a browser writes it: lower case, without the port that its scheme has by itself."""
    parts = urlsplit(url.lower())
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


def one_home(settings: Iterable[Settings]) -> Home | None:
    """The one address of all these shops' pages, None where none has [web]. Raises SettingsError for two."""
    found = {one.web for one in settings if one.web is not None}
    if len(found) > 1:
        raise SettingsError(
            [
                "web: the shops of one folder share their pages, and these name two addresses. "
                "Write [web] once, in agency.toml."
            ]
        )
    return home_of(found.pop()) if found else None


def folder_of(place: Path) -> Path:
    """The folder of the shops' files, beside which the file of people lies."""
    return place if place.is_dir() else place.absolute().parent
