"""What an adapter says of itself before any of its code runs; light enough for every command to read."""

from connector.about.both import Both
from connector.about.description import About

__all__ = ["About", "Both"]
