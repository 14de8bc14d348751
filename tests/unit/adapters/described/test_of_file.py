"""A description alone is held to the suite of every recipient, against a recording of its service."""

from connector.testing.of_file import suite_of
from tests.unit.adapters.described.told import CASES

TestAcme = suite_of(CASES / "acme.toml", CASES / "acme.recorded.jsonl")
