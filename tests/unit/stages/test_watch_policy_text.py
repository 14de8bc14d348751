"""The published privacy policy, looked at once a week: a change names its sentences."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import Exit, RetryLater
from connector.ledger.events import POLICY_TEXT_SEEN
from connector.serve import alerts
from connector.shop import Shop, open_shop
from connector.stages import watch_policy_text as watch
from connector.views.status import status_of
from tests.engine_support import NOON, TurnableClock

URL = 'text_url = "https://butik.example/integritet"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return opened(tmp_path, URL)


def opened(folder: Path, text: str) -> Shop:
    path = folder / "shop.toml"
    path.write_text(f'[shop]\nid = "x"\nname = "X"\n[policy]\n{text}', encoding="utf-8")
    shop = open_shop(path, environ=os.environ, clock=TurnableClock())
    with shop.ledger.begin():
        pass
    return shop


def page(*sentences: str) -> str:
    return "<p>" + "</p><p>".join(sentences) + "</p>"


def test_a_shop_that_has_not_asked_for_it_is_never_looked_at(tmp_path: Path) -> None:
    assert not watch.is_time_to_look(opened(tmp_path, ""))


def test_a_change_names_the_sentences_that_went_and_came(shop: Shop) -> None:
    first = watch.fetch_and_compare(shop, lambda url: page("Vi sparar portkod.", "Du kan alltid klaga."))
    found = watch.fetch_and_compare(
        shop, lambda url: page("Vi sparar aldrig portkod.", "Du kan alltid klaga.")
    )
    assert first is None
    assert found is not None
    assert (found.gone, found.came) == (("Vi sparar portkod.",), ("Vi sparar aldrig portkod.",))
    written = (shop.settings.reports.folder / found.file).read_text(encoding="utf-8")
    assert written == "- Vi sparar portkod.\n+ Vi sparar aldrig portkod.\n"
    assert "1 sentences went, 1 came" in " ".join(status_of(shop).lines())


def test_a_page_without_a_sentence_is_said_to_be_watched_for_nothing(shop: Shop) -> None:
    watch.fetch_and_compare(shop, lambda url: "<script>render()</script>")
    assert "showed no sentence" in " ".join(status_of(shop).lines())


def test_the_ledger_keeps_no_sentence_of_the_text(shop: Shop) -> None:
    watch.fetch_and_compare(shop, lambda url: page("Fråga Disa Demo om portkod."))
    with shop.ledger.begin() as connection:
        assert "Disa" not in str(shop.ledger.events(connection, POLICY_TEXT_SEEN))


def test_the_text_is_looked_at_once_a_week(shop: Shop) -> None:
    assert watch.is_time_to_look(shop)
    watch.fetch_and_compare(shop, lambda url: page("Vi sparar portkod."))
    assert not watch.is_time_to_look(shop)
    shop.clock.now = NOON + timedelta(days=7)  # type: ignore[attr-defined]
    assert watch.is_time_to_look(shop)


def test_a_page_that_does_not_answer_changes_nothing_of_a_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def page(self, url: str) -> str:
            raise RetryLater("no answer", adapter="policy", operation="policy_text")

    monkeypatch.setattr(alerts, "_alerts", lambda shop: Silent())
    alerts.after(shop, Exit.DONE, "")
    with shop.ledger.begin() as connection:
        assert [one["what"] for _, one in shop.ledger.events(connection, "alert_failed")] == ["policy_text"]
