"""Payson Checkout 2.0, run by Svea Bank AB."""
