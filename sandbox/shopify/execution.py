"""Executes an operation: read, checked, priced, paid, carried out."""

from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    value_from_ast_untyped,
)

# What these modules read and carry out stands in the table of fields once they are imported.
from sandbox.shopify import lists, mutations, reading, roots  # noqa: F401
from sandbox.shopify.context import Context
from sandbox.shopify.cost import SINGLE_LIMIT, Bucket, Pricing
from sandbox.shopify.documents import Prepared, place_of
from sandbox.shopify.fields import reader_of
from sandbox.shopify.refusals import Refusal, internal_error, user_error
from sandbox.shopify.schema import SCHEMA
from sandbox.shopify.values import kind_of
from sandbox.shopify.variables import ARRAY_LIMIT, faults_of_variables, oversized
from sandbox.wire import Json


def resolve(source: Any, info: "GraphQLResolveInfo[Context]", **args: Any) -> Any:
    """Reads one field; how much a list at the root returned is noted for its price."""
    if info.parent_type.name == "Mutation" and _struck(info.context):
        return {"userErrors": [user_error(None, "Something went wrong, please try again.")]}
    value = reader_of(info.parent_type.name, info.field_name)(source, info.context, args)
    if info.path.prev is None and isinstance(value, dict) and "nodes" in value:
        info.context.returned[str(info.path.key)] = len(value["nodes"])
    return value


def _struck(ctx: Context) -> bool:
    """Whether this mutation is one that a fault refuses: every second of a request."""
    ctx.mutations += 1
    return ctx.refuses_half and ctx.mutations % 2 == 0


def type_of(value: Any, info: Any, abstract: Any) -> str:
    """The concrete type of a record."""
    return str(value.get("__typename") or kind_of(value["id"]))


def chosen(prepared: Prepared, name: str | None) -> OperationDefinitionNode | str:
    """The operation to carry out, or why none can be told."""
    operations = prepared.operations
    if name:
        found = next((one for one in operations if one.name and one.name.value == name), None)
        return found or f'No operation named "{name}"'
    return operations[0] if len(operations) == 1 else "An operation name is required"


def run(
    ctx: Context, bucket: Bucket | None, prepared: Prepared, operation_name: str | None, variables: Json
) -> Json:
    """The answer to an operation, as the body of HTTP 200; without a bucket nothing is paid."""
    if prepared.faults:
        return {"errors": prepared.faults}
    operation = chosen(prepared, operation_name)
    if isinstance(operation, str):
        return {"errors": [{"message": operation}]}
    faults = faults_of_variables(operation, variables) or _size_faults(operation, variables)
    if faults:
        return {"errors": faults}
    if bucket is None:
        return _carry_out(ctx, prepared, operation, variables)
    return _paid(ctx, bucket, prepared, operation, variables)


def _paid(
    ctx: Context, bucket: Bucket, prepared: Prepared, operation: OperationDefinitionNode, variables: Json
) -> Json:
    root = "Mutation" if operation.operation is OperationType.MUTATION else "QueryRoot"
    pricing = Pricing(variables, prepared.fragments)
    requested = pricing.of_operation(operation.selection_set, root)
    if requested > SINGLE_LIMIT:
        return _too_costly(requested)
    if not bucket.take(requested):
        return _throttled(bucket, requested)
    answer = _carry_out(ctx, prepared, operation, variables)
    pricing.returned = ctx.returned
    actual = min(requested, pricing.of_operation(operation.selection_set, root))
    bucket.give_back(requested - actual)
    extensions: Json = {"cost": bucket.report(requested, actual)}
    if ctx.warnings:
        extensions["search"] = ctx.warnings
    return {**answer, "extensions": extensions}


def _too_costly(requested: int) -> Json:
    message = f"Query cost is {requested}, which exceeds the single query max cost limit ({SINGLE_LIMIT})."
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": SINGLE_LIMIT}
    return {"errors": [{"message": message, "extensions": extensions}]}


def _throttled(bucket: Bucket, requested: int) -> Json:
    page = "https://shopify.dev/api/usage/rate-limits"
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": page}}
    return {"errors": [error], "extensions": {"cost": bucket.report(requested, None)}}


def _carry_out(ctx: Context, prepared: Prepared, operation: OperationDefinitionNode, variables: Json) -> Json:
    result = execute_sync(
        SCHEMA, prepared.document, {}, ctx, variables, operation.name.value if operation.name else None,
        field_resolver=resolve, type_resolver=type_of,
    )  # fmt: skip
    answer: Json = {"data": result.data}
    if result.errors:
        answer["errors"] = [_error(error) for error in result.errors]
    return answer


def _error(error: GraphQLError) -> Json:
    cause = error.original_error
    at = [{"line": one.line, "column": one.column} for one in error.locations or []]
    if isinstance(cause, Refusal):
        return {"message": cause.message, "locations": at, "extensions": cause.extensions, "path": error.path}
    if cause is not None:
        raise cause
    return internal_error()


def _size_faults(operation: OperationDefinitionNode, variables: Json) -> list[Json]:
    """MAX_INPUT_SIZE_EXCEEDED for a list of more than 250, in variables or in the text."""
    for field in operation.selection_set.selections:
        if not isinstance(field, FieldNode):
            continue
        key = field.alias.value if field.alias else field.name.value
        for argument in field.arguments or ():
            value = value_from_ast_untyped(argument.value, variables)
            found = oversized(value, [key, argument.name.value])
            if found:
                return [_oversize(field, found)]
    return []


def _oversize(field: FieldNode, found: tuple[list[str], int]) -> Json:
    size = f"The input array size of {found[1]}"
    return {
        "message": f"{size} is greater than the maximum allowed of {ARRAY_LIMIT}.",
        "locations": [place_of(field)],
        "path": found[0],
        "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
    }
