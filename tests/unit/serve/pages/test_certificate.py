"""With a certificate the pages come over https by themselves; one that does not fit is a fault at once."""

import ssl
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connector.errors import SettingsError
from connector.serve.web import Application, Listening


def made(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}-key.pem"
    paths[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    paths[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return paths


def test_a_page_comes_over_https(tmp_path: Path) -> None:
    certificate = made(tmp_path, "a")

    async def page(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"well"})  # type: ignore[operator]

    server = Listening(Application({}, pages=page), "127.0.0.1:0", certificate=certificate)
    try:
        trusted = ssl.create_default_context(cafile=str(certificate[0]))
        with urllib.request.urlopen(
            f"https://localhost:{server.port}/", context=trusted, timeout=10
        ) as answer:
            assert answer.read() == b"well"
    finally:
        server.stop()


@pytest.mark.parametrize("wrong", ["another's key", "no file", "no certificate"])
def test_a_certificate_that_cannot_be_used_is_said_before_anything_is_served(
    tmp_path: Path, wrong: str
) -> None:
    own, other = made(tmp_path, "a"), made(tmp_path, "b")
    certificate = (own[0], other[1] if wrong == "another's key" else own[1])
    if wrong == "no file":
        own[0].unlink()
    if wrong == "no certificate":
        own[0].write_text("none", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"web\.certificate"):
        Listening(Application({}), "127.0.0.1:0", certificate=certificate)
