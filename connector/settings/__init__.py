"""Settings: TOML files to checked tables, every fault at once with its place in the file."""

from connector.settings.load import agency_web, find_promises, find_shops, load_settings
from connector.settings.resolve import blanks, cautions, resolve_secrets, resolved
from connector.settings.settings import Settings

__all__ = [
    "Settings",
    "agency_web",
    "blanks",
    "cautions",
    "find_promises",
    "find_shops",
    "load_settings",
    "resolve_secrets",
    "resolved",
]
