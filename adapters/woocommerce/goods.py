"""Reviews and coupons: the other places where WooCommerce keeps a name or an address."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters.woocommerce import places
from adapters.woocommerce.dates import to_stockholm
from adapters.woocommerce.holdings import NEW_ADDRESS, Holding, present_bits, text_holdings
from connector.identity import is_placeholder
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref, to_bits

Row = Mapping[str, Any]
REVIEW_FIELDS = "id,date_created_gmt,status,reviewer,reviewer_email,review"
COUPON_FIELDS = (
    "id,code,date_created_gmt,date_modified_gmt,date_expires_gmt,discount_type,description,status,"
    "usage_count,usage_limit,email_restrictions,used_by,meta_data"
)
NOBODY = "Avidentifierad kund"
_UNREAD_REVIEW = to_bits((Field.IP_ADDRESS, Field.USER_AGENT))


def review_holdings(review: Row) -> list[Holding]:
    """The reviewer's name and address, and numbers in the text."""
    found: list[Holding] = []
    if not is_placeholder(str(review.get("reviewer") or "")):
        found.append(Holding(Field.NAME, "reviewer", True, NOBODY))
    if not is_placeholder(str(review.get("reviewer_email") or "")):
        found.append(Holding(Field.EMAIL, "reviewer_email", True, NEW_ADDRESS))
    found += text_holdings("review", str(review.get("review") or ""), top=True, hint="review")
    return found


def review_handles(review: Row) -> dict[str, tuple[str, ...]]:
    """The reviewer's address."""
    address = str(review.get("reviewer_email") or "")
    return {} if is_placeholder(address) else {"email": (address,)}


def review_record(review: Row, keyer: Keyer) -> Record:
    """The record of a review; its IP and user agent are kept where the API does not look."""
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.REVIEW, id=str(review["id"])),
        version=str(review.get("date_created_gmt") or ""),
        facts=Facts(
            created=to_stockholm(review.get("date_created_gmt")), status=str(review.get("status") or "")
        ),
        present=present_bits(review_holdings(review)),
        label=str(review["id"]),
        identifiers=_emails([review.get("reviewer_email")], keyer),
        copies=tuple(review_handles(review)),
        unread=_UNREAD_REVIEW,
    )


def _restricted(coupon: Row) -> list[str]:
    return [address for address in coupon.get("email_restrictions") or () if not is_placeholder(str(address))]


def has_balance(coupon: Row) -> bool:
    """Whether a coupon is money the shop owes: store credit, gift card, smart coupon (schedule H6)."""
    if str(coupon.get("discount_type") or "").casefold() in places.BALANCE_COUPON_TYPES:
        return True
    return any(
        row.get("key") in places.BALANCE_COUPON_META and row.get("value")
        for row in coupon.get("meta_data") or ()
    )


def coupon_holdings(coupon: Row) -> Iterator[Holding]:
    """The address a coupon is tied to, and its description where it is tied to one."""
    if _restricted(coupon):
        yield Holding(Field.EMAIL, "email_restrictions", True)
        if coupon.get("description"):
            yield Holding(Field.EMAIL, "description", True, "")


def coupon_update(coupon: Row, due: Collection[Field], now: datetime, address: str) -> dict[str, Any] | None:
    """What frees a coupon of its person, None where nothing is left.

    A coupon that can still be used gets an address that is nobody's: with an empty list anybody
    could use it, and that would move money.
    """
    if Field.EMAIL not in due or not _restricted(coupon):
        return None
    body: dict[str, Any] = {"email_restrictions": [address] if _usable(coupon, now) else []}
    if coupon.get("description"):
        body["description"] = ""
    return body


def _usable(coupon: Row, now: datetime) -> bool:
    expires, limit = coupon.get("date_expires_gmt"), coupon.get("usage_limit")
    expired = bool(expires) and str(expires) < now.replace(tzinfo=None).isoformat()
    used_up = bool(limit) and int(coupon.get("usage_count") or 0) >= int(limit or 0)
    return not expired and not used_up


def coupon_handles(coupon: Row) -> dict[str, tuple[str, ...]]:
    """The addresses a coupon is tied to."""
    addresses = tuple(_restricted(coupon))
    return {"email": addresses} if addresses else {}


def coupon_record(coupon: Row, keyer: Keyer) -> Record:
    """The record of a coupon; the addresses of those who used it are out of the API's reach."""
    used = any("@" in str(user) and not is_placeholder(str(user)) for user in coupon.get("used_by") or ())
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.COUPON, id=str(coupon["id"])),
        version=str(coupon.get("date_modified_gmt") or ""),
        facts=Facts(
            created=to_stockholm(coupon.get("date_created_gmt")),
            modified=to_stockholm(coupon.get("date_modified_gmt")),
            status=str(coupon.get("status") or ""),
            balance=has_balance(coupon),
        ),
        present=present_bits(coupon_holdings(coupon)),
        label=str(coupon["id"]),
        identifiers=_emails(_restricted(coupon), keyer),
        copies=tuple(coupon_handles(coupon)),
        residue=("used_by",) if used else (),
    )


def _emails(addresses: Collection[Any], keyer: Keyer) -> tuple[Identifier, ...]:
    digests = {digest for address in addresses if (digest := keyer("email", str(address or "")))}
    return tuple(Identifier(type="email", digest=digest) for digest in sorted(digests))
