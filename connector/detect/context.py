"""What the words around a number, and the key it stands under, say about it."""

import re
from enum import Enum, auto
from functools import lru_cache

import msgspec

from connector.detect.patterns import expression


class Hint(Enum):
    """What the name of a meta key or field promises of its value."""

    PERSON = auto()
    ORGANISATION = auto()
    BIRTH = auto()
    DOOR = auto()
    CARD = auto()
    GIRO = auto()
    ACCOUNT = auto()
    PHONE = auto()
    ADDRESS = auto()
    REFERENCE = auto()
    VOUCHER = auto()
    TIME = auto()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A text and what its key hints at."""

    text: str
    key: str = ""
    hints: frozenset[Hint] = frozenset()


REACH = 48
"""Characters before a token that are searched for the word that announces it."""

# A number stands alone: not inside a word, a longer number, an IP address, a version or a UUID.
# A slash joins two numbers, or belongs to a date and the like when little stands on one side of it.
# Not so after four digits that end a number of their own: "380614-2281/410909-1191" are two.
_SLASH_LEFT = r"(?<!(?<![0-9])[0-9]/)(?<!(?<![0-9])[0-9]{2}/)(?<!(?<![0-9])(?<![0-9][-–\s])[0-9]{4}/)"
ALONE_LEFT = r"(?<!\w)(?<![0-9][-–.,+])(?<![0-9A-Fa-f]{4}-)" + _SLASH_LEFT
ALONE_RIGHT = r"(?!\w)(?![-–.+][0-9])(?!/[0-9]{1,5}(?![0-9-]))"

_KEYS: tuple[tuple[Hint, str], ...] = (
    (
        Hint.PERSON,
        r"person(?:al)?_?(?:n[ur]|no|id)|person_?(?:och_|eller_|or_|and_)?org|pers_?n[ur]|(?:^|_)(?:pnr|ssn)|national_?id|social_?sec|civic|identity_?n[ur]|samordning",
    ),
    (
        Hint.ORGANISATION,
        r"org(?:anisation|anization)?s?_?(?:n|id)|(?:^|_)vat(?!_?(?:amount|total|rate|percent|price|sum|class|country|exempt|line))|company_?(?:n(?!ame)|id|reg|cin)|moms_?(?:reg|n)"
        r"|f[oö]retags_?n|(?:^|_)(?:cvr|vies|uid|siren|siret)(?:_|$)|tax_?(?:id|nr|num|reg)",
    ),
    (Hint.BIRTH, r"birth|f[oö]de?ls|dob(?![a-z])|geburt|geboren|bday"),
    (
        Hint.DOOR,
        r"(?:(?<!im)(?<!ex)port|d[oö]rr|entr[eé]|grind|larm|l[aå]s)_?kod|kodl[aå]s"
        r"|(?:door|gate|entry|entrance|buzzer|alarm)_?(?:code|pin)|ovi_?koodi|portti_?koodi",
    ),
    (Hint.CARD, r"(?:card|kort)_?(?:n|pan)|(?:^|_)pan(?:_|$)|credit_?card"),
    (Hint.GIRO, r"(?:bank|plus|post)_?giro|(?:^|_)[bp]g(?:_|$)"),
    (
        Hint.ACCOUNT,
        r"bank_?(?:account|konto)|konto_?n[ur]|account_?num|(?:refund|payout)_?account|clearing"
        r"|utbetalnings_?konto",
    ),
    (Hint.PHONE, r"phone|telefon|mobil|cell(?![a-z])|msisdn|payer_alias|(?:^|_)tel(?:_|$)|(?:^|_)sms(?:_|$)"),
    (Hint.ADDRESS, r"address|adress|leverans|delivery|shipping"),
    (
        Hint.VOUCHER,
        r"coupon|discount|rabatt|voucher|promo|gift_?card|presentkort|kampanj"
        r"|zip|post_?(?:code|nu)",
    ),
    (
        Hint.REFERENCE,
        r"track|sp[aå]rn|shipment|s[aä]ndning|kolli|parcel|waybill|consign|barcode|streckkod|gtin|isbn|sku"
        r"|(?:^|_)(?:ean|ocr|ip|imei|serial|url|utm)(?:_|$)|order_?(?:n|key)|invoice_?n|faktura_?n|receipt"
        r"|article|artikel|product|variation|transaction|checkout_?(?:id|key|token)|session|hash|user_agent|reference"
        r"|time|expires|active|login|updated|created|_at$|_id$|^id$",
    ),
)
_TIMES = (
    Hint.TIME,
    r"(?:^|_)(?:date|dates|datum|dag|time|tid|tidpunkt|ts|unix|deadline|expiry|expires?)(?:_|$)|timestamp|datetime",
)
_KEY_PATTERNS = tuple((hint, expression(pattern)) for hint, pattern in (*_KEYS, _TIMES))
_CAMEL = expression(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = expression(r"[-\s.:/]+")
_FREE_TEXT = expression(r"note|message|meddel|comment|komment|instruk|description")
_OUTWEIGH_REFERENCE = {
    Hint.PERSON,
    Hint.ORGANISATION,
    Hint.BIRTH,
    Hint.DOOR,
    Hint.CARD,
    Hint.GIRO,
    Hint.ACCOUNT,
    Hint.PHONE,
}


@lru_cache(maxsize=4096)
def hints(key: str) -> frozenset[Hint]:
    """What a key's name hints at; a key of free text never marks its value as a reference."""
    name = _SEPARATORS.sub("_", _CAMEL.sub("_", key).lower())
    seen = {hint for hint, pattern in _KEY_PATTERNS if pattern.search(name)}
    if seen & _OUTWEIGH_REFERENCE or _FREE_TEXT.search(name):
        seen.discard(Hint.REFERENCE)
    return frozenset(seen)


def announced(place: Place, start: int, label: re.Pattern[str]) -> bool:
    """Whether the words right before `start` match a label that ends in `\\Z`."""
    return label.search(place.text, max(0, start - REACH), start) is not None


_LINK = r"[\s.:#=\-–]*(?:(?:nr|n:o|nummer|numret|number|no|är|is|er|ist|kod|med)\b[\s.:#=]*){0,2}\Z"
_REFERENCE = expression(
    r"\b(?:order|beställning|faktura|invoice|kvitto|receipt|artikel|art\.|article|item|produkt|product"
    r"|ean|gtin|isbn|streckkod|barcode|kolli|paket|parcel|spår|track|sändning|försändelse|shipment|ocr|ref"
    r"|serie|serial|s/?n\b|imei|transaktion|transaction|ärende|ticket|avi(?:n|nr|nummer)?\b|medlem|member|konto|account"
    r"|bokning|booking|bestellnummer|rechnung|sendung|forsendelse|varenummer|sku|modell?|return?s?|rma)"
    r"\w*" + _LINK,
    re.IGNORECASE,
)


def is_reference(place: Place, start: int) -> bool:
    """Whether the key or the words before say: the number of an order, parcel, article and the like."""
    return Hint.REFERENCE in place.hints or announced(place, start, _REFERENCE)


_NUMBERED = expression(
    r"\b(?:order|beställnings?|artikel|art\.?|produkt|varu?|modell?|serie|batch|lot|lager|kolli|paket|sändnings?"
    r"|försändelse|spårnings?|spår|retur|ärende|offert|följesedels?|item|article|product|tracking|parcel|shipment"
    r"|statistiskt|tariff|tull|tulltaxe|stat)[\s-]?"
    r"(?:nr|n:o|no|nummer|numret|number|id|kod|code)\b[\s.:#=]*(?:är\b[\s:]*|is\b[\s:]*)?\Z"
    r"|\b(?:ean|gtin|sku|isbn|rma|hs-?kod|hs-?code)\b[\s.:#=-]*(?:(?:nr|kod)\b[\s.:#=]*)?\Z",
    re.IGNORECASE,
)


def is_numbered_thing(place: Place, start: int) -> bool:
    """Whether the words before name the number of a thing: an order, an article, a parcel, a tariff line.

    Narrower than a reference: "faktura", "konto" and "medlem" are said before personal numbers too.
    """
    return announced(place, start, _NUMBERED)


def in_address(text: str, start: int) -> bool:
    """Whether `start` lies inside a web address."""
    cut = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start), text.rfind("<", 0, start))
    word = text[cut + 1 : start]
    return "://" in word or word.startswith("www.")
