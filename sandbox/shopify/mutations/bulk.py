"""stagedUploadsCreate and the bulk operations."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.wire import Json


def staged_uploads_create(source: Any, ctx: Context, args: Json) -> Json:
    """stagedUploadsCreate: a target for each file."""
    targets = [ctx.bulk.uploads.promise(ctx.shop.next_id(), ctx.url, given) for given in args["input"]]
    return {"stagedTargets": targets, "userErrors": []}


def run_query(source: Any, ctx: Context, args: Json) -> Json:
    """bulkOperationRunQuery."""
    return ctx.bulk.run_query(ctx, args)


def run_mutation(source: Any, ctx: Context, args: Json) -> Json:
    """bulkOperationRunMutation."""
    return ctx.bulk.run_mutation(ctx, args)


def cancel(source: Any, ctx: Context, args: Json) -> Json:
    """bulkOperationCancel."""
    return ctx.bulk.cancel(ctx, args["id"])


MUTATIONS = {
    "stagedUploadsCreate": staged_uploads_create,
    "bulkOperationRunQuery": run_query,
    "bulkOperationRunMutation": run_mutation,
    "bulkOperationCancel": cancel,
}
