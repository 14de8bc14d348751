"""Bulk operations: queries and mutations over everything, carried out beside the requests."""
