"""Descriptions that the tests share, and how one is changed."""

from pathlib import Path
from typing import Any

from adapters.described import processor
from adapters.described.processor import DescribedRecipient
from connector.about.described import Described
from connector.registry import described, read_recipient
from tests.unit.adapters.told import clock_at, letter_settings, no_wait

CASES = Path(__file__).resolve().parents[3] / "cases" / "described"


def case(name: str) -> str:
    """The text of a description of the tests."""
    return (CASES / f"{name}.toml").read_text("utf-8")


def read(text: str) -> Described:
    """The description that a text makes."""
    return read_recipient(text, file="acme.toml")


DESCRIBED = {"payson": read(case("payson")), "acme": read(case("acme")), **described()}


def built(name: str, folder: Path, **settings: Any) -> DescribedRecipient:
    """The recipient of a description with these keys, its letters in this folder."""
    one = DESCRIBED[name]
    letter = letter_settings(folder, name=name, code=one.code, role=one.role)
    own = {"description": one, "letter": letter, "sleep": no_wait, **settings}
    return processor.build(own, clock=settings.get("clock") or clock_at())
