"""The public policy's text, from a copy that the operator names."""

import hashlib

from connector.errors import GallraError
from connector.records import Value
from connector.settings import Settings


class PublicText(Value, frozen=True, kw_only=True):
    """A copy of the text with its SHA-256; `pinned` is that of the text the promises were read from."""

    text: str
    sha256: str
    pinned: str = ""

    @property
    def changed(self) -> bool:
        """Whether it is another text than the one the promises were read from."""
        return bool(self.pinned) and self.pinned != self.sha256

    def says(self, name: str) -> bool:
        """Whether a name stands in the text, in whatever case."""
        return name.casefold() in self.text.casefold()


def public_text(settings: Settings) -> PublicText | None:
    """The copy that `policy.text` names, if any. Raises GallraError where it cannot be read."""
    path = settings.policy.text
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise GallraError(
            f"policy.text cannot be read ({type(fault).__name__}). Correct the path, or take the line out."
        ) from None
    return PublicText(
        text=content.decode("utf-8-sig", errors="replace"),
        sha256=hashlib.sha256(content).hexdigest(),
        pinned=settings.policy.text_sha256 or "",
    )
