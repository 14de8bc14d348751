"""Where plugins of a WooCommerce shop keep what somebody said to mailings, and how a no is written there.

WooCommerce itself has no newsletter. A row says yes or no and no day; a no is also what one who was never
asked says, so only a yes is read (shared facts: Mailchimp for WooCommerce and Qliro write these keys).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from adapters.woocommerce.meta import MetaRow, meta_rows
from connector.ports.consents import EMAIL
from connector.records import Consent, Kind, Record

KEYS: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMER: {"mailchimp_woocommerce_is_subscribed": EMAIL},
    Kind.ORDER: {"mailchimp_woocommerce_is_subscribed": EMAIL, "_qliro_one_signup_for_newsletter": EMAIL},
}
"""By kind of record: the keys, and the channel that each is about."""

_NO_OF: Mapping[str, Any] = {
    "1": "0", "yes": "no", "true": "false", "on": "off", "subscribed": "unsubscribed",
    "pending": "unsubscribed",
}  # fmt: skip
"""How each way of writing yes writes no."""


def keys_of(kind: Kind, settings: Mapping[str, Any]) -> Mapping[str, str]:
    """The keys of a kind, with those that the shop itself names."""
    return {**KEYS[kind], **(settings.get("opt_in") or {})}


def with_consents(record: Record, row: Mapping[str, Any], keys: Mapping[str, str]) -> Record:
    """The record with what its meta says to mailings."""
    found = tuple(Consent(channel=one, given=True) for one in sorted({*_channels(row, keys)}))
    return replace(record, facts=replace(record.facts, consents=found)) if found else record


def _channels(row: Mapping[str, Any], keys: Mapping[str, str]) -> Iterator[str]:
    return (keys[one.key] for one in given(row, keys))


def given(row: Mapping[str, Any], keys: Mapping[str, str]) -> list[MetaRow]:
    """The meta rows that say yes."""
    rows: Iterable[MetaRow] = meta_rows(row.get("meta_data"))
    return [one for one in rows if one.key in keys and _said(one.value) in _NO_OF]


def withdrawn(
    row: Mapping[str, Any], keys: Mapping[str, str], channels: Collection[str]
) -> dict[str, Any] | None:
    """One item of a batch that says no by these channels, every one where none is named; None for nothing."""
    ended = [one for one in given(row, keys) if not channels or keys[one.key] in channels]
    if not ended:
        return None
    meta = [{**({"id": one.id} if one.id else {}), "key": one.key, "value": _NO_OF[_said(one.value)]}
            for one in ended]  # fmt: skip
    return {"id": int(row["id"]), "meta_data": meta}


def _said(value: Any) -> str:
    if value is True:
        return "1"
    return str(value).strip().casefold() if isinstance(value, str | int) else ""
