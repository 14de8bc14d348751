"""Documents read and checked: graphql-core finds the static faults, here they get Shopify's words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FieldsOnCorrectTypeRule,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    KnownArgumentNamesRule,
    KnownDirectivesRule,
    Node,
    NoUnusedVariablesRule,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    TypeInfo,
    ValuesOfCorrectTypeRule,
    get_location,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
    print_ast,
    validate,
)

from sandbox.shopify.schema import SCHEMA
from sandbox.wire import Json


@dataclass(slots=True)
class Prepared:
    """A document that was read and checked."""

    document: DocumentNode
    faults: list[Json]

    @property
    def operations(self) -> list[OperationDefinitionNode]:
        """The operations it defines."""
        return [one for one in self.document.definitions if isinstance(one, OperationDefinitionNode)]

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The fragments it defines."""
        parts = self.document.definitions
        return {one.name.value: one for one in parts if isinstance(one, FragmentDefinitionNode)}


@lru_cache(maxsize=256)
def prepare(text: str) -> Prepared:
    """Reads and checks a document. Raises GraphQLSyntaxError."""
    document = parse(text)
    return Prepared(document, _faults_of(document))


def parse_fault(error: GraphQLSyntaxError) -> Json:
    """PARSE_ERROR, with the place."""
    at = error.locations[0] if error.locations else None
    line, column = (at.line, at.column) if at else (1, 1)
    ended = "<EOF>" in error.message
    said = "unexpected end of file" if ended else error.message.removeprefix("Syntax Error: ").lower()
    return {
        "message": f"syntax error, {said} at [{line}, {column}]",
        "locations": [{"line": line, "column": column}],
        "extensions": {"code": "PARSE_ERROR"},
    }


def place_of(node: Node) -> Json:
    """Where a node stands in the text."""
    if node.loc is None:
        return {"line": 1, "column": 1}
    at = get_location(node.loc.source, node.loc.start)
    return {"line": at.line, "column": at.column}


class _Place:
    """A node with all that is around it: the way from the operation, and the types there."""

    def __init__(self, document: DocumentNode, node: Any) -> None:
        self.node = node
        self.way = _way(document, node)[1:]
        self.more: list[str] = []  # what the path names beyond the node
        self.info = TypeInfo(SCHEMA)
        for one in self.way:
            self.info.enter(one)

    @property
    def path(self) -> list[str]:
        """The way as Shopify writes it."""
        return [label for one in self.way if (label := _label(one))]

    def around(self, *kinds: type[Node]) -> Any:
        """The nearest node around this one, or this one, of some kinds."""
        return next(one for one in reversed(self.way) if isinstance(one, kinds))


def _way(node: Node, wanted: Node) -> list[Node]:
    """The nodes from one down to another; none where it does not lie there."""
    if node is wanted:
        return [node]
    for key in node.keys:
        inner = getattr(node, key, None)
        for one in inner if isinstance(inner, list | tuple) else [inner]:
            if isinstance(one, Node) and (found := _way(one, wanted)):
                return [node, *found]
    return []


def _label(node: Any) -> str:
    name = node.name.value if getattr(node, "name", None) else ""
    if node.kind == "operation_definition":
        return f"{node.operation.value} {name}".strip()
    if node.kind == "fragment_definition":
        return f"fragment {name}"
    if node.kind == "inline_fragment":
        return f"... on {node.type_condition.name.value}" if node.type_condition else "..."
    if node.kind == "field" and node.alias:
        return str(node.alias.value)
    return name if node.kind in ("field", "argument", "object_field") else ""


Told = tuple[str, str, Json]  # message, code, what its extensions say beside the code


def _sure(found: Any) -> Any:
    """What the type of a place is, where the rule that told of it implies that there is one."""
    assert found is not None
    return found


def _field(at: _Place) -> Told:
    kind, name = _sure(at.info.get_parent_type()).name, at.node.name.value
    return (
        f"Field '{name}' doesn't exist on type '{kind}'", "undefinedField",
        {"typeName": kind, "fieldName": name},
    )  # fmt: skip


def _selection(at: _Place) -> Told:
    name, kind = at.around(FieldNode).name.value, _sure(get_named_type(at.info.get_type()))
    label = f"field '{name}'"
    if is_leaf_type(kind):
        said = f"Selections can't be made on scalars ({label} returns {kind.name} but has selections)"
    else:
        hint = f"Did you mean '{name} {{ ... }}'?"
        said = f"Field must have selections ({label} returns {kind.name} but has no selections. {hint})"
    return said, "selectionMismatch", {"nodeName": label, "typeName": kind.name}


def _unknown(at: _Place) -> Told:
    """An argument of a field, or a field of an input object, that it does not have."""
    name = at.node.name.value
    inside = isinstance(at.node, ObjectFieldNode)
    parent = _sure(get_named_type(at.info.get_parent_input_type())) if inside else None
    owner = parent.name if parent else at.around(FieldNode).name.value
    sort = "InputObject" if inside else "Field"
    more = {"name": owner, "typeName": sort, "argumentName": name}
    return f"{sort} '{owner}' doesn't accept argument '{name}'", "argumentNotAccepted", more


def _missing(at: _Place) -> Told:
    name, given = at.node.name.value, {one.name.value for one in at.node.arguments or ()}
    accepted = _sure(at.info.get_field_def()).args
    must = (arg for arg, kind in accepted.items() if is_required_argument(kind))
    words = ", ".join(arg for arg in must if arg not in given)
    more = {"className": "Field", "name": name, "arguments": words}
    return f"Field '{name}' is missing required arguments: {words}", "missingRequiredArguments", more


def _value(at: _Place) -> Told:
    if isinstance(at.node, ObjectFieldNode):
        return _unknown(at)
    if isinstance(at.node, ObjectValueNode) and (missing := _unset(at)):
        return missing
    given = at.around(ArgumentNode, ObjectFieldNode)
    inside, name, expected = isinstance(given, ObjectFieldNode), given.name.value, at.info.get_input_type()
    sort = "InputObject" if inside else "Field"
    parent = at.info.get_parent_input_type() if inside else None
    owner = get_named_type(parent).name if parent else at.around(FieldNode).name.value
    at.node = given if inside else at.around(FieldNode)
    said = f"Argument '{name}' on {sort} '{owner}' has an invalid value ({print_ast(given.value)})"
    more = {"typeName": sort, "argumentName": name}
    return f"{said}. Expected type '{expected}'.", "argumentLiteralsIncompatible", more


def _unset(at: _Place) -> Told | None:
    """What an input object must have and has not."""
    kind: Any = get_named_type(at.info.get_input_type())
    given = {one.name.value for one in at.node.fields or ()}
    for name, field in getattr(kind, "fields", {}).items():
        if is_required_input_field(field) and name not in given:
            at.more = [name]
            said = f"Argument '{name}' on InputObject '{kind.name}' is required. Expected type {field.type}"
            more = {"argumentName": name, "argumentType": str(field.type), "inputObjectType": kind.name}
            return said, "missingRequiredInputObjectAttribute", more
    return None


def _unused(at: _Place) -> Told:
    name, operation = at.node.variable.name.value, at.around(OperationDefinitionNode)
    label = operation.name.value if operation.name else f"anonymous {operation.operation.value}"
    said = f"Variable ${name} is declared by {label} but not used"
    return said, "variableNotUsed", {"variableName": name}


def _directive(at: _Place) -> Told:
    name = at.node.name.value
    return f"Directive @{name} is not defined", "undefinedDirective", {"directiveName": name}


_TOLD: dict[Any, Callable[[_Place], Told]] = {
    FieldsOnCorrectTypeRule: _field,
    ScalarLeafsRule: _selection,
    KnownArgumentNamesRule: _unknown,
    ProvidedRequiredArgumentsRule: _missing,
    ValuesOfCorrectTypeRule: _value,
    NoUnusedVariablesRule: _unused,
    KnownDirectivesRule: _directive,
}


def _faults_of(document: DocumentNode) -> list[Json]:
    """Every static fault; those that Shopify has no recorded words for are put in graphql-core's."""
    faults = []
    for rule, tell in _TOLD.items():
        for error in validate(SCHEMA, document, [rule]):
            at = _Place(document, (error.nodes or [document])[0])
            message, code, more = tell(at)
            fault: Json = {"message": message, "locations": [place_of(at.node)], "path": at.path + at.more}
            faults.append({**fault, "extensions": {"code": code, **more}})
    return faults or [
        {
            "message": error.message, "path": [], "extensions": {"code": "invalid"},
            "locations": [{"line": at.line, "column": at.column} for at in error.locations or []],
        }
        for error in validate(SCHEMA, document)
    ]  # fmt: skip
