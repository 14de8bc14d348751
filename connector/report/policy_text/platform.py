"""What a platform's API leaves to the platform: then its time runs, and the text says that one."""

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace

from connector.about import About, Phrase
from connector.registry import descriptions
from connector.report.policy_text.voices import Voice
from connector.report.shared import Both, both

Key = TypeVar("Key")


def on_platform(voice: Voice, platform: str) -> Voice:
    """The voice of a shop on this platform, which says what the platform's adapter says of itself."""
    about = descriptions().get(platform) or About(name=platform, title=platform)
    return replace(voice, instead=_both(about.instead), besides=_both(about.besides))


def _both(phrases: Mapping[Key, Phrase]) -> Mapping[Key, Both]:
    return {key: both(phrase.sv, phrase.en) for key, phrase in phrases.items()}
