"""A served folder while it is served: a shop that comes is served, one that goes is dropped, no restart."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connector.serve.waiting import Find, Say, look, state

EVERY = 15.0
"""Seconds between two glances at the folder: a shop that comes is served within half a minute."""

GLANCES = 40
"""After so many the shops are opened again although nothing changed: what they name may lie elsewhere."""

Serve = Callable[[Sequence[Path], Say], None]
"""Serves these shops from here on, saying what that changes."""


class Arrivals:
    """A folder as it was when it was last looked at."""

    def __init__(self, folder: Path, find: Find, serve: Serve, say: Say) -> None:
        self._folder, self._find, self._serve, self._say = folder, find, serve, say
        self._seen = self._last = state(folder)
        self._glances = 0
        self._told: tuple[str, ...] = ()

    def glance(self) -> None:
        """Looks where the folder has changed and stays as it is: no half-copied file is read."""
        now, self._glances = state(self._folder), self._glances + 1
        stays, self._last = now == self._last, now
        if stays and (now != self._seen or self._glances >= GLANCES):
            self._seen, self._glances = now, 0
            self._look()

    def _look(self) -> None:
        """Serves what is there; what the look before has said already is not said again."""
        found, lines = look(self._folder, self._find)
        self._serve(found, lines.append)
        for line in lines:
            if line not in self._told:
                self._say(line)
        self._told = tuple(lines)
