"""A protocol's signature: made when it is written, and held against the file in the reports folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from connector.ledger.proof import sshsig
from connector.ledger.proof.audit import public_keys
from connector.ledger.proof.signed_file import SIGNATURE, is_signed, own_checksum
from connector.shop import Shop

ALLOWED = "allowed_signers"
"""The file by which `ssh-keygen -Y verify` knows the key."""


class Signed(NamedTuple):
    """A signature in armour, and the line that makes its key known."""

    armour: str
    allowed: str


def signature(shop: Shop, text: str) -> Signed | None:
    """Signs a protocol's JSON; None where the ledger is not under a seal key."""
    with shop.ledger.begin() as connection:
        sealer = shop.ledger.place(connection).sealer
        keys = public_keys(connection, shop.ledger.shop)
    if sealer is None:
        return None
    lines = {sshsig.allowed_signer(signer(shop), one): None for one in keys}
    return Signed(sealer.sign(text.encode(), namespace=sshsig.PROTOCOL), "".join(lines))


def signer(shop: Shop) -> str:
    """Under which name the key signs."""
    return f"gallra@{shop.settings.shop.id}"


class Checked(NamedTuple):
    """A protocol as it lies in the folder: `whole`, `unsigned`, `no_file`, `altered` or `not_ours`."""

    number: str
    state: str


def checked(shop: Shop) -> Iterator[Checked]:
    """Each protocol of the chain, held against its file and its signature; offline, without the seal key."""
    with shop.ledger.begin() as connection:
        keys = public_keys(connection, shop.ledger.shop)
        written: dict[str, Any] = {}
        for _, detail in shop.ledger.events(connection, "protocol"):
            written[detail["number"]] = detail
    for number, detail in written.items():
        stem = shop.settings.reports.folder / f"protocol-{number}"
        yield Checked(number, _state(stem, str(detail["digest"]), keys))


def _state(stem: Path, digest: str, keys: Sequence[bytes]) -> str:
    file, beside = stem.with_name(f"{stem.name}.json"), stem.with_name(f"{stem.name}{SIGNATURE}")
    if not file.is_file():
        return "no_file"
    text = file.read_bytes()
    if own_checksum(text) != digest:
        return "altered"
    if not beside.is_file():
        return "unsigned"
    return "whole" if is_signed(text, beside, keys) else "not_ours"
