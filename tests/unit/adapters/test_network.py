"""Whom https trusts, and what is said where an address, a certificate or a redirect is wrong."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.http import Http
from adapters.network import Network
from adapters.woocommerce.client import connect
from connector.errors import AccessDenied, RemoteError, SettingsError

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1"
SHOP = {"url": "https://shop.example", "key": "ck_1", "secret": "cs_1"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that a shop on this machine signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.test")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tls")
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "ca.pem"


@pytest.fixture
def secure(certificate: Path) -> Iterator[str]:
    """The https address of such a shop."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(taken, server_side=True) as stream:
                    stream.recv(65536)
                    stream.sendall(ANSWER)
            except OSError:
                taken.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def asked(base: str, **network: str) -> object:
    http = Http(adapter="service", base=base, sleep=lambda _: None, network=Network.of({"network": network}))
    try:
        return http.request("GET", "a", operation="read a").json()
    finally:
        http.close()


def test_a_certificate_that_nobody_trusts_names_the_setting_that_would(secure: str) -> None:
    with pytest.raises(AccessDenied, match=r"certificate is not trusted.*ca_file under \[network\]"):
        asked(secure)


def test_a_shops_own_certificate_is_trusted_where_the_settings_name_it(
    secure: str, certificate: Path
) -> None:
    assert asked(secure, ca_file=str(certificate)) == 1


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_a_file_without_a_certificate_is_a_fault_of_the_settings(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=r"network\.ca_file: .*Name a PEM file"):
        Network(ca_file=str(path)).https()


def test_the_usual_certificates_are_trusted_besides(certificate: Path) -> None:
    """requests loads its own into the same context, so nothing is trusted less."""
    context = Network(ca_file=str(certificate)).https()
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_handshake_that_never_ends_is_left() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"https://127.0.0.1:{listener.getsockname()[1]}"
    try:
        http = Http(adapter="service", base=base, longest=0.2, sleep=lambda _: None)
        with pytest.raises(RemoteError) as caught:
            http.request("GET", "a", operation="read a")
    finally:
        listener.close()
    assert caught.value.code == "slow"


@pytest.mark.parametrize(
    "target", ["https://shop.example/wp-json/wc/v3/orders", "/", "https://www.shop.example/"]
)
@pytest.mark.parametrize("status", [301, 302])
def test_a_shop_that_redirects_names_permalinks_and_the_prefix(status: int, target: str) -> None:
    client = connect(SHOP, sleep=lambda _: None)
    with responses.RequestsMock() as wire:
        for path in ("https://shop.example/wp-json/wc/v3/orders", "https://shop.example/"):
            wire.get(path, status=status, headers={"Location": target})
        wire.assert_all_requests_are_fired = False
        with pytest.raises(RemoteError, match="permalinks are not plain, and rest_prefix"):
            client.get("orders", operation="read orders")


@pytest.mark.parametrize("body", ["<html>Not found", '{"code": "rest_no_route"}'])
def test_a_route_that_is_not_there_names_permalinks_and_the_prefix(body: str) -> None:
    client = connect(SHOP, sleep=lambda _: None)
    with responses.RequestsMock() as wire:
        wire.get("https://shop.example/wp-json/wc/v3/orders", status=404, body=body)
        with pytest.raises(RemoteError, match="rest_prefix, that permalinks are not plain"):
            client.get("orders", operation="read orders")
