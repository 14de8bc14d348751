"""What customers are warned with before an account goes: who writes, how many a run, in which words."""

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt

from connector.about.refusing import refuse
from connector.about.secrets import Secret
from connector.about.tables import Table
from connector.about.values import Text
from connector.about.web import SecureUrl
from connector.machine.files import text_of
from connector.machine.resources import packaged_text
from connector.text.template import Template, faults, read_template

ACCOUNT, RENEWAL = "account_to_warn", "consent_to_renew"
"""The alerts of the rules that ask for a mail (schedule T-20, T-33)."""
KNOWN = ("company", "contact", "date", "link", "shop")
MUST: Mapping[str, Collection[str]] = {ACCOUNT: ("date", "shop"), RENEWAL: ("date", "link", "shop")}
"""What each mail has to say: whose shop it is, the day, and where a consent is renewed."""
USUAL_MOST = 200


def _file(code: str, path: Path) -> Path:
    try:
        found = faults(read_template(text_of(path)), known=KNOWN, must=MUST[code])
    except (OSError, UnicodeDecodeError):
        raise refuse("cannot be read as a text in UTF-8. Correct the path, or take the line out.") from None
    except ValueError as fault:
        found = [str(fault)]
    if found:
        raise refuse(f"{'; '.join(found)}. Correct that file; the reference names the gaps.")
    return path


def _of_account(path: Path) -> Path:
    return _file(ACCOUNT, path)


def _of_renewal(path: Path) -> Path:
    return _file(RENEWAL, path)


class AccountTexts(Table):
    """The shop's own words before an account goes, a file a language."""

    sv: Annotated[Path, AfterValidator(_of_account)] | None = None
    en: Annotated[Path, AfterValidator(_of_account)] | None = None


class RenewalTexts(Table):
    """The shop's own words before a consent is too old, a file a language."""

    sv: Annotated[Path, AfterValidator(_of_renewal)] | None = None
    en: Annotated[Path, AfterValidator(_of_renewal)] | None = None


class Imap(Table):
    """The mailbox that mails come back to."""

    host: Text
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = 993
    user: Text
    password: Secret
    folder: Text = "INBOX"
    security: Literal["tls", "starttls", "none"] = "tls"


class Warn(Table):
    """How customers are warned; without it nothing but the mail server of the letters is needed."""

    sender: Text | None = None
    # Where mails that come back go: the address on the envelope.
    bounces: Text | None = None
    most: Annotated[StrictInt, Field(ge=1, le=5000)] = USUAL_MOST
    login: SecureUrl | None = None
    renew: SecureUrl | None = None
    account: AccountTexts = AccountTexts()
    renewal: RenewalTexts = RenewalTexts()
    imap: Imap | None = None

    def can_say(self, code: str) -> bool:
        """Whether a mail belongs to this alert, and all that it has to say is known."""
        return code in MUST and (code != RENEWAL or self.renew is not None)

    def template(self, code: str, language: str) -> Template:
        """The words of a mail: the shop's own file, else Gallra's. Raises KeyError of an unknown alert."""
        own = getattr(self.renewal if code == RENEWAL else self.account, language)
        return read_template(text_of(own)) if own is not None else usual(code, language)


@cache
def usual(code: str, language: str) -> Template:
    """Gallra's own words. Raises KeyError for an alert that no mail belongs to."""
    told = tomllib.loads(packaged_text("settings", "warnings.toml"))[code][language]
    return Template(told["subject"], told["body"])
