"""The table of how fields are read: readers and mutations enter themselves, execution looks them up."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from graphql import GraphQLField, get_named_type, is_list_type, is_non_null_type

from sandbox.shopify.access import BY_TYPE, Need
from sandbox.shopify.context import Context
from sandbox.shopify.pagination import paginate_list
from sandbox.shopify.refusals import Declined, access_denied
from sandbox.shopify.schema import SCHEMA
from sandbox.wire import Json

Reader = Callable[[Any, Context, Json], Any]
Work = Callable[[Context, Json], Json]
_TABLE: dict[tuple[str, str], Reader] = {}
_MUTATIONS: dict[str, Need | None] = {}


def enter(kind: str, readers: Mapping[str, Reader]) -> None:
    """Enters the fields of a type that do not stand in its records under their own names."""
    _TABLE.update({(kind, name): reader for name, reader in readers.items()})


def mutation(name: str, need: Need | None = None) -> Callable[[Work], Work]:
    """Enters a mutation; it answers its payload, or raises Declined with the user errors."""

    def entered(work: Work) -> Work:
        def carry_out(source: Any, ctx: Context, args: Json) -> Json:
            try:
                return {**work(ctx, args), "userErrors": []}
            except Declined as error:
                return {**error.shown, "userErrors": error.errors}

        _TABLE["Mutation", name] = carry_out
        _MUTATIONS[name] = need
        return work

    return entered


@cache
def reader_of(kind: str, name: str) -> Reader:
    """How a field is read, for callers who may; raises KeyError for a mutation that nothing carries out."""
    field = SCHEMA.type_map[kind].fields[name]  # type: ignore[attr-defined]
    if kind == "Mutation":
        return _guarded(_TABLE[kind, name], name, _MUTATIONS[name])
    return _guarded(_TABLE.get((kind, name)) or _plain(name, field), name, _need_of(kind, field))


def _plain(name: str, field: GraphQLField) -> Reader:
    """A field that stands in the record under its own name; lists are paged or cut as asked."""
    kind = get_named_type(field.type).name
    inner = field.type.of_type if is_non_null_type(field.type) else field.type
    if kind.endswith("Connection"):
        return lambda source, ctx, args: paginate_list(source.get(name) or [], args)
    if is_list_type(inner) and "first" in field.args:
        return lambda source, ctx, args: (source.get(name) or [])[: args.get("first")]
    return lambda source, ctx, args: source.get(name)


def _need_of(kind: str, field: GraphQLField) -> Need | None:
    """What a field needs: what the type needs that it leads to."""
    if kind.endswith(("Connection", "Edge", "Payload")):
        return None
    return BY_TYPE.get(get_named_type(field.type).name.removesuffix("Connection"))


def _guarded(reader: Reader, name: str, need: Need | None) -> Reader:
    if need is None:
        return reader
    scopes, words = need

    def read(source: Any, ctx: Context, args: Json) -> Any:
        if not scopes & ctx.token.scopes:
            raise access_denied(name, words)
        return reader(source, ctx, args)

    return read
