"""Values in the shapes that the API answers them: dates with and without an offset, empty addresses."""

from datetime import UTC, datetime

import msgspec

from sandbox.wire import Json
from sandbox.woocommerce.params import STOCKHOLM

EMPTY_ADDRESS = dict.fromkeys(
    ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country"),
    "",
)

_copy_encoder, _copy_decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder()


def copy(value: Json) -> Json:
    """A deep copy of plain JSON values."""
    copied: Json = _copy_decoder.decode(_copy_encoder.encode(value))
    return copied


def local_text(moment: datetime) -> str:
    """A moment as the API writes it in shop time, without an offset."""
    return moment.astimezone(STOCKHOLM).replace(tzinfo=None).isoformat(timespec="seconds")


def gmt_text(moment: datetime) -> str:
    """A moment as the API writes it in UTC, without an offset."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def stamp(record: Json, name: str, moment: datetime | None) -> None:
    """Sets date_<name> and date_<name>_gmt."""
    record[f"date_{name}"] = local_text(moment) if moment else None
    record[f"date_{name}_gmt"] = gmt_text(moment) if moment else None
