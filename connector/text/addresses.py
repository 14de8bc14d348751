"""The one form of an e-mail address, however a shop, a person or a mail program wrote it."""

import html
import re
import unicodedata
from urllib.parse import unquote

import idna

_PLAIN = re.compile(r"[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9-]+\.)+[a-z0-9-]+")
_ANGLED = re.compile(r"<([^<>]*@[^<>]*)>[\s.,;\"']*\Z")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\uff07\u0060\u00b4", "'"))
_NOT_OF_ONE = frozenset(',;:<>()[]\\"')
_ESCAPED_TWICE = 3
"""How often a text may have been escaped for HTML: by the checkout, by a plugin, by an export."""


def folded(value: str) -> str | None:
    """The address as it is compared; None where it is none.

    `<a@b.se>`, `Name <a@b.se>`, `mailto:a@b.se`, `a@b.se.`, HTML entities, characters without width,
    typographic apostrophes and the two forms of an international domain are all one address. Dots and
    plus tags stay: only the recipient's own server knows what they mean (RFC 5321 §2.3.11).
    """
    plain = value.strip().lower()
    if _PLAIN.fullmatch(plain) and "xn--" not in plain:
        return plain
    local, at, domain = bare(value).rpartition("@")
    local, domain = local.strip().casefold(), fold_domain(domain)
    if not at or not local or not domain or any(mark.isspace() for mark in local + domain):
        return None
    return f"{local}@{domain}"


def of_one_person(value: str) -> str | None:
    """The one address that a person gave, without what was written around it; None where it is none or two.

    What is taken in of a person is mailed to: two addresses in one, a list or a comment would make another
    the one who is answered (RFC 5322 §3.4), so none of its signs may stand in it.
    """
    address = bare(value)
    plain = not any(mark in _NOT_OF_ONE or mark.isspace() for mark in address)
    if not plain or unquote(readable(value)).count("@") != 1 or folded(address) is None:
        return None
    return address


def older_forms(value: str) -> frozenset[str]:
    """How earlier versions compared this address: as it was typed, and with its domain in either form."""
    known = folded(value)
    plain = unicodedata.normalize("NFC", value).strip().casefold()
    if known is None or (plain == known and "xn--" not in known):
        return frozenset()
    local, _, domain = known.rpartition("@")
    try:
        native = f"{local}@{idna.decode(domain)}".casefold()
    except idna.IDNAError:
        native = known
    return frozenset({plain, native}) - {known}


def forms(value: str) -> tuple[str, ...]:
    """Every form in which a service may hold this address, the one it was typed in first; none of no address.

    Within, an address has one form; a service compares texts, and an international domain has two of them.
    """
    known = folded(value)
    if known is None:
        return ()
    typed = bare(value)
    local, _, domain = known.rpartition("@")
    found = [typed, typed.lower(), known]
    if "&" in value:  # a checkout escaped it for HTML, and a sync may have copied it as it stood
        found.append(value.strip())
    if "xn--" in domain or not domain.isascii():
        own_local = typed.rpartition("@")[0]
        found += [f"{one}@{_native(domain)}" for one in (own_local, own_local.lower(), local)]
        found += [f"{own_local.lower()}@{domain}"]
    return tuple(dict.fromkeys(found))


def _native(domain: str) -> str:
    """The domain as it is shown; as it is where that cannot be."""
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def bare(value: str) -> str:
    """The address alone, as a service stores it: without what was written around it, in its own case."""
    text = readable(value)
    if (found := _ANGLED.search(text)) is not None:
        text = found[1].strip()
    if text[:7].lower() == "mailto:":
        text = readable(unquote(text[7:].partition("?")[0]))
    return text.strip().strip('"').rstrip(".,;").strip()


def fold_domain(domain: str) -> str:
    """A domain in its one form: without a last dot, lower case, ASCII (UTS 46, RFC 5891)."""
    text = domain.strip().rstrip(".").strip()
    if text.isascii() and "xn--" not in text.lower():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode()
    except idna.IDNAError:
        return unicodedata.normalize("NFC", text).casefold()


def readable(value: str) -> str:
    """The text as a person reads it: no entities, no marks without width, plain apostrophes and spaces."""
    for _ in range(_ESCAPED_TWICE):
        value = html.unescape(value)
    text = unicodedata.normalize("NFC", value)
    text = "".join(mark for mark in text if unicodedata.category(mark) not in ("Cf", "Cc") or mark.isspace())
    return "".join(" " if mark.isspace() else mark for mark in text.translate(_APOSTROPHES)).strip()
