"""The mutations; each enters itself in the table of fields when its module is imported."""

from sandbox.shopify.mutations import consent, customers, orders, others

__all__ = ["consent", "customers", "orders", "others"]
