"""Recipients that every shop has: platform, host, payment, carrier, books, mail, agency."""

from collections.abc import Iterator

from connector.about.tables import UNKNOWN
from connector.registry import descriptions, title_of, wider_kinds
from connector.report.processing.model import RecipientRow
from connector.settings import Settings


def standing_recipients(settings: Settings) -> Iterator[RecipientRow]:
    """Each of them, or the key of the shop's file that would name it; nobody is invented."""
    yield from _platform(settings)
    codes = {one.code for one in settings.recipients.named().values()}
    filled = codes | {wider for code, wider in wider_kinds().items() if code in codes}
    for kind in _KINDS:
        if kind not in filled and kind not in settings.company.without:
            yield _gap(kind, f'recipients.NAME (code = "{kind}")')
    yield from _agency(settings)


_KINDS = ("PA", "PN", "BK", "HD")
"""Kinds that a shop which takes payment and sends goods has."""


def _gap(code: str, key: str) -> RecipientRow:
    return RecipientRow(name=key, code=code, role="", missing=key)


def _platform(settings: Settings) -> Iterator[RecipientRow]:
    own = settings.platform
    about = descriptions().get(own.name)
    hosted = about is not None and about.hosted
    if own.name == UNKNOWN:
        yield _gap("SH", "platform.name")
    elif hosted:
        yield _hosting(settings, own.host or title_of(own.name), "SH")
    if hosted or "host" in settings.company.without:
        return
    if own.host:
        yield _hosting(settings, own.host, "host")
    else:
        yield _gap("host", "platform.host")


def _hosting(settings: Settings, title: str, code: str) -> RecipientRow:
    own = settings.platform
    return RecipientRow(
        name=title,
        code=code,
        role="processor",
        country=own.country or "",
        safeguard=own.safeguard or "",
        agreement=own.agreement,
        keys="platform",
    )


def _agency(settings: Settings) -> Iterator[RecipientRow]:
    own = settings.agency
    if own is not None:
        yield RecipientRow(
            name=own.name,
            code="agency",
            role="processor",
            country=own.country or "",
            safeguard=own.safeguard or "",
            agreement=own.agreement,
            keys="agency",
        )
