"""Shopify through its GraphQL Admin API: orders, customers, subscribers, drafts and checkouts of one shop."""
