"""SSH signatures: the format that `ssh-keygen -Y verify` reads (OpenSSH PROTOCOL.sshsig)."""

import base64
import hashlib
import struct
import textwrap
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
PREAMBLE, VERSION, HASH, TYPE = b"SSHSIG", 1, b"sha512", b"ssh-ed25519"
PROTOCOL, CHECKPOINT = "gallra-protocol", "gallra-checkpoint"
"""Namespaces: a signature of one kind of document is none of another."""


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes) -> Iterator[bytes]:
    while data:
        (length,) = struct.unpack(">I", data[:4])
        if len(data) < 4 + length:
            raise ValueError("cut short")
        yield data[4 : 4 + length]
        data = data[4 + length :]


def public_blob(public: bytes) -> bytes:
    """A raw Ed25519 public key (32 bytes) as SSH writes it."""
    return _string(TYPE) + _string(public)


def _to_sign(message: bytes, namespace: bytes) -> bytes:
    hashed = hashlib.sha512(message).digest()
    return PREAMBLE + _string(namespace) + _string(b"") + _string(HASH) + _string(hashed)


def signed(message: bytes, sign: Callable[[bytes], bytes], public: bytes, *, namespace: str) -> str:
    """The signature of a message, in armour."""
    name = namespace.encode()
    signature = _string(TYPE) + _string(sign(_to_sign(message, name)))
    blob = PREAMBLE + struct.pack(">I", VERSION) + _string(public_blob(public)) + _string(name)
    blob += _string(b"") + _string(HASH) + _string(signature)
    lines = textwrap.wrap(base64.b64encode(blob).decode(), 70)
    return "\n".join((BEGIN, *lines, END, ""))


def is_signed(message: bytes, armour: str, public: bytes, *, namespace: str) -> bool:
    """Whether this is a signature of the message, by this key, for this namespace."""
    try:
        key, name, reserved, hash_name, signature = _opened(armour)
        kind, raw = _strings(signature)
        if (key, name, reserved, hash_name) != (public_blob(public), namespace.encode(), b"", HASH):
            return False
        if kind != TYPE:
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(raw, _to_sign(message, name))
    except (ValueError, struct.error, InvalidSignature):
        return False
    return True


def _opened(armour: str) -> list[bytes]:
    """The five parts of a signature. Raises ValueError where it is none."""
    text = armour.strip()
    if not (text.startswith(BEGIN) and text.endswith(END)):
        raise ValueError("no armour")
    blob = base64.b64decode("".join(text[len(BEGIN) : -len(END)].split()), validate=True)
    head = PREAMBLE + struct.pack(">I", VERSION)
    if not blob.startswith(head):
        raise ValueError("another format")
    parts = list(_strings(blob[len(head) :]))
    if len(parts) != 5:
        raise ValueError("another number of parts")
    return parts


def allowed_signer(who: str, public: bytes) -> str:
    """The line of a file of allowed signers by which `ssh-keygen -Y verify` knows the key."""
    return f'{who} namespaces="{PROTOCOL}" {TYPE.decode()} {base64.b64encode(public_blob(public)).decode()}\n'


def fingerprint(public: bytes) -> str:
    """The key's fingerprint as `ssh-keygen -l` prints it."""
    hashed = base64.b64encode(hashlib.sha256(public_blob(public)).digest()).decode().rstrip("=")
    return f"SHA256:{hashed}"
