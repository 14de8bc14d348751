"""What each key of a settings file means, in words: the engine's own keys, and the installed adapters'."""

import tomllib
from collections.abc import Mapping

from connector.machine.resources import packaged_text
from connector.registry import settings_of_adapters


def meanings() -> Mapping[str, str]:
    """The meaning by dotted key, as the reference writes it; a key of several services has that of each."""
    found = {key: [text] for key, text in _own().items()}
    for key, text in settings_of_adapters():
        told = found.setdefault(key, [])
        if text not in told:
            told.append(text)
    return {key: " ".join(texts) for key, texts in found.items()}


def _own() -> Mapping[str, str]:
    return tomllib.loads(packaged_text("settings", "meanings.toml"))
