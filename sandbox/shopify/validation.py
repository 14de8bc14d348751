"""Static faults of an operation, in Shopify's words and codes; nothing is executed where there are any."""

from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_location,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
    validate,
    value_from_ast,
    visit,
)

from sandbox.shopify.schema import SCHEMA
from sandbox.wire import Json

_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


class _Faults(Visitor):
    """Walks a document and notes the faults that Shopify names."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.faults: list[Json] = []
        self.path: list[str] = []
        self.declared: dict[str, VariableDefinitionNode] = {}
        self.used: set[str] = set()
        self.in_fragments = False

    def note(
        self, node: Node, message: str, code: str, more: list[str] | None = None, **extensions: Any
    ) -> None:
        """Adds a fault at a place of the text."""
        at = place_of(node)
        path = [*self.path, *(more or [])]
        self.faults.append(
            {"message": message, "locations": [at], "path": path, "extensions": {"code": code, **extensions}}
        )

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        name = f" {node.name.value}" if node.name else ""
        self.path = [f"{node.operation.value}{name}"]
        self.declared = {one.variable.name.value: one for one in node.variable_definitions or ()}
        self.used = set()

    def leave_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        label = node.name.value if node.name else f"anonymous {node.operation.value}"
        for name in self.declared:
            if name not in self.used and not self.in_fragments:
                message = f"Variable ${name} is declared by {label} but not used"
                self.note(node, message, "variableNotUsed", variableName=name)
        self.path = []

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        self.path = [f"fragment {node.name.value}"]

    def leave_fragment_definition(self, *_: Any) -> None:
        self.path = []

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        on = f" on {node.type_condition.name.value}" if node.type_condition else ""
        self.path.append(f"...{on}")

    def leave_inline_fragment(self, *_: Any) -> None:
        self.path.pop()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.path.append(node.alias.value if node.alias else node.name.value)
        parent, name = self.info.get_parent_type(), node.name.value
        if parent is None or name.startswith("__"):
            return
        field = self.info.get_field_def()
        if field is None:
            message = f"Field '{name}' doesn't exist on type '{parent.name}'"
            self.note(node, message, "undefinedField", typeName=parent.name, fieldName=name)
            return
        self._check_arguments(node, field.args)
        self._check_selection(node, get_named_type(field.type))

    def leave_field(self, *_: Any) -> None:
        self.path.pop()

    def _check_arguments(self, node: FieldNode, accepted: dict[str, Any]) -> None:
        given = {one.name.value for one in node.arguments or ()}
        name = node.name.value
        missing = [arg for arg, kind in accepted.items() if is_required_argument(kind) and arg not in given]
        if missing:
            words = ", ".join(missing)
            message = f"Field '{name}' is missing required arguments: {words}"
            code = "missingRequiredArguments"
            self.note(node, message, code, className="Field", name=name, arguments=words)

    def _check_selection(self, node: FieldNode, kind: Any) -> None:
        label = f"field '{node.name.value}'"
        if is_composite_type(kind) and node.selection_set is None:
            hint = f"Did you mean '{node.name.value} {{ ... }}'?"
            message = (
                f"Field must have selections ({label} returns {kind.name} but has no selections. {hint})"
            )
            self.note(node, message, "selectionMismatch", nodeName=label, typeName=kind.name)
        if is_leaf_type(kind) and node.selection_set is not None:
            message = f"Selections can't be made on scalars ({label} returns {kind.name} but has selections)"
            self.note(node, message, "selectionMismatch", nodeName=label, typeName=kind.name)

    def enter_argument(self, node: ArgumentNode, *parts: Any) -> None:
        ancestor = parts[3][-1] if parts[3] and not isinstance(parts[3][-1], tuple) else parts[3][-2]
        name = node.name.value
        if isinstance(ancestor, FieldNode) and self.info.get_field_def() and self.info.get_argument() is None:
            owner = ancestor.name.value
            message = f"Field '{owner}' doesn't accept argument '{name}'"
            code = "argumentNotAccepted"
            self.note(node, message, code, [name], name=owner, typeName="Field", argumentName=name)
        if isinstance(ancestor, FieldNode | DirectiveNode):
            self._check_literal(node, ancestor, "Field", ancestor.name.value)
        self.path.append(name)

    def _check_literal(self, node: Any, at: Node, sort: str, owner: str) -> None:
        """Notes a value in the text that does not fit the type of its place."""
        expected: Any = self.info.get_input_type()
        if expected is None or isinstance(node.value, VariableNode | ListValueNode | ObjectValueNode):
            return
        if value_from_ast(node.value, expected) is not Undefined:
            return
        name, said = node.name.value, print_ast(node.value)
        wrong = f"Argument '{name}' on {sort} '{owner}' has an invalid value ({said})"
        message = f"{wrong}. Expected type '{expected}'."
        code = "argumentLiteralsIncompatible"
        self.note(at, message, code, [name], typeName=sort, argumentName=name)

    def leave_argument(self, *_: Any) -> None:
        self.path.pop()

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> None:
        kind = get_named_type(self.info.get_input_type()) if self.info.get_input_type() else None
        if not isinstance(kind, GraphQLInputObjectType):
            return
        given = {one.name.value for one in node.fields or ()}
        for name, field in kind.fields.items():
            if is_required_input_field(field) and name not in given:
                message = (
                    f"Argument '{name}' on InputObject '{kind.name}' is required. Expected type {field.type}"
                )
                self.note(
                    node, message, "missingRequiredInputObjectAttribute", [name], argumentName=name,
                    argumentType=str(field.type), inputObjectType=kind.name,
                )  # fmt: skip
        for one in node.fields or ():
            if one.name.value not in kind.fields:
                name = one.name.value
                message = f"InputObject '{kind.name}' doesn't accept argument '{name}'"
                code = "argumentNotAccepted"
                self.note(
                    one, message, code, [name], name=kind.name, typeName="InputObject", argumentName=name
                )

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        owner = self.info.get_parent_input_type()
        if owner is not None and self.info.get_input_type() is not None:
            self._check_literal(node, node, "InputObject", get_named_type(owner).name)
        self.path.append(node.name.value)

    def leave_object_field(self, *_: Any) -> None:
        self.path.pop()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.used.add(node.name.value)

    def enter_variable_definition(self, *_: Any) -> Any:
        return False  # a variable's own declaration is no use of it

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        name = node.name.value
        if SCHEMA.get_directive(name) is None:
            self.note(node, f"Directive @{name} is not defined", "undefinedDirective", directiveName=name)


def place_of(node: Node) -> Json:
    if node.loc is None:
        return {"line": 1, "column": 1}
    at = get_location(node.loc.source, node.loc.start)
    return {"line": at.line, "column": at.column}


def faults_of(document: DocumentNode) -> list[Json]:
    """Every static fault; those that Shopify has no recorded words for are put in graphql-core's."""
    info = TypeInfo(SCHEMA)
    visitor = _Faults(info)
    visitor.in_fragments = any(isinstance(part, FragmentDefinitionNode) for part in document.definitions)
    visit(document, TypeInfoVisitor(info, visitor))
    if visitor.faults:
        return visitor.faults
    return [
        {
            "message": error.message,
            "locations": [{"line": at.line, "column": at.column} for at in error.locations or []],
            "path": [],
            "extensions": {"code": "invalid"},
        }
        for error in validate(SCHEMA, document)
    ]
