"""Why something was not done, by code: the report has the words, in both languages.

What follows a colon is a permission, fields, an input's path or a code of Shopify's: never a value.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from connector.records import Field


class Reason(StrEnum):
    """Every reason that this adapter gives on a receipt."""

    ANSWER_MISSING = "answer_missing"
    ANSWER_OF_ANOTHER = "answer_of_another"
    ASKED_BY_ANOTHER = "asked_by_another"
    CANNOT_BE_WITHDRAWN = "cannot_be_withdrawn"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CONTACT_BECAME_CUSTOMER = "contact_became_customer"
    CUSTOMER_GONE = "customer_gone"
    CUSTOMER_NOT_SEEN = "customer_not_seen"
    DELETE_ORDERS_OFF = "delete_orders_off"
    EMPTIED = "emptied"
    ERASURE_WITHDRAWN = "erasure_withdrawn"
    GOES_BY_ITSELF = "goes_by_itself"
    LACKS_SCOPE = "lacks_scope"
    NOT_BEING_ERASED = "not_being_erased"
    NOT_FOUND = "not_found"
    ORDERS_KEPT = "orders_kept"
    ORDERS_NOT_SEEN = "orders_not_seen"
    SHOP_FAILED = "shop_failed"
    SHOP_KEPT = "shop_kept"
    SHOP_REFUSED = "shop_refused"
    SUBSCRIPTION_MAY_RUN = "subscription_may_run"

    def of(self, detail: str) -> str:
        """The code with what it is about; alone where there is nothing to say."""
        return f"{self}:{detail}" if detail else str(self)


MAY_ERASE = "write_customer_data_erasure"
"""The permission to ask for an erasure."""
LACKS_ERASURE = Reason.LACKS_SCOPE.of(MAY_ERASE)


def emptied(scopes: Collection[str]) -> str:
    """Why a profile was emptied and not erased: one of the two reasons that let it (erasure.py)."""
    return Reason.EMPTIED.of(Reason.ORDERS_KEPT if MAY_ERASE in scopes else LACKS_ERASURE)


def kept(fields: Iterable[Field]) -> str:
    """The shop took the call and kept these fields."""
    return Reason.SHOP_KEPT.of(",".join(sorted(fields)))
