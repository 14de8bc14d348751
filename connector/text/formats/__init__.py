"""A value in its own format: a text, a number, JSON, a row that PHP serialised, or a structure of these.

Pure: no I/O, no clock. What is read here is written back in the same format, every neighbour as it was.
"""

from connector.text.formats.leaf import Leaf, Uncut
from connector.text.formats.walk import leaves, rewritten

__all__ = ["Leaf", "Uncut", "leaves", "rewritten"]
