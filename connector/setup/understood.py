"""What people type, as the answer it stands for: pure, and what is not understood is left as it was typed."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import stdnum.se.orgnr

_WORDS: Mapping[str, tuple[str, ...]] = {
    "yes": ("yes", "y", "ja", "j", "japp", "jo", "true", "sant"),
    "no": ("no", "n", "nej", "nä", "nope", "inga", "inget", "aldrig", "never", "false", "falskt"),
    "unsure": (
        "unsure", "vet inte", "vet ej", "vetej", "osäker", "oklart", "?", "don't know", "dont know",
        "do not know", "not sure", "dunno",
    ),
    "shop": ("shop", "butiken", "i butiken", "butik", "in the shop", "the shop"),
    "elsewhere": ("elsewhere", "annanstans", "någon annanstans", "på annat håll", "i ett arkiv", "arkiv"),
    "unknown": ("unknown", "okänt", "annat", "inget av dem", "other", "none of them"),
}  # fmt: skip
_LAST = ("31", "28", "31", "30", "31", "30", "31", "31", "30", "31", "30", "31")
_MONTH_NAMES = (
    ("januari", "january"), ("februari", "february"), ("mars", "march"), ("april",), ("maj", "may"),
    ("juni", "june"), ("juli", "july"), ("augusti", "august"), ("september",), ("oktober", "october"),
    ("november",), ("december",),
)  # fmt: skip
_OFFICE = re.compile(r"/(?:wp-[^/]*|admin)(?:/.*)?\Z", re.IGNORECASE)
"""Where the pages begin that only the shop's own people see: no part of its address."""


def plain(text: str) -> str:
    """A text for comparing: small letters, single spaces, no stop at the end."""
    return " ".join(text.casefold().split()).rstrip(".!")


def word(text: str) -> str:
    """The answer that a word stands for, in either language and any case."""
    typed = plain(text)
    return next((answer for answer, words in _WORDS.items() if typed in words), text.strip())


def among(text: str, choices: Mapping[str, str]) -> str:
    """The choice that is meant: its name or title however spaced or shortened, its number, or a word."""
    typed = _bare(text)
    for number, (name, title) in enumerate(choices.items(), 1):
        if typed in (_bare(name), _bare(title), str(number)):
            return name
    said = word(text)
    if said in choices:
        return said
    begun = [name for name, title in choices.items() if typed and _begins(typed, name, title)]
    return begun[0] if len(begun) == 1 and len(typed) >= SHORTEST else text.strip()


SHORTEST = 3
"""Letters that a shortened name has at least."""


def _begins(typed: str, *names: str) -> bool:
    return any(_bare(name).startswith(typed) for name in names)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def several(text: str) -> tuple[str, ...]:
    """The parts of an answer that may hold several, between commas, semicolons or lines."""
    parts = dict.fromkeys(part.strip(" .") for part in re.split(r"[,;\n]", text))
    return tuple(part for part in parts if part and word(part) != "no")


def address(text: str) -> str:
    """A shop's address as the settings have it: with https, without a page of its office or a last slash."""
    typed = text.strip().strip("<>").rstrip("/")
    if not typed or " " in typed:
        return typed
    if "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
    except ValueError:
        return typed
    if parts.username or not parts.hostname or "." not in parts.hostname:
        return typed
    path = _OFFICE.sub("", parts.path).rstrip("/")
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{path}"


def day_of_year(text: str) -> str:
    """`31 december`, `31/12`, `dec 31` or `december` as 12-31; a month alone is its last day."""
    typed = plain(text)
    month = next(
        (at for at, names in enumerate(_MONTH_NAMES, 1) for one in _named(typed) if _is(one, names)), 0
    )
    days = re.findall(r"\d+", typed)
    if month and len(days) <= 1:
        return f"{month:02}-{int(days[0]):02}" if days else f"{month:02}-{_LAST[month - 1]}"
    swapped = re.fullmatch(r"(\d{1,2})[/. ](\d{1,2})\.?", typed)
    if swapped:
        return f"{int(swapped[2]):02}-{int(swapped[1]):02}"
    short = re.fullmatch(r"(?:\d{4}-)?(\d{1,2})-(\d{1,2})", typed)
    return f"{int(short[1]):02}-{int(short[2]):02}" if short else text.strip()


def _named(typed: str) -> Iterable[str]:
    return re.findall(r"[a-zåäö]+", typed)


def _is(typed: str, names: Iterable[str]) -> bool:
    """Whether a word is a month: its name, or how it begins, three letters at least."""
    return any(name == typed or (len(typed) >= 3 and name.startswith(typed)) for name in names)


def day(text: str) -> str:
    """A date, `1 juli 2021` and `juli 2021` included, or what a word for yes, no or unsure stands for."""
    said = word(text)
    if said != text.strip():
        return said
    year = re.search(r"\b(20\d\d)\b", text)
    rest = text.replace(year[1], " ") if year else ""
    if not year or re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()):
        return text.strip()
    of_year = day_of_year(rest.strip(" -/."))
    if not re.search(r"\d", rest) and of_year != rest.strip(" -/."):
        of_year = f"{of_year[:2]}-01"  # a month alone: from its first day
    return f"{year[1]}-{of_year}" if re.fullmatch(r"\d\d-\d\d", of_year) else text.strip()


def year(text: str) -> str:
    """A year, also from a date or a span such as 2013/2014, which ends in the later."""
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return max(found) if found and len(text.strip()) <= 12 else text.strip()


def organisation_number(text: str) -> str:
    """A company's number with its hyphen, from ten digits, twelve, or a VAT number."""
    digits = re.sub(r"\D", "", text)
    if text.strip().upper().startswith("SE") and len(digits) == 12:
        digits = digits[:10]
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
    return stdnum.se.orgnr.format(digits) if len(digits) == 10 else text.strip()
