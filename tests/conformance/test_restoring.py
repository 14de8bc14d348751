"""Every platform that can put back what it took, held to the suite against the stand-in services."""

from connector.records import Field, Kind
from connector.testing import RestoringSuite
from tests.conformance.test_platforms import OfShopify, OfWooCommerce, box

ADDRESSES = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS})


class TestWooCommerceOrders(OfWooCommerce, RestoringSuite):
    kind, write = Kind.ORDER, "POST orders/batch"
    fields = ADDRESSES
    least = ADDRESSES | {Field.BILLING_ADDRESS, Field.IP_ADDRESS, Field.USER_AGENT, Field.CUSTOMER_NOTE}


class TestWooCommerceCustomers(OfWooCommerce, RestoringSuite):
    kind, write = Kind.CUSTOMER, "POST customers/batch"
    fields = frozenset({Field.PHONE})
    least = frozenset({Field.PHONE, Field.BILLING_ADDRESS})


class TestShopifyOrders(OfShopify, RestoringSuite):
    kind, write = Kind.ORDER, "orderUpdate"
    fields = frozenset({Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS})
    least = fields | {Field.CUSTOMER_NOTE, Field.NAME}


class TestShopifyCustomers(OfShopify, RestoringSuite):
    kind, write = Kind.CUSTOMER, "customerUpdate"
    fields = frozenset({Field.NAME, Field.EMAIL, Field.PHONE})
    least = fields


__all__ = ["box"]
