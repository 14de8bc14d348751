"""Where Swedish shops on Shopify keep a person: attribute keys, metafields, and what is read by name.

Shopify has no field for a Swedish personnummer among its localized fields: checkouts and apps put
it in cart attributes, notes and metafields. A key that stands nowhere here is looked at by value.
"""

from collections.abc import Mapping
from typing import Any

from connector.errors import SettingsError
from connector.places.catalogue import Table
from connector.records import Field

ATTRIBUTES: Mapping[str, Field] = {
    "personnummer": Field.PERSONAL_NUMBER,
    "Personnummer": Field.PERSONAL_NUMBER,
    "personal_number": Field.PERSONAL_NUMBER,
    "social_security_number": Field.PERSONAL_NUMBER,
    "organisationsnummer": Field.ORGANISATION_NUMBER,
    "Organisationsnummer": Field.ORGANISATION_NUMBER,
    "org_nr": Field.ORGANISATION_NUMBER,
    "vat_number": Field.ORGANISATION_NUMBER,
    "portkod": Field.DOOR_CODE,
    "Portkod": Field.DOOR_CODE,
    "door_code": Field.DOOR_CODE,
    "leveransinstruktion": Field.DOOR_CODE,
    "Leveransinstruktion": Field.DOOR_CODE,
    "delivery_instructions": Field.DOOR_CODE,
    "birth_date": Field.BIRTH_DATE,
    "birthdate": Field.BIRTH_DATE,
    "Födelsedatum": Field.BIRTH_DATE,
    "fodelsedatum": Field.BIRTH_DATE,
    "gift_message": Field.CUSTOMER_NOTE,
    "gift_note": Field.CUSTOMER_NOTE,
    "Gift message": Field.CUSTOMER_NOTE,
    "Gåvohälsning": Field.CUSTOMER_NOTE,
}
# Metafields that Shopify itself defines for a person (shopify.dev, standard metafield definitions).
STANDARD: Mapping[str, Mapping[str, Field]] = {"customer": {"facts.birth_date": Field.BIRTH_DATE}}
KLARNA_KEYS = ("klarna_order_id", "klarna_order", "_klarna_order_id")
PAYSON_KEYS = ("payson_checkout_id", "_payson_checkout_id")
# Keys of a line's attributes that are made for a customer's own words.
OWN_WORDS = (
    "engrav", "gravyr", "graver", "namn", "name", "text", "message", "meddelande", "hälsning", "monogram",
)  # fmt: skip


def attributes(settings: Mapping[str, Any]) -> Table:
    """The table of cart attribute keys, with the shop's own. Raises SettingsError for an unknown field."""
    return Table(ATTRIBUTES).with_settings(settings.get("order_meta") or {}, "platform.order_meta")


def metafields(settings: Mapping[str, Any], kind: str) -> dict[str, Field]:
    """The metafields of a kind that hold a person (`namespace.key`): Shopify's own and the settings'.

    Raises SettingsError for an unknown field.
    """
    return {**STANDARD.get(kind, {}), **_own(settings, f"{kind}_metafields")}


def harmless(settings: Mapping[str, Any]) -> frozenset[str]:
    """The metafields (`namespace.key`) that the settings say hold no person."""
    return frozenset(settings.get("harmless_metafields") or ())


def _own(settings: Mapping[str, Any], name: str) -> dict[str, Field]:
    extra: Mapping[str, str] = settings.get(name) or {}
    wrong = sorted(value for value in extra.values() if value not in set(Field))
    if wrong:
        raise SettingsError(
            [f"platform.{name}: no field is called {value!r}; use custom." for value in wrong]
        )
    return {key: Field(value) for key, value in extra.items()}
