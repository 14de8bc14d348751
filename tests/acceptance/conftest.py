"""Fixtures of the acceptance tests."""

from tests.acceptance.wheel import gallra, installed, worker_id

__all__ = ["gallra", "installed", "worker_id"]
