"""What is wrong with a settings file, each fault on a line of its own with its place and remedy."""

import difflib
from collections.abc import Callable, Iterable
from inspect import get_annotations
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from connector.about.refusing import CODE, Fault, Where


def from_pydantic(errors: Iterable[ErrorDetails], root: type[BaseModel]) -> list[Fault]:
    """The faults of a pydantic ValidationError, in words."""
    found = list(errors)
    inside = {tuple(error["loc"][:-1]) for error in found}
    # A list whose items are wrong is not also too short.
    told = [error for error in found if error["type"] != "too_short" or tuple(error["loc"]) not in inside]
    return [fault for error in told for fault in _faults_of(error, root)]


def closest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, empty where none is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), "")


def _faults_of(error: ErrorDetails, root: type[BaseModel]) -> list[Fault]:
    where: Where = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == CODE:
        carried: tuple[Fault, ...] = error["ctx"]["faults"]
        return [Fault((*where, *fault.where), fault.text) for fault in carried]
    meant = _misspelt_name(where, root)
    if meant and error["type"] in {"missing", "extra_forbidden"}:
        text = f"unknown name. Did you mean {meant}? Else give it what is its own: code and role."
        return [Fault(where[:-1], text)]
    if error["type"] == "extra_forbidden":
        return [Fault(where, _unknown(where, root))]
    return [Fault(where, _words(error))]


def _unknown(where: Where, root: type[BaseModel]) -> str:
    model = _model_at(where[:-1], root)
    known = sorted(model.model_fields) if model else []
    like = closest(str(where[-1]), known)
    if like:
        return f"unknown key. Did you mean {like}?"
    return f"unknown key. Take it out; known here: {', '.join(known)}."


def _misspelt_name(where: Where, root: type[BaseModel]) -> str:
    """The known name that the table around a key was meant to have, where names are free."""
    outer = _model_at(where[:-2], root) if len(where) > 1 else None
    if outer is None or where[-2] in outer.model_fields:
        return ""
    return closest(str(where[-2]), outer.model_fields)


def _model_at(where: Where, root: type[BaseModel]) -> type[BaseModel] | None:
    """The model that validates the table at a path."""
    model: type[BaseModel] | None = root
    free_name = False
    for part in where:
        if isinstance(part, int) or model is None or free_name:
            free_name = False
            continue
        field = model.model_fields.get(part)
        annotation = field.annotation if field else _free_names(model)
        free_name = field is not None and get_origin(annotation) is dict
        model = next(iter(_models_in(annotation)), None)
    return model


def _free_names(model: type[BaseModel]) -> Any:
    """What a table takes under names that it does not know."""
    told = (get_annotations(base).get("__pydantic_extra__") for base in model.__mro__)
    return next((annotation for annotation in told if annotation is not None), None)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _words(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return f"{error['ctx']['error']}."
    words = _WORDS.get(error["type"])
    if words:
        return words(error.get("ctx", {}))
    return f"{error['msg'].rstrip('.').lower()}. Correct the value."


def _one_of(context: dict[str, Any]) -> str:
    return f"not one of the choices. Write {context.get('expected', '')}."


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing. Add it.",
    "literal_error": _one_of,
    "enum": _one_of,
    "string_type": lambda _: 'must be text. Put it in quotes: "…".',
    "path_type": lambda _: 'must be the path of a file. Put it in quotes: "…".',
    "int_type": lambda _: "must be a whole number. Write it without quotes.",
    "bool_type": lambda _: "must be true or false. Write it without quotes.",
    "float_type": lambda _: "must be a number. Write it without quotes.",
    "tuple_type": lambda _: "must be a list. Write [ … ].",
    "dict_type": lambda _: "must be a table. Write { key = value }.",
    "model_type": lambda _: "must be a table. Write { key = value }.",
    "greater_than": lambda c: f"too small. Write more than {c.get('gt')}.",
    "greater_than_equal": lambda c: f"too small. Write at least {c.get('ge')}.",
    "less_than": lambda c: f"too large. Write less than {c.get('lt')}.",
    "less_than_equal": lambda c: f"too large. Write at most {c.get('le')}.",
    "string_too_short": lambda _: "is empty. Fill it in, or take the line out.",
    "too_short": lambda c: f"has too few items. Write at least {c.get('min_length')}.",
    "string_pattern_mismatch": lambda c: f"has the wrong form. It must match {c.get('pattern')}.",
}
