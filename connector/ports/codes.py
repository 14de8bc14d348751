"""The kinds of recipient that the schedule names by code (schedule §4); an adapter may bring another."""

SCHEDULE = ("SH", "KL", "PA", "MC", "PN", "BK", "HD", "AD", "AN")
"""Shop platform, invoices, payment, mailing, carrier, bookkeeping, help desk, advertising, analytics."""

MARKETS = frozenset({"MC", "AD"})
"""Those by which a shop's mailings and advertisements reach persons: an objection to them concerns these."""
