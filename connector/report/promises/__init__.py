"""The promise report: the public policy held against the rules and the shop's data."""
