"""What the stand-in says of a message: flags, day of arrival, structure, headers, parts (RFC 3501 §7.4.2)."""

import email
import re
from typing import Any

from sandbox.imap.mailbox import Mail

_FIELDS = re.compile(r"HEADER\.FIELDS \(([^)]*)\)", re.IGNORECASE)
_ITEM = re.compile(
    r"(UID|FLAGS|INTERNALDATE|BODYSTRUCTURE|RFC822\.SIZE)|BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?",
    re.IGNORECASE,
)


def fetched(sequence: int, mail: Mail, items: str) -> bytes:
    """One untagged FETCH."""
    parts = [_item(mail, *found.groups()) for found in _ITEM.finditer(items)]
    return f"* {sequence} FETCH (".encode() + b" ".join(parts) + b")\r\n"


def _item(mail: Mail, plain: str | None, section: str | None, start: str | None, count: str | None) -> bytes:
    if plain is not None:
        return _plain(mail, plain.upper())
    data = _section(mail.raw, section or "")
    key = f"BODY[{section}]"
    if start is not None and count is not None:
        data, key = data[int(start) : int(start) + int(count)], f"{key}<{start}>"
    return f"{key} {{{len(data)}}}\r\n".encode() + data


def _plain(mail: Mail, name: str) -> bytes:
    if name == "UID":
        return f"UID {mail.uid}".encode()
    if name == "FLAGS":
        return f"FLAGS ({' '.join(sorted(mail.flags))})".encode()
    if name == "INTERNALDATE":
        return f'INTERNALDATE "{mail.arrived:%d-%b-%Y %H:%M:%S %z}"'.encode()
    if name == "RFC822.SIZE":
        return f"RFC822.SIZE {len(mail.raw)}".encode()
    return b"BODYSTRUCTURE " + _structure(email.message_from_bytes(mail.raw))


def _section(raw: bytes, section: str) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    wanted = _FIELDS.fullmatch(section)
    if wanted:
        names = {name.lower().encode() for name in wanted[1].split()}
        lines = re.split(rb"\r\n(?![ \t])", head)
        kept = [line for line in lines if line.partition(b":")[0].strip().lower() in names]
        return b"".join(line + b"\r\n" for line in kept) + b"\r\n"
    if not section:
        return raw
    found: Any = email.message_from_bytes(raw)
    if not found.is_multipart():
        return body
    for number in section.split("."):
        found = found.get_payload(int(number) - 1)
    payload = found.get_payload()
    return str(payload).replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def _structure(part: Any) -> bytes:
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        below = b"".join(_structure(one) for one in part.get_payload())
        return b"(" + below + b" " + _quoted(part.get_content_subtype()) + b")"
    kind = _quoted(part.get_content_maintype()) + b" " + _quoted(part.get_content_subtype())
    charset = part.get_content_charset() or "us-ascii"
    size = len(str(part.get_payload()))
    lines = b" 1" if part.get_content_maintype() == "text" else b""
    coding = str(part.get("Content-Transfer-Encoding", "7bit"))
    name = part.get_filename()
    named = f'("attachment" ("filename" "{name}"))'.encode() if name else b"NIL"
    return (
        b"(" + kind + f' ("charset" "{charset}") NIL NIL "{coding}" {size}'.encode() + lines
        + b" NIL " + named + b" NIL NIL)"
    )  # fmt: skip


def _quoted(text: str) -> bytes:
    return f'"{text.upper()}"'.encode()
