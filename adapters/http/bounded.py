"""The body of an answer, read piece by piece to an end: so many bytes at most, packed or unpacked."""

import zlib
from collections.abc import Iterator
from typing import Any

import requests

LARGEST = 64 * 2**20
"""Bytes of one answer, unpacked. A hundred orders are two million; nothing that is asked for is near it."""

_PIECE = 1 << 16
_PACKED = ("gzip", "x-gzip", "deflate")


class TooLarge(Exception):
    """An answer that goes on beyond what is taken of any."""


class Garbled(Exception):
    """An answer packed in a way that was not asked for, or broken off inside."""


def read_body(response: requests.Response, *, largest: int = LARGEST) -> bytes:
    """The whole body, unpacked, which the response holds from then on.

    Raises TooLarge, Garbled and what urllib3 raises; the connection is closed then.
    """
    if response.raw is None:  # it came over no wire
        return bytes(response.content)
    kept = bytearray()
    try:
        for piece in _unpacked(_pieces(response.raw, largest), _packing(response), largest):
            kept += piece
            if len(kept) > largest:
                raise TooLarge
    except BaseException:
        response.close()
        raise
    body = bytes(kept)
    response._content, response._content_consumed = body, True  # type: ignore[attr-defined]
    return body


def _packing(response: requests.Response) -> str:
    return str(response.headers.get("Content-Encoding", "")).strip().lower()


def _pieces(raw: Any, largest: int) -> Iterator[bytes]:
    """What comes over the wire, still packed."""
    came = 0
    while piece := raw.read(_PIECE, decode_content=False):
        came += len(piece)
        if came > largest:
            raise TooLarge
        yield piece


def _unpacked(pieces: Iterator[bytes], packing: str, largest: int) -> Iterator[bytes]:
    """The pieces unpacked a little at a time: a thousandth of an answer can be all of it, packed."""
    if packing in ("", "identity"):
        yield from pieces
        return
    if packing not in _PACKED:
        raise Garbled
    unpacker = None
    for piece in pieces:
        unpacker = unpacker or zlib.decompressobj(_window(packing, piece))
        while piece and not unpacker.eof:
            try:
                yield unpacker.decompress(piece, _PIECE)
            except zlib.error:
                raise Garbled from None
            piece = unpacker.unconsumed_tail
    if unpacker is not None and not unpacker.eof:
        raise Garbled


def _window(packing: str, first: bytes) -> int:
    """How zlib is to read it: `deflate` comes with zlib's own header, or, from some servers, without."""
    if packing != "deflate":
        return 16 + zlib.MAX_WBITS
    bare = (first[0] & 0x0F) != 8 or (len(first) > 1 and (first[0] * 256 + first[1]) % 31 != 0)
    return -zlib.MAX_WBITS if bare else zlib.MAX_WBITS
