"""Signatures are SSH signatures: OpenSSH's own tool reads ours, and we read its."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.ledger.proof import sshsig
from tests.engine_support import sealed

MESSAGE = b"a protocol\n"
THEIR_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIGb7gz4m903/dYtJi7dpnW1HD8E+2bJ6yjx0KK15pfGI"
THEIRS = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgZvuDPib3Tf91i0mLt2mdbUcPwT
7ZsnrKPHQorXml8YgAAAAPZ2FsbHJhLXByb3RvY29sAAAAAAAAAAZzaGE1MTIAAABTAAAA
C3NzaC1lZDI1NTE5AAAAQMxG1lwqyPnyTzGqxbYHHADjyjHGBgeWPoIoAdiv6vrUqgmDxT
4Tudss1cctAFyQj3GBBMx1lwL0zfHzbysBzAU=
-----END SSH SIGNATURE-----
"""
"""What `ssh-keygen -Y sign -n gallra-protocol` of OpenSSH made of the message, with a key of its own."""


def ours(message: bytes = MESSAGE) -> tuple[str, bytes]:
    sealer = sealed()
    return sealer.sign(message, namespace=sshsig.PROTOCOL), base64.b64decode(sealer.public)


def test_a_signature_is_of_its_message_its_key_and_its_namespace() -> None:
    armour, key = ours()
    assert sshsig.is_signed(MESSAGE, armour, key, namespace=sshsig.PROTOCOL)
    assert not sshsig.is_signed(MESSAGE + b"x", armour, key, namespace=sshsig.PROTOCOL)
    assert not sshsig.is_signed(MESSAGE, armour, key, namespace=sshsig.CHECKPOINT)
    assert not sshsig.is_signed(MESSAGE, armour, bytes(31) + b"\1", namespace=sshsig.PROTOCOL)


def test_a_signature_that_openssh_made_is_read() -> None:
    key = base64.b64decode(THEIR_KEY)[-32:]
    assert sshsig.is_signed(MESSAGE, THEIRS, key, namespace=sshsig.PROTOCOL)
    assert sshsig.public_blob(key) == base64.b64decode(THEIR_KEY)


def test_ours_is_laid_out_as_openssh_lays_its_own() -> None:
    armour, key = ours()
    blob, theirs = (base64.b64decode("".join(one.strip().split("\n")[1:-1])) for one in (armour, THEIRS))
    secret, public = 64, 32
    at = blob.index(key)
    assert len(blob) == len(theirs)
    assert blob[:at] == theirs[:at]
    assert blob[at + public : -secret] == theirs[at + public : -secret]
    assert max(map(len, armour.splitlines())) == max(map(len, THEIRS.splitlines()))


@given(st.text(max_size=300))
def test_what_is_no_signature_is_said_to_be_none(armour: str) -> None:
    assert not sshsig.is_signed(MESSAGE, armour, ours()[1], namespace=sshsig.PROTOCOL)


@given(st.integers(0, 260), st.integers(1, 255))
def test_a_signature_with_one_byte_changed_is_none(place: int, change: int) -> None:
    armour, key = ours()
    blob = bytearray(base64.b64decode("".join(armour.strip().split("\n")[1:-1])))
    blob[place % len(blob)] ^= change
    spoilt = f"{sshsig.BEGIN}\n{base64.b64encode(bytes(blob)).decode()}\n{sshsig.END}\n"
    assert not sshsig.is_signed(MESSAGE, spoilt, key, namespace=sshsig.PROTOCOL)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen (OpenSSH) is not installed here")
def test_ssh_keygen_checks_what_we_sign(tmp_path: Path) -> None:
    armour, key = ours()
    (tmp_path / "allowed").write_text(sshsig.allowed_signer("gallra@egg", key), encoding="ascii")
    (tmp_path / "s").write_text(armour, encoding="ascii")
    tool = shutil.which("ssh-keygen") or ""
    words = [tool, "-Y", "verify", "-f", "allowed", "-I", "gallra@egg", "-n", sshsig.PROTOCOL, "-s", "s"]
    good = subprocess.run(words, input=MESSAGE, cwd=tmp_path, capture_output=True, check=False)
    bad = subprocess.run(words, input=MESSAGE + b"x", cwd=tmp_path, capture_output=True, check=False)
    assert (good.returncode, bad.returncode != 0) == (0, True)
    assert sshsig.fingerprint(key).encode() in good.stdout
