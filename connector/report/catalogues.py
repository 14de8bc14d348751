"""The catalogues in `texts`: what people read, as data; a file is read when it is first asked for."""

from importlib.resources import files
from typing import TypeVar

import msgspec

Shape = TypeVar("Shape")


def catalogue_text(name: str) -> str:
    """The text of a catalogue."""
    return files("connector.report").joinpath("texts", f"{name}.toml").read_text(encoding="utf-8")


def read_catalogue(name: str, shape: type[Shape]) -> Shape:
    """A catalogue of sentences in both languages, as these values.

    Raises msgspec.ValidationError that names the place where the file has another shape.
    """
    return msgspec.toml.decode(catalogue_text(name), type=shape)
