"""Klarna and Kustom: independent controllers on one API."""
