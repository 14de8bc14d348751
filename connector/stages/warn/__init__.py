"""Warnings: to whom, who was, and the mails themselves, each on record before it leaves."""
