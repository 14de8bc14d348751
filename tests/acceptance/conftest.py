"""Fixtures of the acceptance tests."""

from tests.acceptance.wheel import demo_parts, gallra, installed, worker_id

__all__ = ["demo_parts", "gallra", "installed", "worker_id"]
