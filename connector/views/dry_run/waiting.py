"""What waits: records on hold, and what only a hand can do."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from connector.ledger import queries
from connector.ledger.holds import Holds
from connector.ledger.together import bought_again
from connector.ports import Ability, Access, AsksBeforeErasure, Beyond
from connector.records import Field, HoldId
from connector.report.shared import ByHandView, HeldCount, HoldView, KeptTogether
from connector.shop import Shop
from connector.views.dry_run.counts import Hand


def holds_in_force(shop: Shop, connection: Connection) -> tuple[HoldView, ...]:
    """Records that wait, by what they wait for; the review date is that of the holds people placed."""
    counts = queries.on_hold(connection, shop.ledger.shop)
    reviews: dict[HoldId, date] = {}
    for row in Holds(shop.ledger).list(connection):
        reviews[row.hold] = min(row.review, reviews.get(row.hold, row.review))
    return tuple(HoldView(id=h, count=count, review=reviews.get(h)) for h, count in sorted(counts.items()))


def held_count(shop: Shop, connection: Connection) -> HeldCount:
    """How many records wait, each once, to hold the rows by hold against."""
    records, unread = queries.held(connection, shop.ledger.shop)
    return HeldCount(records=records, unread=unread)


def kept_together(shop: Shop, connection: Connection) -> tuple[KeptTogether, ...]:
    """Who keeps all of their orders in a shop because they bought again; a WooCommerce order goes alone."""
    found = []
    for name, platform in shop.platforms.items():
        if isinstance(platform, AsksBeforeErasure):
            counted = bought_again(connection, shop.ledger.shop, name, today=shop.today.isoformat())
            found.append(KeptTogether(platform=name, customers=counted.customers, past=counted.past))
    return tuple(found)


def beyond_views(
    shop: Shop, connection: Connection, accesses: Mapping[str, Access]
) -> tuple[ByHandView, ...]:
    """The places of the whole shop that no API reaches, by this check or the last; none that is empty."""
    found = [one for access in accesses.values() for one in access.beyond]
    if not any(name in accesses for name in shop.platforms):
        checked = shop.ledger.events(connection, "checked")
        told = checked[-1][1].get("beyond", []) if checked else []
        found = [Beyond(place=place, count=count) for place, count in told]
    return tuple(ByHandView(field=None, place=one.place, count=one.count) for one in found if one.count != 0)


def by_hand_views(hands: Mapping[Hand, int], shop: Shop) -> tuple[ByHandView, ...]:
    """What a person must do, with the exact place; a field that has none goes with its whole record."""
    places = {
        (str(kind), str(field)): place
        for (_, kind), able in shop.capabilities.items()
        for field, place in able.places.items()
    }
    # A field that a call clears elsewhere, and not on these records: it stands where none can cut it out.
    clears = {
        (str(kind), str(field)): "uncut_meta"
        for (_, kind), able in shop.capabilities.items()
        for field, can in able.fields.items()
        if can is Ability.REDACT
    }
    places = clears | places
    return tuple(
        ByHandView(
            field=Field(field) if field else None,
            place=place or places.get((kind, field), "whole_record"),
            count=count,
        )
        for (kind, field, place), count in sorted(hands.items())
    )
