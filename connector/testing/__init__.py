"""What every adapter must hold to, as suites that a package's own tests subclass; the only room with pytest.

A suite is given a stand-in of the service, how the adapter is built against it, and what to ask of it. What a
stand-in cannot do is left out: the tests that need it are skipped, each with the reason.
"""

import pytest

_HOLDING = (
    "letters", "recipients", "records", "reading", "writing", "restoring", "rectifying", "consents",
    "platforms",
)  # fmt: skip
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _HOLDING))

from connector.testing.between import Answer  # noqa: E402
from connector.testing.consents import ConsentSuite  # noqa: E402
from connector.testing.letters import LetterSuite  # noqa: E402
from connector.testing.platforms import ItselfSuite, PlatformSuite  # noqa: E402
from connector.testing.reading import ReadingSuite  # noqa: E402
from connector.testing.recipients import RecipientSuite  # noqa: E402
from connector.testing.rectifying import RectifyingSuite  # noqa: E402
from connector.testing.restoring import RestoringSuite  # noqa: E402
from connector.testing.writing import FaultyWritesSuite, RedactingSuite, WritingSuite  # noqa: E402

__all__ = [
    "Answer",
    "ConsentSuite",
    "FaultyWritesSuite",
    "ItselfSuite",
    "LetterSuite",
    "PlatformSuite",
    "ReadingSuite",
    "RecipientSuite",
    "RectifyingSuite",
    "RedactingSuite",
    "RestoringSuite",
    "WritingSuite",
]
