"""What several mutations check and write."""

import re

from sandbox.shopify.context import Context
from sandbox.shopify.making.customers import metafield
from sandbox.shopify.refusals import declined, invalid_id, user_error
from sandbox.shopify.values import number_of
from sandbox.wire import Json

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_MARKUP = re.compile(r"<[a-z/!][^>]*>|https?://", re.IGNORECASE)
_MUST = {
    "lastName": "Enter a last name", "address1": "Enter an address", "city": "Enter a city",
    "zip": "Enter a ZIP code",
}  # fmt: skip
_ADDRESS = (
    "firstName", "lastName", "company", "address1", "address2", "city", "zip", "phone", "provinceCode",
)  # fmt: skip
_WITHOUT_PROVINCES = frozenset({"SE", "DK", "DE", "FI", "NO"})
NOTE_LIMIT, TEXT_LIMIT = 5000, 255


def numbered(text: str, kind: str) -> int:
    """The number in an id. Raises the recorded refusal where it is of another kind."""
    number = number_of(text, kind)
    if number is None:
        raise invalid_id(text)
    return number


def customer_of(
    ctx: Context, customer_id: str, field: list[str] | None, message: str, code: str | None = None
) -> Json:
    """The living record of a customer; raises the user error where there is none."""
    number = numbered(customer_id, "Customer")
    if number not in ctx.shop.customers:
        raise declined(field, message, code)
    return ctx.shop.customers[number]


def note_errors(given: Json) -> list[Json]:
    """The user error for a note of more than 5,000 characters."""
    if len(given.get("note") or "") <= NOTE_LIMIT:
        return []
    return [user_error(["note"], f"Note is too long (maximum is {NOTE_LIMIT} characters)")]


def is_email(text: str) -> bool:
    """Whether Shopify takes this for an e-mail address."""
    return len(text) <= TEXT_LIMIT and _EMAIL.match(text) is not None


def too_long(given: Json, names: tuple[str, ...], under: list[str]) -> list[Json]:
    """User errors for texts of more than 255 characters."""
    return [
        user_error([*under, name], f"{_spoken(name)} is too long (maximum is {TEXT_LIMIT} characters)")
        for name in names
        if isinstance(given.get(name), str) and len(given[name]) > TEXT_LIMIT
    ]


def _spoken(name: str) -> str:
    return re.sub(r"([A-Z])", r" \1", name).capitalize()


def address_errors(given: Json, under: list[str]) -> list[Json]:
    """What Shopify finds wrong in an address: what is missing, markup, a country or province that is none."""
    wrong = {name: said for name, said in _MUST.items() if not (given.get(name) or "").strip()}
    if not given.get("countryCode"):
        wrong["country"] = "Country is invalid"
    if given.get("provinceCode") and given.get("countryCode") in _WITHOUT_PROVINCES:
        wrong["province"] = "Province is invalid"
    for name in ("address1", "city", "zip", "phone"):
        if _MARKUP.search(given.get(name) or ""):
            what = "URL" if "://" in given[name] else "HTML tags"
            wrong[name] = f"{_spoken(name)} cannot contain {what}"
    errors = [user_error([*under, name], said) for name, said in wrong.items()]
    return errors + too_long(given, ("address1", "address2", "city", "firstName", "lastName"), under)


def address_row(given: Json, address_id: str) -> Json:
    """An address as given, in the shape it is read; what is not given is empty."""
    texts = {name: given.get(name) or None for name in _ADDRESS}
    return {"id": address_id, **texts, "countryCodeV2": given.get("countryCode")}


def add_metafields(row: Json, given: list[Json], new_id: int) -> None:
    """Adds metafields or writes over those of the same name; it never removes any."""
    for place, one in enumerate(given):
        name = (one.get("namespace") or "custom", one.get("key") or "")
        known = next((m for m in row["metafields"] if (m["namespace"], m["key"]) == name), None)
        value, kind = one.get("value") or "", one.get("type") or "single_line_text_field"
        if known:
            known |= {"value": value}
        else:
            row["metafields"].append(metafield((new_id + place) * 100, ".".join(name), value, kind))
