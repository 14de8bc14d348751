"""The JSON schema of a settings file, for editors: every key of the engine and of the installed adapters.

Tables of several files are merged (`extends`), so that no file alone need hold what is required of them all:
only the entries of lists, which are replaced whole, require anything. `gallra check` is the judge; the schema
completes, explains and catches a misspelt key while it is typed.
"""

from collections.abc import Mapping
from typing import Any

from connector.settings.meanings import meanings
from connector.settings.model import model_of

DRAFT = "https://json-schema.org/draft/2020-12/schema"
BY_ID = ("letters.folder", "ledger.path", "reports.folder")
"""Keys whose default follows the shop's id, and is none that a schema could state."""


def settings_schema() -> dict[str, Any]:
    """The schema, with no reference in it and each key's meaning as its description."""
    found = model_of("").model_json_schema()
    whole = _whole(found, found.pop("$defs"), in_list=False)
    whole["properties"] = {"extends": {"type": "string", "minLength": 1}, **whole["properties"]}
    _describe(whole, "", meanings())
    return {"$schema": DRAFT, **whole, "title": "A shop's settings file for Gallra"}


def _whole(node: Any, parts: Mapping[str, Any], *, in_list: bool) -> Any:
    """A schema with what it refers to in its place, and without what merged files do not have to say."""
    node = _instead_of_reference(node, parts)
    said: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            said[key] = {name: _whole(one, parts, in_list=in_list) for name, one in value.items()}
        elif key in _BELOW and isinstance(value, dict):
            said[key] = _whole(value, parts, in_list=in_list or key == "items")
        elif key == "anyOf":
            said[key] = [_whole(one, parts, in_list=in_list) for one in value]
        elif key != "title" and (in_list or key != "required") and not _says_nothing(key, value):
            said[key] = value
    return said


_BELOW = ("items", "additionalProperties", "propertyNames")


def _instead_of_reference(node: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a node stands for: the part that it refers to, or what it may be but null, which TOML has not."""
    choices = [one for one in node.get("anyOf", ()) if one != {"type": "null"}]
    beside = {key: value for key, value in node.items() if key not in {"$ref", "anyOf"}}
    if len(choices) == 1:
        return _instead_of_reference({**choices[0], **beside}, parts)
    if "$ref" in node:
        return _instead_of_reference({**parts[node["$ref"].rpartition("/")[2]], **beside}, parts)
    return {**beside, "anyOf": choices} if choices else beside


def _says_nothing(key: str, value: Any) -> bool:
    """Whether this is no default, or that of a whole table, which its keys' own defaults say already."""
    return key == "default" and (value is None or isinstance(value, dict))


def _describe(node: Mapping[str, Any], before: str, said: Mapping[str, str]) -> None:
    """Each key's meaning at its place; a list's keys are written `table[].key`, as in the reference."""
    for name, below in node.get("properties", {}).items():
        where = f"{before}{name}"
        if meaning := said.get(where) or said.get(_of_any(where)):
            below["description"] = meaning
        if where in BY_ID:
            below.pop("default", None)
        _describe(below, f"{where}.", said)
    if isinstance(items := node.get("items"), dict):
        _describe(items, f"{before.removesuffix('.')}[].", said)
    if isinstance(others := node.get("additionalProperties"), dict):
        _describe(others, f"{before}{_placeholder(before)}.", said)


def _placeholder(before: str) -> str:
    return "NAME" if before == "recipients." else "RULE"


def _of_any(where: str) -> str:
    """The key of one recipient as the key of any."""
    first, _, rest = where.partition(".")
    return f"recipients.NAME.{rest.partition('.')[2]}" if first == "recipients" else ""
