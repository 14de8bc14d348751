"""Whom a privacy policy itself names: never inferred from where its data goes."""

from collections.abc import Iterator, Mapping, Sequence

from connector.about.tables import Recipient
from connector.registry import wider_kinds
from connector.settings.promises import Promise
from connector.views.promises.carried import PLATFORM


class Mentions:
    """Every recipient, and kind of recipient by code, that the promises' own words name."""

    def __init__(self, promises: Sequence[Promise]) -> None:
        self._words = tuple(promise.sv for promise in promises)
        self._by: dict[str, list[str]] = {}
        self._wider = wider_kinds()
        for promise in promises:
            for name in promise.names:
                self._by.setdefault(name, []).append(promise.id)

    def of_kind(self, code: str) -> bool:
        """Whether this kind of recipient is spoken of."""
        return code in self._by or self._wider.get(code) in self._by

    def named(self, name: str, one: Recipient) -> bool:
        """Whether a recipient of the shop's file is named, by name or kind (Art. 13(1)(e))."""
        title = one.title or name
        return name in self._by or self.of_kind(one.code) or any(title in words for words in self._words)

    def missing(self, recipients: Mapping[str, Recipient]) -> Iterator[tuple[str, Sequence[str]]]:
        """What is named and stands nowhere in the shop's file, with the promises that name it."""
        codes = {one.code for one in recipients.values()}
        known = {PLATFORM, *recipients, *codes, *(self._wider[code] for code in codes if code in self._wider)}
        for name, ids in self._by.items():
            if name not in known:
                yield name, ids
