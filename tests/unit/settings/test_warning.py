"""How customers are warned, as a shop's file says it: words that cannot be sent are faults of the file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.registry import build_alerts
from connector.settings import Settings, cautions, load_settings
from connector.settings.mail import of_mail
from connector.settings.warning import ACCOUNT, KNOWN, MUST, RENEWAL, usual
from connector.text.template import faults
from tests.unit.settings.test_settings import SHOP

Load = Callable[[str], Settings]
WORDS = "Konto hos {shop}\n\nRaderas {date} hos {shop}.\n"
SMTP = '[letters.smtp]\nhost = "smtp.egg.example"\nsender = "brev@egg.example"\n'
IMAP = '[warning.imap]\nhost = "i.egg.example"\nuser = "kund"\npassword = { env = "P" }\nsecurity = "none"\n'


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str) -> Settings:
        path = tmp_path / "egg.toml"
        path.write_text(SHOP + text, encoding="utf-8")
        return load_settings(path, environ={})

    (tmp_path / "words").mkdir()
    (tmp_path / "words/sv.txt").write_text(WORDS, encoding="utf-8")
    (tmp_path / "words/bad.txt").write_text(
        "Konto\nBcc: alla@kund.example\n\n{shop} {name}", encoding="utf-8"
    )
    return loaded


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", [ACCOUNT, RENEWAL])
def test_gallras_own_words_hold_what_they_must_in_both_languages(code: str, language: str) -> None:
    assert faults(usual(code, language), known=KNOWN, must=MUST[code]) == []


def test_a_shops_own_words_are_read_from_beside_its_file(load: Load) -> None:
    own = load('[warning]\naccount = { sv = "words/sv.txt" }\n').warning
    assert own.template(ACCOUNT, "sv").subject == "Konto hos {shop}"
    assert own.template(ACCOUNT, "en") == usual(ACCOUNT, "en")


@pytest.mark.parametrize("name", ["words/bad.txt", "words/none.txt"])
def test_words_that_cannot_be_sent_are_a_fault_of_the_file_and_not_quoted(load: Load, name: str) -> None:
    with pytest.raises(SettingsError, match=r"warning\.account\.sv") as caught:
        load(f'[warning]\naccount = {{ sv = "{name}" }}\n')
    assert "alla@" not in str(caught.value)


def test_a_renewal_mail_must_say_where_the_consent_is_renewed(load: Load) -> None:
    with pytest.raises(SettingsError, match="link"):
        load('[warning]\nrenewal = { sv = "words/sv.txt" }\n')


def test_a_mailbox_in_clear_text_is_a_caution(load: Load) -> None:
    assert any("warning.imap.security" in line for line in cautions(load(IMAP)))


def test_what_carries_mail_is_built_from_the_file_and_asks_for_no_secret_it_does_not_need(load: Load) -> None:
    def none_asked() -> dict[str, dict[str, str]]:
        raise AssertionError

    plain = build_alerts(of_mail(load(""), none_asked))
    assert (plain.mailer(), plain.mailbox()) == (None, None)
    full = build_alerts(of_mail(load(SMTP + IMAP), lambda: {"warning": {"password": "p"}}))
    assert full.mailer() is not None
    assert full.mailbox() is not None
