"""What a platform's API leaves to the platform: then its time runs, and the text says that one."""

from msgspec.structs import replace

from connector.about import About
from connector.policy.file_format import Condition
from connector.registry import descriptions
from connector.report.policy_text.voices import Voice


def on_platform(voice: Voice, platform: str) -> Voice:
    """The voice of a shop on this platform, which says what the platform's adapter says of itself."""
    about = descriptions().get(platform) or About(name=platform, title=platform)
    unseen = frozenset[Condition]() if about.accounts_subscribe else frozenset({Condition.SUBSCRIBES})
    return replace(voice, instead=about.instead, besides=about.besides, unseen=unseen)
