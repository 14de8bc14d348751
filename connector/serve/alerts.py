"""Who hears of a run: a ping at start, success and failure; one mail, only when a hand is needed."""

from typing import Protocol, cast

from connector.errors import Exit, GallraError
from connector.report.translated import translated
from connector.serve.posting import tell
from connector.shop import Shop
from connector.stages.watch_policy_text import fetch_and_compare, is_time_to_look


class Alerts(Protocol):
    """Carries a ping or a mail out of the machine."""

    def ping(self, url: str) -> None:
        """Calls an address; nothing is sent in it."""
        ...

    def page(self, url: str) -> str:
        """The text of a public page."""
        ...

    def mail(self, to: tuple[str, ...], subject: str, text: str) -> None:
        """Sends one mail."""
        ...


def before(shop: Shop) -> None:
    """A run begins."""
    _ping(shop, shop.settings.alerts.ping.start)


def after(shop: Shop, code: Exit, line: str) -> tuple[str, ...]:
    """A run ended; a failing alert never changes how. What a person reads of monitors not told."""
    well = code in (Exit.DONE, Exit.CHANGES)
    _ping(shop, shop.settings.alerts.ping.ok if well else shop.settings.alerts.ping.fail)
    _watch(shop)
    to = shop.settings.alerts.mail
    if not well and to and shop.settings.letters.smtp is not None:
        _mail(shop, to, code, line)
    return tell(shop)


def _mail(shop: Shop, to: tuple[str, ...], code: Exit, line: str) -> None:
    subject = f"Gallra: {shop.settings.shop.id} needs a hand (exit code {int(code)})"
    try:
        _alerts(shop).mail(to, _said(shop, subject), f"{_said(shop, line)}\n")
    except GallraError as fault:
        _note(shop, "mail", fault)


def _watch(shop: Shop) -> None:
    """Looks at the public policy where it is time to; a change is mailed, sentence by sentence."""
    try:
        if not is_time_to_look(shop):
            return
        found = fetch_and_compare(shop, _alerts(shop).page)
        to = shop.settings.alerts.mail
        if found is not None and to and shop.settings.letters.smtp is not None:
            subject = f"Gallra: the privacy policy of {shop.settings.shop.id} has changed"
            _alerts(shop).mail(to, _said(shop, subject), found.text())
    except GallraError as fault:
        _note(shop, "policy_text", fault)


def _said(shop: Shop, text: str) -> str:
    """A text as the people of the shop read it."""
    return translated(text, shop.settings.shop.language)


def _ping(shop: Shop, url: str | None) -> None:
    if url is None:
        return
    try:
        _alerts(shop).ping(url)
    except GallraError as fault:
        _note(shop, "ping", fault)


def _alerts(shop: Shop) -> Alerts:
    return cast(Alerts, shop.carrier)


def _note(shop: Shop, what: str, fault: GallraError) -> None:
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "alert_failed", what=what, error=type(fault).__name__)
