"""The JSON twin of a report: the same numbers, versioned, for machines."""

from typing import Any

import msgspec

from connector.errors import Exit
from connector.report.dry_run.model import DryRun
from connector.report.dry_run.sentence import plan_sentence
from connector.report.protocol.model import Protocol, ReadBack
from connector.report.protocol.sentences import verified_sentence
from connector.report.shared import FORMAT_VERSION


def json(view: DryRun | Protocol, *, exit_code: Exit | int | None = None) -> str:
    """The report as JSON text, indented; `format_version` grows when a name changes meaning.

    Every field is written out, zeros and nulls too, so that a reader may rely on it.
    """
    document: dict[str, Any] = {"format_version": FORMAT_VERSION}
    if exit_code is not None:
        document["exit_code"] = int(exit_code)
    document |= _computed(view)
    document |= _whole(view)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _computed(view: DryRun | Protocol) -> dict[str, Any]:
    """What the view derives: the kind of document, its sentence, code and sums."""
    if isinstance(view, DryRun):
        sums = {"records": view.totals.records} | _whole(view.totals)
        sentence = plan_sentence(view.totals)
        return {"document": "dry_run", "sentence": sentence, "code": view.code, "totals": sums}
    sentence = verified_sentence(view.read_back or ReadBack())
    return {"document": "protocol", "sentence": sentence, "code": view.code}


def _whole(value: Any) -> Any:
    """A value with all its fields; `omit_defaults` of the base would drop zeros."""
    if isinstance(value, msgspec.Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [_whole(each) for each in value]
    return value
