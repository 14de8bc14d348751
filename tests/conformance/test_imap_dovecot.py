"""The mailbox against a real mail server, Dovecot, over TLS; skipped with the reason where there is none."""

import imaplib
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.imap.platform import Mailbox
from connector.identity import make_keyer
from connector.ports import Gone, Live, Task
from connector.records import Action, Kind, Outcome
from sandbox.imap.mailbox import OWN, Letter
from tests.unit.adapters.told import no_wait

DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
LONG_AGO = datetime(2021, 3, 1, 10, tzinfo=UTC)
CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
{users}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
"""


class Dovecot(NamedTuple):
    """A running server: how it is reached, and a client of the shop's own staff."""

    settings: dict[str, Any]
    client: imaplib.IMAP4_SSL


def certificate(folder: Path) -> None:
    """A certificate of this machine's own for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, Any]]:
    if DOVECOT is None:
        pytest.skip("no dovecot is installed (Debian: apt-get install dovecot-imapd)")
    told = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True, check=True).stdout
    if not re.match(r"2\.3\.", told):
        pytest.skip(f"this Dovecot ({told.split()[0]}) has another form of settings than 2.3")
    folder = Path(tempfile.mkdtemp(prefix="gallra-dovecot-"))
    folder.chmod(0o755)  # it serves mail as another user, where root starts it
    certificate(folder)
    port, me = free_port(), pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")
    for name in ("mail", "home"):
        (folder / name).mkdir()
        os.chown(folder / name, me.pw_uid, me.pw_gid)
    users = f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\n"
    config = folder / "dovecot.conf"
    config.write_text(CONFIG.format(
        folder=folder, port=port, uid=me.pw_uid, gid=me.pw_gid, users=users if os.getuid() else "",
    ))  # fmt: skip
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)], stderr=subprocess.PIPE)
    try:
        _wait_for(port, process, folder)
        yield {
            "host": "127.0.0.1", "port": port, "user": OWN, "password": "secret",
            "network": {"ca_file": str(folder / "cert.pem")},
        }  # fmt: skip
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        if process.stderr is not None:
            process.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    log = folder / "log"
    pytest.skip(f"Dovecot did not start here: {log.read_text()[-300:] if log.exists() else 'no log'}")


@pytest.fixture
def dovecot(server: dict[str, Any]) -> Iterator[Dovecot]:
    """The server with an empty folder, in which each test's own mail lies."""
    context = ssl.create_default_context(cafile=server["network"]["ca_file"])
    client = imaplib.IMAP4_SSL("127.0.0.1", server["port"], ssl_context=context, timeout=10)
    try:
        client.login(OWN, "secret")
        client.create('"Kundtj&AOQ-nst"')
        settings = {**server, "folders": {"support": "Kundtjänst"}, "customers_only": ["support"]}
        yield Dovecot(settings, client)
        client.delete('"Kundtj&AOQ-nst"')
    finally:
        client.logout()


def put(client: imaplib.IMAP4_SSL, number: int, *, flags: str = "", **more: Any) -> None:
    sender = more.pop("sender", f"Anna <anna{number}@kund.example>")
    raw = more.pop("raw", None) or Letter(sender=sender, sent=LONG_AGO, number=f"d{number}", **more).written()
    moment = imaplib.Time2Internaldate(LONG_AGO)
    typ, _ = client.append('"Kundtj&AOQ-nst"', flags, moment, raw)
    assert typ == "OK"


def platform(dovecot: Dovecot, **more: Any) -> Mailbox:
    return Mailbox({**dovecot.settings, **more}, keyer=make_keyer(b"k" * 32), sleep=no_wait)


def lives(box: Mailbox) -> list[Live]:
    refs = [one.ref for page in box.pull(Kind.SUPPORT_MESSAGE, since=None) for one in page.records]
    return [look for look in box.fetch(refs) if isinstance(look, Live)]


def tasks(found: list[Live]) -> list[Task]:
    return [Task(live=one, action=Action.DELETE, fields=frozenset()) for one in found]


def test_a_real_server_is_read_whole_and_says_the_same_twice(dovecot: Dovecot) -> None:
    for number in range(250):
        put(dovecot.client, number)
    box = platform(dovecot)
    access = box.check()
    assert access.can_read, access.problems
    assert access.can_write
    pages = list(box.pull(Kind.SUPPORT_MESSAGE, since=None))
    records = {one.ref: one for page in pages for one in page.records}
    assert len(records) == pages[-1].counted == 250
    assert {one.facts.created for one in records.values()} == {LONG_AGO.date()}
    assert {live.ref: live.record for live in lives(box)} == records
    put(dovecot.client, 999)
    changes = list(box.pull(Kind.SUPPORT_MESSAGE, since=pages[-1].cursor))
    assert sum(len(page.records) for page in changes) == 1
    assert changes[-1].standing[0].count == 251


def test_on_a_real_server_only_what_is_asked_goes_and_what_others_marked_stays(dovecot: Dovecot) -> None:
    put(dovecot.client, 1)
    box = platform(dovecot)
    mine = lives(box)
    put(dovecot.client, 2, flags="\\Deleted")
    receipts = list(box.apply(tasks(mine)))
    assert [one.outcome for one in receipts] == [Outcome.DONE]
    assert [type(one) for one in box.fetch([mine[0].ref])] == [Gone]
    assert [one.outcome for one in box.apply(tasks(mine))] == [Outcome.ALREADY_GONE]
    assert len(lives(box)) == 1


def test_a_real_server_s_structure_and_search_tell_what_may_be_a_voucher(dovecot: Dovecot) -> None:
    put(dovecot.client, 1)
    put(dovecot.client, 2, attached=True)
    put(dovecot.client, 3, text="Se https://faktura.example/1\n")
    put(dovecot.client, 4, html="<p>Hej</p>")
    box = platform(dovecot, customers_only=[])
    assert [one.record.facts.may_be_voucher for one in lives(box)] == ["sender", *["content"] * 3]


def test_a_real_server_shows_a_message_to_its_person(dovecot: Dovecot) -> None:
    put(dovecot.client, 1, text="Hej från Åsa\n", subject="Ärende åäö", attached=True)
    box = platform(dovecot)
    ref = lives(box)[0].ref
    look = next(iter(box.fetch_to_show([ref])))
    assert isinstance(look, Live)
    said = {one.place: one.text for one in box.shown(look)}
    assert said["text"] == "Hej från Åsa"
    assert said["subject.1"] == "Ärende åäö"
    assert look.record.residue == ("imap_attachment",)


@pytest.mark.parametrize("raw", [
    b"\r\n\r\n", b"From: \xff <\xff@x.example>\r\n\r\nx", b"From: a@x.example\r\n" * 300 + b"\r\nx",
    b"From: a@kund.example\r\nTo: " + b"b@x.example, " * 9000 + b"\r\n\r\nx",
    b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 300,
])  # fmt: skip
def test_a_real_server_s_answer_about_an_odd_message_is_read(dovecot: Dovecot, raw: bytes) -> None:
    put(dovecot.client, 1, raw=raw)
    put(dovecot.client, 2)
    assert len(lives(platform(dovecot))) == 2


def test_a_certificate_that_nobody_vouches_for_is_refused(dovecot: Dovecot) -> None:
    access = platform(dovecot, network={}).check()
    assert not access.can_read
    assert "certificate" in access.problems[0].en


def test_a_folder_made_anew_is_another_generation(dovecot: Dovecot) -> None:
    put(dovecot.client, 1)
    box = platform(dovecot)
    mine = lives(box)
    dovecot.client.delete('"Kundtj&AOQ-nst"')
    time.sleep(1.1)  # UIDVALIDITY is a moment in seconds here
    dovecot.client.create('"Kundtj&AOQ-nst"')
    put(dovecot.client, 1)
    assert [one.reason for one in box.apply(tasks(mine))] == ["unread:uidvalidity_changed"]
    assert len(lives(box)) == 1
