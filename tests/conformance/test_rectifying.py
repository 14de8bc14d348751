"""Every platform that can put right what a person says is wrong, held to the suite against the stand-ins."""

from connector.ports.rectifying import Part
from connector.records import Field, Kind
from connector.testing import RectifyingSuite
from tests.conformance.test_platforms import OfShopify, OfWooCommerce, box

SHIPPING = frozenset(one for one in Part if one.block == "shipping")
BLOCKS = frozenset(one for one in Part if one.block)


class TestWooCommerceOrders(OfWooCommerce, RectifyingSuite):
    kind, write = Kind.ORDER, "POST orders/batch"
    fields = frozenset({Field.NAME, Field.EMAIL})
    settable = frozenset(Part)


class TestWooCommerceCustomers(OfWooCommerce, RectifyingSuite):
    kind, write = Kind.CUSTOMER, "POST customers/batch"
    fields = frozenset({Field.PHONE})
    settable = BLOCKS | {Part.PHONE, Part.FIRST_NAME, Part.LAST_NAME}


class TestShopifyOrders(OfShopify, RectifyingSuite):
    kind, write = Kind.ORDER, "orderUpdate"
    fields = frozenset({Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS})
    settable = SHIPPING | {Part.EMAIL, Part.PHONE, Part.NOTE}


class TestShopifyCustomers(OfShopify, RectifyingSuite):
    kind, write = Kind.CUSTOMER, "customerUpdate"
    fields = frozenset({Field.NAME, Field.EMAIL, Field.PHONE})
    settable = frozenset({Part.EMAIL, Part.PHONE, Part.FIRST_NAME, Part.LAST_NAME})


__all__ = ["box"]
