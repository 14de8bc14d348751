"""Where the tests find the shared folder of recordings and schedules."""

import os
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, extend_schema, parse

from sandbox.shopify.schema import SCHEMA

REPOSITORY = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """The shared folder; skips the test, with the reason, where it is absent (fails in CI)."""
    folder = Path(os.environ.get("GALLRA_SHARED", REPOSITORY.parent / "shared"))
    if folder.is_dir():
        return folder
    reason = f"no shared folder at {folder.name!r} beside the project; set GALLRA_SHARED to its place"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def is_beside() -> bool:
    """Whether recordings and schedules lie beside the project, or must, in CI."""
    given = Path(os.environ.get("GALLRA_SHARED", REPOSITORY.parent / "shared"))
    return given.is_dir() or os.environ.get("CI") == "true"


def known_of_shopify() -> GraphQLSchema:
    """What Shopify publishes where it lies beside the project; else what the project writes down of it.

    tests/conformance/test_shopify_schema.py holds the one to the other.
    """
    return published_shopify() if is_beside() else SCHEMA


def published_shopify() -> GraphQLSchema:
    """What Shopify publishes of the Admin API 2026-10, pruned.

    The count of gift cards was pruned away; it stands in the reference of the same version:
    shopify.dev/docs/api/admin-graphql/2026-10/queries/giftCardsCount.
    """
    text = (shared_folder() / "shopify" / "admin-pruned-2026-10.graphql").read_text(encoding="utf-8")
    more = "giftCardsCount(limit: Int = 10000, query: String, savedSearchId: ID): Count"
    return extend_schema(build_schema(text), parse(f"extend type QueryRoot {{ {more} }}"))
