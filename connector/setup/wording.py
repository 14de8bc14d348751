"""The words of `init` in both languages, and the short names that it makes."""

import re
from typing import Literal

from connector.records import Value

Language = Literal["sv", "en"]


class Wording(Value, frozen=True, kw_only=True):
    """The same words in both languages."""

    sv: str
    en: str

    def of(self, language: Language) -> str:
        """The words in one language."""
        return self.sv if language == "sv" else self.en


def slug(name: str) -> str:
    """A shop id made from a name: å and ä become a, ö becomes o, the rest hyphens."""
    plain = name.lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "shop"
