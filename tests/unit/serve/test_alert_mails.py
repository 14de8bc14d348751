"""A mail that a hand is needed speaks the shop's language."""

from types import SimpleNamespace
from typing import Any

import pytest

from connector.errors import Exit
from connector.serve import alerts


class Post:
    """Keeps what would be mailed."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def mail(self, to: tuple[str, ...], subject: str, text: str) -> None:
        self.sent.append((subject, text))


def _shop(language: str) -> Any:
    return SimpleNamespace(
        has_ledger=False,
        settings=SimpleNamespace(
            shop=SimpleNamespace(id="egg", language=language),
            alerts=SimpleNamespace(
                ping=SimpleNamespace(fail=None, ok=None), mail=("a@egg.example",), webhook=()
            ),
            letters=SimpleNamespace(smtp=object()),
            policy=SimpleNamespace(text_url=None),
        )
    )


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("en", "Gallra: egg needs a hand (exit code 4)", "Nothing was done.\n"),
        ("sv", "Gallra: egg behöver någon (kod 4)", "Inget gjordes.\n"),
    ],
)
def test_a_mail_of_a_run_speaks_the_shop_s_language(
    language: str, subject: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    monkeypatch.setattr(alerts, "_alerts", lambda _shop: post)
    alerts.after(_shop(language), Exit.BLOCKED, "Nothing was done.")
    assert post.sent == [(subject, text)]
