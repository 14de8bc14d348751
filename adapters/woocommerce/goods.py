"""Reviews and coupons: the other places where WooCommerce keeps a name or an address."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from adapters.held import NEW_ADDRESS, present_bits
from adapters.woocommerce import places
from adapters.woocommerce.dates import to_stockholm
from adapters.woocommerce.holdings import Holding, changes, meta_holdings, reach, surprises, text_holdings
from adapters.woocommerce.meta import meta_rows, texts
from adapters.woocommerce.text import as_typed_too
from connector.calendar import STOCKHOLM
from connector.detect import Type, types
from connector.identity import is_placeholder
from connector.places.masking import masked
from connector.places.suspected import Own, own_words, repeats, told_in_text
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref, Surprise, to_bits

Row = Mapping[str, Any]
REVIEW_FIELDS = "id,date_created_gmt,status,reviewer,reviewer_email,review"
COUPON_FIELDS = (
    "id,code,date_created_gmt,date_modified_gmt,date_expires_gmt,discount_type,description,status,"
    "usage_count,usage_limit,email_restrictions,used_by,meta_data"
)
USED_BY = "used_by"  # WooCommerce dies of a call that clears it
NOBODY = "Avidentifierad kund"
_UNREAD_REVIEW = to_bits((Field.IP_ADDRESS, Field.USER_AGENT))


def review_holdings(review: Row) -> list[Holding]:
    """The reviewer's name and address, and numbers in the text."""
    found: list[Holding] = []
    if not is_placeholder(str(review.get("reviewer") or "")):
        found.append(Holding(Field.NAME, "reviewer", True, NOBODY))
    if not is_placeholder(str(review.get("reviewer_email") or "")):
        found.append(Holding(Field.EMAIL, "reviewer_email", True, NEW_ADDRESS))
    found += text_holdings("review", str(review.get("review") or ""), top=True, hint="review", words=True)
    return found


def review_names(review: Row) -> tuple[str, ...]:
    """The reviewer's name, as the text may repeat it; none once it was blanked."""
    name = str(review.get("reviewer") or "")
    return () if is_placeholder(name) else (name,)


def review_update(review: Row, due: Collection[Field]) -> dict[str, Any]:
    """What frees a review of the due fields; its text stays, without the reviewer's name and addresses."""
    body, _ = changes(review_holdings(review), due, kind="review")
    text = str(body.get("review", review.get("review") or ""))
    left = _without_person(text, due, review_names(review))
    return body if left == text else {**body, "review": left}


def review_left(review: Row, due: Collection[Field], names: Collection[str]) -> frozenset[Field]:
    """The due fields that a review still holds; `names` are those that its text had to lose."""
    text = str(review.get("review") or "")
    found = {holding.field for holding in review_holdings(review)}
    found |= {field for field in (Field.NAME, Field.EMAIL) if _without_person(text, {field}, names) != text}
    return frozenset(found & set(due))


def _without_person(text: str, due: Collection[Field], names: Collection[str]) -> str:
    return masked(text, names if Field.NAME in due else (), addresses=Field.EMAIL in due)


def review_handles(review: Row) -> dict[str, tuple[str, ...]]:
    """The reviewer's address."""
    address = str(review.get("reviewer_email") or "")
    return {} if is_placeholder(address) else {"email": tuple(as_typed_too(address))}


def review_record(review: Row, keyer: Keyer) -> Record:
    """The record of a review; its IP and user agent are kept where the API does not look."""
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.REVIEW, id=str(review["id"])),
        version=str(review.get("date_created_gmt") or ""),
        facts=Facts(
            created=to_stockholm(review.get("date_created_gmt")), status=str(review.get("status") or "")
        ),
        present=to_bits(review_left(review, frozenset(Field), review_names(review))),
        label=str(review["id"]),
        identifiers=_emails([review.get("reviewer_email")], keyer),
        copies=tuple(review_handles(review)),
        unread=_UNREAD_REVIEW,
        surprises=tuple(_others(review)),
    )


def _others(review: Row) -> Iterator[Surprise]:
    """What a review's text holds of anybody beside the name and the addresses that a redaction takes."""
    left = _without_person(str(review.get("review") or ""), frozenset(Field), review_names(review))
    for kind in sorted(told_in_text(left, Own())):
        yield Surprise(code=f"unknown_key:{kind}", place="review")


def _entries(coupon: Row, name: str) -> list[str]:
    """The entries of a list, which PHP writes as an object where it kept a hole."""
    return list(texts(coupon.get(name)))


def _restricted(coupon: Row) -> list[str]:
    """The addresses that a coupon is tied to; `*@company.example` is nobody's."""
    return [
        one for one in _entries(coupon, "email_restrictions") if one[:1] != "*" and not is_placeholder(one)
    ]


def has_balance(coupon: Row) -> bool:
    """Whether a coupon is money the shop owes: store credit, gift card, smart coupon (schedule H6)."""
    if str(coupon.get("discount_type") or "").casefold() in places.BALANCE_COUPON_TYPES:
        return True
    return any(row.key in places.BALANCE_COUPON_META for row in meta_rows(coupon.get("meta_data")))


def coupon_holdings(coupon: Row, table: Mapping[str, Field] = places.COUPON_META) -> Iterator[Holding]:
    """The addresses a coupon is tied to, its description where it is tied to one or holds one, its users.

    Of its meta what a key's line names; the numbers and codes in it are left, for they may be money's.
    """
    rows = meta_rows(coupon.get("meta_data"))
    yield from (one for one in meta_holdings(rows, table) if not one.cut and one.key in table)
    description = str(coupon.get("description") or "")
    if _restricted(coupon):
        yield Holding(Field.EMAIL, "email_restrictions", True)
    if description and (_restricted(coupon) or Type.EMAIL in types(description)):
        yield Holding(Field.EMAIL, "description", True, "")
    if any("@" in user and not is_placeholder(user) for user in _entries(coupon, "used_by")):
        yield Holding(Field.EMAIL, USED_BY, True, fixed=True)


def coupon_update(
    coupon: Row, due: Collection[Field], now: datetime, address: str,
    *, table: Mapping[str, Field] = places.COUPON_META,
) -> dict[str, Any] | None:  # fmt: skip
    """What frees a coupon of its person, None where nothing is left.

    A coupon that has not expired gets an address that is nobody's: with an empty list anybody could use it,
    and that would move money. One that is used up counts again once an order is cancelled.
    """
    held = [one for one in coupon_holdings(coupon, table) if one.field in due]
    places_ = {one.key for one in held if one.top}
    body: dict[str, Any] = {"description": ""} if "description" in places_ else {}
    _, rows = changes([one for one in held if not one.top], due, kind="coupon")
    if rows:
        body["meta_data"] = rows
    if "email_restrictions" in places_:
        others = [one for one in _entries(coupon, "email_restrictions") if one[:1] == "*"]
        body["email_restrictions"] = others or ([] if _expired(coupon, now) else [address])
    return body or None


def _expired(coupon: Row, now: datetime) -> bool:
    expires = to_stockholm(coupon.get("date_expires_gmt"))
    return expires is not None and expires < now.astimezone(STOCKHOLM).date()


def _used_up(coupon: Row) -> bool:
    limit, count = (_whole(coupon.get(name)) for name in ("usage_limit", "usage_count"))
    return 0 < limit <= count


def _whole(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0


def closed(coupon: Row) -> date | None:
    """When a coupon ends (schedule T-24): its expiry; else, once it is used up, its last change.

    WooCommerce shows no day of a use.
    """
    expires = to_stockholm(coupon.get("date_expires_gmt"))
    if expires is not None or not _used_up(coupon):
        return expires
    return to_stockholm(coupon.get("date_modified_gmt")) or to_stockholm(coupon.get("date_created_gmt"))


def coupon_handles(coupon: Row) -> dict[str, tuple[str, ...]]:
    """The addresses a coupon is tied to."""
    addresses = tuple(as_typed_too(*_restricted(coupon)))
    return {"email": addresses} if addresses else {}


def coupon_own(coupon: Row) -> Own:
    """The words of the people whom a coupon is tied to or who used it, by their addresses."""
    addresses = [one for one in (*_restricted(coupon), *_entries(coupon, USED_BY)) if "@" in one]
    names = [one.partition("@")[0] for one in addresses if one.partition("@")[0].casefold() not in _NOBODYS]
    return own_words(names, emails=addresses)


_NOBODYS = frozenset({
    "info", "kontakt", "contact", "order", "mail", "post", "hej", "hello", "admin", "kund", "shop", "sales",
    "support", "faktura", "invoice", "butik", "kundtjanst", "test",
})  # fmt: skip


def _coupon_surprises(
    coupon: Row, table: Mapping[str, Field], held: Collection[Holding]
) -> Iterator[Surprise]:
    own = coupon_own(coupon)
    yield from surprises(meta_rows(coupon.get("meta_data")), table, own)
    if any(one.key == "description" for one in held):
        return
    for kind in sorted(told_in_text(str(coupon.get("description") or ""), own)):
        yield Surprise(code=f"unknown_key:{kind}", place="coupon_description")


def coupon_record(coupon: Row, keyer: Keyer, table: Mapping[str, Field] = places.COUPON_META) -> Record:
    """The record of a coupon; the addresses of those who used it are out of the API's reach."""
    found = list(coupon_holdings(coupon, table))
    code = str(coupon.get("code") or "")
    named = Type.EMAIL in types(code) or any(repeats(code, coupon_own(coupon)))
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.COUPON, id=str(coupon["id"])),
        version=str(coupon.get("date_modified_gmt") or ""),
        facts=Facts(
            created=to_stockholm(coupon.get("date_created_gmt")),
            modified=to_stockholm(coupon.get("date_modified_gmt")),
            status=str(coupon.get("status") or ""),
            closed=closed(coupon),
            expires=to_stockholm(coupon.get("date_expires_gmt")),
            balance=has_balance(coupon),
        ),
        present=present_bits(found),
        label=str(coupon["id"]),
        identifiers=_emails(_restricted(coupon), keyer),
        copies=tuple(coupon_handles(coupon)),
        surprises=tuple(_coupon_surprises(coupon, table, found)),
        residue=(*(("coupon_code",) if named else ()), *((USED_BY,) if _users(found) else ())),
        **reach(found),
    )


def _users(holdings: Collection[Holding]) -> bool:
    return any(one.key == USED_BY for one in holdings)


def _emails(addresses: Collection[Any], keyer: Keyer) -> tuple[Identifier, ...]:
    digests = {digest for address in addresses if (digest := keyer("email", str(address or "")))}
    return tuple(Identifier(type="email", digest=digest) for digest in sorted(digests))
