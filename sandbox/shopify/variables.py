"""Variables of an operation, checked in Shopify's words before anything is executed."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    OperationDefinitionNode,
    is_required_input_field,
    print_ast,
    type_from_ast,
)

from sandbox.shopify.documents import place_of
from sandbox.shopify.schema import SCHEMA
from sandbox.wire import Json

ARRAY_LIMIT = 250
Problem = tuple[list[str], str]


def faults_of_variables(operation: OperationDefinitionNode, given: Json) -> list[Json]:
    """INVALID_VARIABLE for each variable that does not fit its type."""
    faults = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name not in given and definition.default_value is not None:
            continue
        kind = type_from_ast(SCHEMA, definition.type)
        problems = _problems(given.get(name), kind, [])  # type: ignore[arg-type]
        if problems:
            faults.append(_fault(definition, print_ast(definition.type), given.get(name), problems))
    return faults


def _fault(definition: Any, kind: str, value: Any, problems: list[Problem]) -> Json:
    message = f"Variable ${definition.variable.name.value} of type {kind} was provided invalid value"
    told = [f"{'.'.join(path)} ({words})" for path, words in problems if path]
    if told:
        message += f" for {', '.join(told)}"
    explained = [{"path": path, "explanation": words} for path, words in problems]
    extensions = {"code": "INVALID_VARIABLE", "value": value, "problems": explained}
    return {"message": message, "locations": [place_of(definition)], "extensions": extensions}


def _problems(value: Any, kind: GraphQLInputType, path: list[str]) -> list[Problem]:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            return [(path, "Expected value to not be null")]
        return _problems(value, kind.of_type, path)
    if value is None:
        return []
    if isinstance(kind, GraphQLList):
        rows = value if isinstance(value, list) else [value]
        return [
            found for n, row in enumerate(rows) for found in _problems(row, kind.of_type, [*path, str(n)])
        ]
    if isinstance(kind, GraphQLInputObjectType):
        return _object_problems(value, kind, path)
    if isinstance(kind, GraphQLEnumType):
        if value in kind.values:
            return []
        return [(path, f'Expected "{value}" to be one of: {", ".join(kind.values)}')]
    return _leaf_problems(value, kind.name, path)


def _object_problems(value: Any, kind: GraphQLInputObjectType, path: list[str]) -> list[Problem]:
    if not isinstance(value, dict):
        return [(path, f'Expected "{value}" to be a key-value object.')]
    problems: list[Problem] = []
    for name, field in kind.fields.items():
        if name in value:
            problems += _problems(value[name], field.type, [*path, name])
        elif is_required_input_field(field):
            problems.append(([*path, name], "Expected value to not be null"))
    problems += [
        ([*path, name], f"Field is not defined on {kind.name}") for name in value if name not in kind.fields
    ]
    return problems


def _leaf_problems(value: Any, kind: str, path: list[str]) -> list[Problem]:
    fits = {
        "Int": isinstance(value, int) and not isinstance(value, bool),
        "Boolean": isinstance(value, bool),
        "String": isinstance(value, str),
        "ID": isinstance(value, str | int) and not isinstance(value, bool),
        "Float": isinstance(value, int | float) and not isinstance(value, bool),
    }.get(kind, True)
    if not fits:
        return [(path, f"Could not coerce value {value!r} to {kind}")]
    if kind == "ID" and isinstance(value, str) and not value.startswith("gid://shopify/"):
        return [(path, f"Invalid global id '{value}'")]
    return []


def oversized(value: Any, path: list[str]) -> tuple[list[str], int] | None:
    """The first list of more than 250 among the arguments, and its size."""
    if isinstance(value, list):
        if len(value) > ARRAY_LIMIT:
            return path, len(value)
        found = (oversized(row, path) for row in value)
    elif isinstance(value, dict):
        found = (oversized(row, [*path, name]) for name, row in value.items())
    else:
        return None
    return next((one for one in found if one), None)
