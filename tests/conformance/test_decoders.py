"""Every decoder of what comes from outside: whatever it is given, it reads it, or refuses it in a sentence.

Which modules decode is read from the source, so that a new one is fuzzed here or says why it need not be.
"""

import ast
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imapclient.exceptions import IMAPClientError
from imapclient.response_parser import parse_fetch_response

from adapters.cursors import read_cursor
from adapters.described.signing import _account
from adapters.http import answer
from adapters.http.meaning import Row
from adapters.imap import message
from adapters.imap.line import HIDDEN
from adapters.imap.showing import Part, text_of, text_part
from adapters.notice.bounces import bounced_in
from adapters.notice.box import read_all
from adapters.postnord.processor import _fault as postnord_fault
from adapters.shopify.bulk import RunAnew
from adapters.shopify.bulk import _decoded as bulk_line
from adapters.shopify.cursor import Cursor
from adapters.stray import printed_before, without_stray
from adapters.woocommerce.answers import decoded as woocommerce_body
from adapters.woocommerce.client import woo_error_code
from adapters.woocommerce.key_page import WooCommerceKeys
from connector.cli.speaking import _named as language_of
from connector.deciding.missing import _of as shop_of_protocol
from connector.detect.lines import answers
from connector.errors import GallraError, Rejected
from connector.fleet.entering import entry_of
from connector.fleet.where import read_fleet
from connector.ledger import head
from connector.ledger.vault import read_key
from connector.policy import read_policy
from connector.registry import described, read_recipient
from connector.serve.keys import Asked
from connector.serve.pages import lists, passkeys
from connector.serve.pages.people import Passkey, Person
from connector.settings import load_settings
from connector.settings.load import find_shops
from connector.settings.promises import load_promises
from connector.setup import from_list
from connector.setup import given as init_given
from connector.stages.flow.veto import answer_of
from connector.stages.requests.intake import rows_of
from connector.testing.recorded import Recording
from connector.text.decoding import json_as, toml_table
from connector.text.formats import leaves
from connector.text.formats.json_text import parsed
from connector.text.strict_json import read_json
from tests.conformance.test_bad_input import JSON, TODAY

ROOT = Path(__file__).resolve().parents[2]
DEEP, LONG = 3000, 5000
REPORT = (
    b"From: <>\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n"
    b"Content-Type: message/delivery-status\r\n\r\n"
)

DEEPLY = st.sampled_from([
    "[" * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, '{"id": 1, "text": "x", "more": '
    + "[" * DEEP + "]" * DEEP + "}", "x = " + "[" * DEEP + "]" * DEEP, "x = " + "[" * 300 + "]" * 300,
    "a" + ".a" * DEEP + " = 1", "a" + ".a" * 300 + " = 1", "x = " + "9" * LONG, "9" * LONG,
    '{"id": ' + "9" * LONG + ", \"text\": 1}", "[[shop]]\nx = {" + "a = {" * 300, "d = 9999-99-99",
    "shop = [1, 2]", "all = 1\n[[shop]]", "\x00,\x00\n\x00", "a,b\n\"" + "x" * 140_000, "\ufeff", "\ufeff{}",
    '{"allow": true, "id": "\\ud800", "reason": "\\udfff"}',
])  # fmt: skip
ODD_BYTES = st.binary(max_size=60) | st.sampled_from([
    b"\xff\xfe", b'{"id": "\xc3\x28"}', b'"\xed\xa0\x80"', b'{"shop": "\xff"}', b"\xef\xbb\xbf", b"\x00" * 9,
    b'{"id": "1", "party": "\xff", "written": "2026-01-01", "lines": []}',
])  # fmt: skip
TEXTS = st.text(max_size=60) | JSON.map(lambda value: json.dumps(value, default=str)) | DEEPLY
ANYTHING = TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")) | ODD_BYTES


class Response:
    """An answer of a service with this body."""

    status_code, headers, reason = 400, {"Content-Type": "application/json"}, ""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.elapsed = timedelta(0)


def refused(_row: Row, status: int, code: str) -> Rejected:
    return Rejected("It is no answer. Run again.", adapter="x", operation="x", status=status, code=code)


def as_file(read: Callable[[Path], object], name: str) -> Callable[[bytes, Path], object]:
    """Reads a file of this name with this content."""

    def reading(data: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(data)
        return read(path)

    return reading


def bare(read: Callable[[bytes], object]) -> Callable[[bytes, Path], object]:
    return lambda data, _folder: read(data)


def text(read: Callable[[str], object]) -> Callable[[bytes, Path], object]:
    return lambda data, _folder: read(data.decode("utf-8", "surrogateescape"))


def body(data: bytes) -> object:
    said: Any = answer.Answer(Response(data), refused)  # type: ignore[arg-type]
    return woocommerce_body(said), said.json()


def code(data: bytes) -> object:
    made: Any = Response(data)
    return answer.json_error_code(made), answer.json_object(made), answer.is_page(made), postnord_fault(made)


PLACE = passkeys.Place("localhost", "http://localhost:8090")
KEY = Passkey(id=b"1", public=b"", used=0, person=Person(id="00", name="Disa Demo", roles=frozenset()))


def of_a_passkey(some: str) -> None:
    """What a browser hands on: the answer itself, and each part that an authenticator made."""
    part = some[:200]
    inner = {"clientDataJSON": part, "attestationObject": part, "authenticatorData": part, "signature": part}
    whole = json.dumps({"id": "MQ", "rawId": "MQ", "type": "public-key", "response": inner})
    for one in (some, whole):
        for read in (
            lambda: passkeys.id_of(one),  # noqa: B023
            lambda: passkeys.made(one, PLACE, b"1"),  # noqa: B023
            lambda: passkeys.signed(one, KEY, PLACE, b"1"),  # noqa: B023
        ):
            with suppress(GallraError):
                read()


def of_a_message(data: bytes) -> None:
    """What a mail server hands on of a message: its headers, its structure, the day that it says."""
    for start in (b"", b"From: ", b"From: a@x.example\r\nTo: ", b"Date: "):
        headers = message.read_headers(start + data + b"\r\n\r\n")
        message.persons(headers, message.Own(frozenset(), frozenset()))
        message.sent_on(headers)
    for structure in (data, (data,), ([(data, data)], data), parsed_structure(data)):
        message.content(structure)
        text_part(structure)
    message.decoded_words(data.decode("utf-8", "surrogateescape"))


def parsed_structure(data: bytes) -> object:
    """A structure as the parser of the answers makes one of these bytes; None where it refuses them."""
    try:
        answered = parse_fetch_response([b"1 (BODYSTRUCTURE " + data + b")"], uid_is_key=False)
    except (*HIDDEN, IMAPClientError):  # a session turns these into a refusal in a sentence
        return None
    return answered.get(1, {}).get(b"BODYSTRUCTURE")


def of_a_text(data: bytes) -> None:
    """A part's text in each coding, with a set of letters that may be none."""
    for coding in (b"7bit", b"base64", b"quoted-printable", data[:20]):
        for charset in ("utf-8", "no-such-set", data[:20].decode("latin-1")):
            text_of(Part("1", b"html", charset, coding), data)


DECODERS: dict[str, Callable[[bytes, Path], object]] = {
    "connector/text/decoding.py": text(lambda some: (json_as(some, Asked), toml_table(some))),
    "connector/text/strict_json.py": bare(read_json),
    "connector/text/formats/json_text.py": text(lambda some: (parsed(some), list(leaves(some)))),
    "connector/settings/source.py": as_file(
        lambda path: load_settings(path, environ={}, today=TODAY), "a.toml"
    ),
    "connector/settings/load.py": as_file(lambda path: find_shops(path.parent), "a.toml"),
    "connector/fleet/where.py": as_file(read_fleet, "fleet.toml"),
    "connector/fleet/entering.py": as_file(lambda path: entry_of(path, {}, kept=True), "a.toml"),
    "connector/settings/promises": as_file(load_promises, "a.toml"),
    "connector/policy/read_file.py": as_file(read_policy, "a.toml"),
    "connector/cli/speaking.py": text(language_of),
    "connector/serve/pages/passkeys.py": text(of_a_passkey),
    "connector/serve/pages/lists.py": as_file(lists.read_protocol, "protocol-1.json"),
    "connector/setup/given.py": as_file(init_given.from_file, "answers.toml"),
    "connector/setup/given.py, kept": as_file(lambda path: init_given.kept(path.parent), init_given.KEPT),
    "connector/setup/from_list.py": as_file(lambda path: list(from_list.read(path)), "list.csv"),
    "connector/setup/from_list.py, toml": as_file(lambda path: list(from_list.read(path)), "list.toml"),
    "connector/stages/requests/intake.py": bare(lambda data: rows_of(data, as_json=False, today=TODAY)),
    "connector/stages/requests/intake.py, json": bare(
        lambda data: rows_of(data, as_json=True, today=TODAY)
    ),
    "connector/stages/flow/veto.py": bare(lambda data: answer_of(data, "msg_1")),
    "connector/deciding/missing.py": bare(shop_of_protocol),
    "connector/detect/lines.py": bare(lambda data: list(answers(data.split(b"\n")))),
    "connector/ledger/head.py": as_file(
        lambda path: head.written(path.parent, "egg"), "ledger-head-egg.json"
    ),
    "connector/ledger/vault.py": text(lambda some: read_key(some, name="vault key")),
    "connector/serve/keys.py": bare(lambda data: json_as(data, Asked)),
    "adapters/cursors.py": text(lambda some: read_cursor(some, Cursor)),
    "adapters/http/answer.py": bare(code),
    "adapters/woocommerce/answers.py": bare(body),
    "adapters/woocommerce/client.py": bare(lambda data: woo_error_code(Response(data))),  # type: ignore[arg-type]
    "adapters/woocommerce/key_page.py": bare(WooCommerceKeys("https://egg.example").read),
    "adapters/shopify/bulk.py": bare(bulk_line),
    "adapters/postnord/processor.py": bare(code),
    "adapters/notice/box.py": as_file(lambda path: list(read_all(path.parent)), "1.json"),
    "adapters/notice/bounces.py": bare(
        lambda data: [list(bounced_in(head + data)) for head in (b"", REPORT)]
    ),
    "connector/about/described/reading.py": text(lambda some: read_recipient(some, file="a.toml")),
    "connector/testing/recorded.py": text(Recording),
    "adapters/described/signing.py": text(lambda some: _account(described()["google-ads"], some)),
    "adapters/imap/message.py": bare(of_a_message),
    "adapters/imap/showing.py": bare(of_a_text),
    "adapters/stray.py": bare(lambda data: (without_stray(data), printed_before(data))),
}
"""How each module that decodes what comes from outside is given bytes."""

FUZZED_ELSEWHERE = {
    "adapters/shopify/webhooks.py": "tests/unit/serve/test_receiving.py",
    "connector/ledger/proof/sshsig.py": "tests/unit/ledger/proof/test_sshsig.py",
    "connector/cli/policy.py": "connector/text/strict_json.py reads for it",
    "connector/report/access/twin.py": "reads only what its own key opened",
    "connector/serve/form/app.py": "reads only what its own key opened",
}
OF_THE_PACKAGE = {
    "connector/places/catalogue.py", "connector/views/promises/proposing.py", "connector/report/words.py",
    "connector/report/translated.py", "connector/report/catalogues.py", "connector/settings/meanings.py",
    "connector/settings/lines.py", "connector/settings/warning.py",
    "connector/registry.py", "connector/cli/demo/services.py",
    "connector/cli/demo/script.py",
}  # fmt: skip
"""They read what is installed with Gallra, or a piece of what another has decoded before."""
OF_THE_LEDGER = ("connector/ledger/", "connector/plan/digest.py", "connector/services/controls.py",
                 "connector/stages/pull/", "connector/deciding/undoing.py",
                 "connector/deciding/rectifying.py",
                 "adapters/woocommerce/restore.py",
                 "adapters/shopify/restore.py")  # fmt: skip
"""They read what Gallra wrote into its own ledger, which is proven or sealed (tests/unit/ledger)."""
RAW = {("json", "loads"), ("json", "load"), ("tomllib", "loads"), ("tomllib", "load"), ("csv", "reader"),
       ("csv", "DictReader"), ("email", "message_from_bytes"), ("email", "message_from_string"),
       ("json", "decode"), ("json", "Decoder"), ("toml", "decode"), ("yaml", "safe_load")}  # fmt: skip
OURS = {"json_as", "toml_table", "read_json"}


def decodes(source: str) -> bool:
    """Whether a module calls a decoder."""
    if not any(name in source for name in (*OURS, "load", "reader", "Reader", "message_from", "decode")):
        return False
    for node in ast.walk(ast.parse(source)):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and called.id in OURS:
            return True
        if isinstance(called, ast.Attribute):
            owner = called.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, called.attr) in RAW:
                return True
    return False


def test_every_module_that_decodes_is_fuzzed_or_says_why_not() -> None:
    known = {name.partition(",")[0] for name in DECODERS} | FUZZED_ELSEWHERE.keys() | OF_THE_PACKAGE
    found = {
        str(path.relative_to(ROOT))
        for folder in ("connector", "adapters")
        for path in (ROOT / folder).rglob("*.py")
        if decodes(path.read_text(encoding="utf-8"))
    }
    assert {one for one in found if not one.startswith(OF_THE_LEDGER)} - known == set()


@pytest.mark.parametrize("name", DECODERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(data=ANYTHING)
def test_whatever_a_decoder_is_given_it_reads_it_or_refuses_it(
    name: str, data: bytes, tmp_path: Path
) -> None:
    allowed: tuple[type[Exception], ...] = (GallraError, RunAnew)
    if name.startswith("connector/text/"):  # whoever calls them makes a sentence of it
        allowed = (ValueError,)
    with suppress(*allowed):
        DECODERS[name](data, tmp_path)
