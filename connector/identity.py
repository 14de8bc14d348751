"""Identifiers of a person, normalised and keyed: what joins records without being readable."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from connector.ports import Keyer
from connector.text.addresses import folded, older_forms, readable

_PLACEHOLDER_DOMAINS = re.compile(r"@(?:.*\.)?(?:invalid|invalid\.example)\Z")
_PLACEHOLDER_TEXTS = frozenset({"deleted", "raderad", "anonymous", "anonym", "avidentifierad kund"})
# WordPress writes its word for it in the shop's language, in brackets.
_BRACKETED = re.compile(r"\[(?:deleted|removed|redacted|rader\w*|bortta\w*|anonym\w*)\]\Z")
_ZEROS = "+0 -().:/"
"""What a phone number or an IP address of zeros is written with."""
_CALLING_CODES = {
    "SE": "46", "NO": "47", "DK": "45", "FI": "358", "IS": "354", "DE": "49", "GB": "44", "NL": "31",
    "PL": "48", "FR": "33", "AT": "43", "BE": "32", "EE": "372", "LV": "371", "LT": "370",
}  # fmt: skip
# Countries whose national numbers have no leading zero, with the length of such a number.
_NO_TRUNK_PREFIX = {"NO": (8, 8), "DK": (8, 8), "IS": (7, 7), "EE": (7, 8), "LV": (8, 8), "PL": (9, 9)}
_SHORTEST_PHONE = 7  # digits; shorter numbers are extensions or nonsense and would join strangers


def is_placeholder(value: str) -> bool:
    """Whether a value stands where personal data was: empty, `*.invalid`, `[deleted]`, only zeros.

    RFC 2606 reserves `.invalid`; WooCommerce's own eraser writes `[deleted]`, in Swedish `[raderad]`, zeroed
    phones, `0.0.0.0` and `::`.
    """
    text = value.strip()
    if text == "NULL" or not text.strip(_ZEROS):  # an importer's word for nothing; nothing, or only zeros
        return True
    text = text.casefold()
    if text in _PLACEHOLDER_TEXTS or ("@" in text and _PLACEHOLDER_DOMAINS.search(text)):
        return True
    return text.startswith("[") and bool(_BRACKETED.match(text))


def normalise_email(value: str) -> str | None:
    """The address in the one form it has everywhere; None for placeholders and what is no address."""
    address = folded(value)
    return None if address is None or is_placeholder(address) else address


def normalise_phone(value: str, country: str = "SE") -> str | None:
    """The number in E.164 form, by the country it was given in; None where it is no number.

    `0701-23 45 67`, `46701234567` and `+46 (0)70 123 45 67` are one number in Sweden.
    """
    plain = value.isascii() and "&" not in value
    text = value.strip() if plain else unicodedata.normalize("NFKC", readable(value))
    if text[:4].lower() == "tel:":
        text = text[4:].partition(";")[0]
    if is_placeholder(text):
        return None
    text = text.strip().replace("(0)", "")
    digits = "".join(filter(str.isdecimal, text))
    if not digits.isascii():
        digits = "".join(str(unicodedata.decimal(mark)) for mark in digits)
    code = _CALLING_CODES.get(country.upper(), "")
    if digits.startswith("00"):
        digits = digits[2:]
    elif not text.startswith("+"):
        digits = _with_code(digits, code, country.upper())
    return f"+{digits}" if len(digits) >= _SHORTEST_PHONE else None


def _with_code(digits: str, code: str, country: str) -> str:
    if digits.startswith("0"):
        return code + digits.lstrip("0")
    shortest, longest = _NO_TRUNK_PREFIX.get(country, (0, 0))
    if shortest <= len(digits) <= longest:
        return code + digits
    if country == "SE" and len(digits) == 9 and digits.startswith("7"):
        return code + digits  # a mobile number whose zero a spreadsheet ate
    return digits


def normalise(type_: Literal["email", "phone", "account"], value: str) -> str | None:
    """The identifier as it is compared; None for empty values, placeholders and account 0."""
    if type_ == "email":
        return normalise_email(value)
    if type_ == "phone":
        return normalise_phone(value)
    text = value.strip()
    return None if text.rpartition(":")[2] in ("", "0") else text


def make_keyer(key: bytes, *, respelled: dict[bytes, bytes] | None = None) -> Keyer:
    """A keyer under this key: HMAC-SHA256 over the type and the normalised value.

    `respelled` takes in, for each address met that an earlier version would have keyed otherwise, that
    digest and today's. Raises ValueError for a key of less than 32 bytes.
    """
    if len(key) < 32:
        raise ValueError("the key for identifiers is shorter than 32 bytes; make a new one with gallra init")
    base = hmac.new(key, digestmod=hashlib.sha256)

    def keyed(type_: Literal["email", "phone", "account"], value: str) -> bytes | None:
        known = normalise(type_, value)
        if known is None:
            return None
        digest = digest_of(type_, known)
        if respelled is not None and type_ == "email" and (known != value or "xn--" in known):
            respelled.update((digest_of(type_, form), digest) for form in older_forms(value))
        return digest

    def digest_of(type_: str, known: str) -> bytes:
        state = base.copy()
        state.update(f"{type_}\0{known}".encode("utf-8", "surrogatepass"))
        return state.digest()

    return keyed


def signer(keyer: Keyer) -> Callable[[str], str]:
    """Signs order numbers that may not be kept, under the key of the identifiers, as hex."""
    return lambda number: (keyer("account", f"order number:{number}") or b"").hex()


def key_fingerprint(key: bytes) -> str:
    """A short name of a key, to tell keys apart without showing one."""
    return hmac.new(key, b"gallra key fingerprint", hashlib.sha256).hexdigest()[:16]
