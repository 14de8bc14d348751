"""Records of each type as they are before anything is known: what never varies, in blank.json."""

from importlib import resources

import msgspec

from sandbox.wire import Json

_TEXT = resources.files("sandbox.shopify.making").joinpath("blank.json").read_bytes()
_DECODE = msgspec.json.Decoder(Json).decode
_BLANK = {name: bytes(raw) for name, raw in msgspec.json.decode(_TEXT, type=dict[str, msgspec.Raw]).items()}


def blank(kind: str, fields: Json) -> Json:
    """A new record of a type, with the fields that are its own."""
    return {"__typename": kind, **_DECODE(_BLANK.get(kind, b"{}")), **fields}
