"""The engine of Gallra: knows no vendor and no HTTP."""

__version__ = "0.1.0"
