"""The stand-in services."""
