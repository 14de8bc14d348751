"""A served folder that holds no shop yet, or none that can be served: looked at until one comes."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from connector.errors import FaultsError, GallraError

GLANCE = 5.0
"""Seconds between two glances at the folder."""

GLANCES = 12
"""After so many the shops are opened again although nothing changed: what they name may lie elsewhere."""

Say = Callable[[str], None]
Find = Callable[[Say], list[Path]]
"""The shops that can be served, saying which cannot. Raises GallraError where none can."""

Pause = Callable[[float], None]


def first_shops(folder: Path, find: Find, say: Say, *, pause: Pause = time.sleep) -> list[Path]:
    """The first shops of a folder that can be served; what each look says is said once until it differs."""
    told: list[str] = []
    while True:
        found, lines = look(folder, find)
        if lines != told:
            for line in lines:
                say(line)
            told = lines
        if found:
            return found
        _until_changed(folder, pause)


def look(folder: Path, find: Find) -> tuple[list[Path], list[str]]:
    """The shops that can be served now, and what there is to say of the others."""
    lines: list[str] = []
    try:
        must_be_readable(folder)
        return find(lines.append), lines
    except FaultsError as fault:
        return [], [*lines, *fault.faults, f"Waiting for a shop in {folder} that can be served."]
    except GallraError as fault:
        return [], [*lines, str(fault), f"Waiting for a first shop in {folder}."]


def must_be_readable(folder: Path) -> None:
    """Raises GallraError where the folder is not there, or is not this user's to read."""
    if not folder.is_dir():
        raise GallraError(f"There is no folder {folder}. Make it and put each shop's file there.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise GallraError(f"{folder} cannot be read by user {os.getuid()}. Give it to that user.")


def _until_changed(folder: Path, pause: Pause) -> None:
    """Until the folder has changed and stays as it is: no half-copied file is read; at most a minute."""
    first = last = state(folder)
    for _ in range(GLANCES):
        pause(GLANCE)
        now = state(folder)
        if now == last != first:
            return
        last = now


def state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Every file's name, time and length: a shop's file or a key that was missing."""
    try:
        with os.scandir(folder) as entries:
            seen = ((entry.name, entry.stat()) for entry in entries)
            return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in seen))
    except OSError:
        return ()
