"""What a description may not say, however it is written: hosts, secrets, money, gaps that lead elsewhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from connector.about.described.parts import Call, Described, Does, Look, ReadBack
from connector.about.web import is_web_address
from connector.records import Kind

GOOGLE = "google_service_account"
MONEY = re.compile(
    r"amount|captur|refund|charge|payout|transfer|settle|price|invoice|debit|credit|withdraw|"
    r"authori[sz]ation|release|void",
    re.IGNORECASE,
)  # fmt: skip
"""Words of calls that move money (the paths and bodies of payment services)."""

_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")
_INSIDE = ("local", "localhost", "internal", "lan", "home", "corp", "intranet", "test", "invalid", "onion")
_PATH = re.compile(r"(?:[A-Za-z0-9_.:@-]|\{[a-z_.]+\})+(?:/(?:[A-Za-z0-9_.:@-]|\{[a-z_.]+\})+)*\Z")
GAP = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}\Z")
_KEY = re.compile(r"[a-z][a-z_]{0,40}\Z")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}\Z")
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|host|length|encoding|forward|proxy", re.IGNORECASE)
_SECRET = re.compile(
    r"\b(?:sk|pk|rk|ck|cs|shpat|shpss|ghp|xox[a-z]|whsec)[_-][A-Za-z0-9_-]{8,}|AKIA[0-9A-Z]{12,}|"
    r"ya29\.|AIza[\w-]{20,}|-----BEGIN|eyJ[\w-]{10,}\.|\b(?:Bearer|Basic)\s+[\w+/=.-]{8,}|"
    r"(?<![\w/.-])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9+_=]{28,}(?![\w/.-])"
)
_KNOWN_KEYS = frozenset({
    "title", "code", "role", "email", "address", "letters", "sends", "country", "safeguard", "role_assumed",
    "agreement", "evidence", "evidence_on",
    "copy_months", "url", "description", "name", "needs", "by_api", "network", "letter",
})  # fmt: skip
WRITES = ("erase", "stop", "unsubscribe", "rectify")


def faults_of(one: Described, codes: tuple[str, ...]) -> Iterator[str]:
    """Each fault with its place in the file; none where the description can be used."""
    yield from _who(one, codes)
    yield from _where(one)
    yield from _keys(one)
    yield from _signed(one)
    for at, does in enumerate(one.does):
        yield from (f"does[{at}].{fault}" for fault in _act(one, does))
    for at, thing in enumerate(one.things):
        known = [d.read_back.by in ("look", "field") for d in one.does if d.read_back and d.act in WRITES]
        if (
            (thing.how == "done" and not any(known))
            or (thing.how == "asked" and all(known))
            or (thing.how == "carried" and one.asked_of("carried") is None)
        ):
            yield f"things[{at}].how: is more than its acts read back. Write asked, by_hand or cannot."
    for at, setting in enumerate(one.retention):
        yield from (f"retention[{at}].{fault}" for fault in _path(one, setting.path, {}, ("key",)))
        if not setting.months or min(setting.months.values()) < 1:
            yield f"retention[{at}].months: says not how many months. Name each word of the service's."
    if one.needs and one.test is None:
        yield "test: is missing. Name a call that shows that the key is good."
    if one.test is not None and one.test.by_token:
        if one.auth.kind not in ("client_credentials", GOOGLE) or one.test.path:
            yield "test.by_token: no token is asked for, or a path is. Write path and shows."
    elif one.test is not None:
        yield from (f"test.{fault}" for fault in _path(one, one.test.path, one.test.query, ("key",)))
        if not one.test.shows:
            yield "test.shows: is empty. Name what only a good answer holds."


def secrets_in(value: object, where: str = "") -> Iterator[str]:
    """The places of a file where a secret seems to stand; the value is never said."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from secrets_in(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from secrets_in(inner, f"{where}[{at}]")
    elif isinstance(value, str) and _SECRET.search(value):
        yield f"{where}: looks like a secret. Take it out, change it at the service, and name a key for it."


def _who(one: Described, codes: tuple[str, ...]) -> Iterator[str]:
    if not _NAME.match(one.name):
        yield "name: must be small letters, digits and hyphens. Write it as acme-mail."
    if one.code not in codes:
        yield f"code: is no kind of recipient. Write one of {', '.join(codes)}."
    if not (one.channel.address or one.channel.form):
        yield "channel: has neither address nor form. Write where it takes in a notice."
    if not one.does:
        yield "does: is empty. Write what is done there; by letter, where there is no more."


def _where(one: Described) -> Iterator[str]:
    for at, host in enumerate(one.hosts):
        if not _HOST.match(host) or host.rpartition(".")[2] in _INSIDE:
            yield f"hosts[{at}]: is no public host name. Write it as api.example.com."
    if one.base:
        yield from (f"base: {fault}" for fault in _address(one, one.base))
    elif one.test is not None or any(does.act not in ("notify", "carried") for does in one.does):
        yield "base: is missing. Write the address of the API, https://host/path."
    for name, value in one.headers.items():
        if not _HEADER.match(name) or _SECRET_HEADER.search(name):
            yield f"headers.{name}: may not be set here. A key goes under auth."
        if not value.isprintable() or not value.isascii():
            yield f"headers.{name}: holds signs that no header may. Correct it."
        yield from (f"headers.{name}: {fault}" for fault in _gaps(one, value, ("key",)))


def _address(one: Described, address: str) -> Iterator[str]:
    if not is_web_address(address) or not address.startswith("https://"):
        yield "is no https address. Write https://host/path."
        return
    parts = urlsplit(address)
    if parts.hostname not in one.hosts:
        yield "leads to a host that hosts does not name. Add the host, or correct the address."
    if parts.port not in (None, 443) or ".." in parts.path or "{" in address:
        yield "has a port, a gap or a way up. Keep https://host/path."


def _keys(one: Described) -> Iterator[str]:
    for name, key in one.keys.items():
        if not _KEY.match(name) or name in _KNOWN_KEYS:
            yield f"keys.{name}: cannot be the name of a key. Choose another, in small letters."
        if not (key.en and key.sv):
            yield f"keys.{name}: says not what it is in both languages. Fill in en and sv."


def _signed(one: Described) -> Iterator[str]:
    auth, secrets = one.auth, {name for name, key in one.keys.items() if key.kind == "secret"}
    if auth.kind != "none" and auth.secret not in secrets:
        yield "auth.secret: names no key of the kind secret. Add it under keys."
    if auth.kind in ("basic", "client_credentials") and one.keys.get(auth.user) is None:
        yield "auth.user: names no key. Add it under keys."
    if auth.kind == "header" and not _HEADER.match(auth.header):
        yield "auth.header: is no header. Write it as X-Api-Key."
    if auth.prefix and not re.fullmatch(r"[A-Za-z][A-Za-z-]{0,30} ?", auth.prefix):
        yield "auth.prefix: must be one word. The key itself stands in no file."
    if auth.kind in ("client_credentials", GOOGLE):
        yield from (f"auth.token: {fault}" for fault in _address(one, auth.token))
    if auth.kind == GOOGLE and not auth.scope:
        yield "auth.scope: is missing. Write the one scope that the calls need."


def _act(one: Described, does: Does) -> Iterator[str]:
    for switch in filter(None, (does.on, does.off)):
        if switch not in one.keys or one.keys[switch].kind != "switch":
            yield "on: names no key of the kind switch. Add it under keys."
    if bool(does.by) != (does.act == "carried"):
        yield "by: says whose erasure carries it, and of nothing else. Write it where act is carried."
    if does.act in ("notify", "carried"):
        if does.look or does.call or does.through or does.read_back:
            yield "act: a notice goes by letter and calls nobody. Take the calls out."
        if does.act == "notify":
            yield from _falls_due(does)
        return
    looks = {"through": does.through, "look": does.look}
    for name, look in looks.items():
        if look is not None:
            yield from (f"{name}.{fault}" for fault in _look(one, look, written=does.act in WRITES))
    if does.act not in WRITES:
        if does.look is None or does.call is not None:
            yield "look: is what this act is made of, and nothing else. Write the one look."
        elif does.act == "export" and not (does.look.same and does.person and not does.look.items):
            yield "person: an export needs one object, its `same`, and where it names the person. Add them."
        return
    yield from _falls_due(does)
    yield from _written(one, does)


def _falls_due(does: Does) -> Iterator[str]:
    if not does.fields and not does.on_delete and not does.asked:
        yield "fields: says not when it is done. Name the fields, or write on_delete = true, or asked = true."
    if does.asked and (does.fields or does.on_delete):
        yield "asked: is done for whoever asks, and by no rule. Take fields and on_delete out."


def _written(one: Described, does: Does) -> Iterator[str]:
    """What holds of every act that changes something."""
    if does.act in ("erase", "rectify") and one.role == "controller":
        yield "act: a recipient in its own right is told, and never made to erase. Write notify."
    if does.act == "stop" and not (does.kind is Kind.CUSTOMER and does.on_delete and not does.fields):
        # The wave of accounts, each held while a contract runs (schedule T-20, H7).
        told = 'Write kind = "customer" and on_delete = true, and no fields.'
        yield f"act: a stop ends with the account alone. {told}"
    if does.act in ("erase", "stop") and does.final is None:
        yield "final: is missing. Say in both languages what cannot be undone."
    if does.call is None:
        yield "call: is missing. Write the one call, or notify."
    else:
        yield from (f"call.{fault}" for fault in _call(one, does.call, does))
    if does.read_back is None:
        yield 'read_back: is missing. Write how it is read back, or by = "nothing".'
    else:
        yield from (f"read_back.{fault}" for fault in _read_back(one, does, does.read_back))


def _look(one: Described, look: Look, *, written: bool) -> Iterator[str]:
    yield from _path(one, look.path, look.query, ("value", "key"))
    if written and not look.same:
        yield "same: is missing: an answer that says not whom it is of proves nothing. Name the place."
    if written and look.items and not look.control:
        yield "control: is missing: an empty list proves nothing alone. Name a list that is never empty."
    if look.control:
        yield from (f"control: {f}" for f in _path(one, look.control, look.control_query, ("key",)))


def _call(one: Described, call: Call, does: Does) -> Iterator[str]:
    gaps = ("value", "found", "key") if does.look else ("value", "key")
    yield from _path(one, call.path, call.query, gaps)
    for place, text in _texts(call.body, "body"):
        if MONEY.search(place) or (isinstance(text, str) and MONEY.search(GAP.sub("", text))):
            yield f"{place}: speaks of money. No recipient is asked to move any; take it out."
        if isinstance(text, str):
            yield from (f"{place}: {fault}" for fault in _gaps(one, text, gaps))
        elif not isinstance(text, bool):
            yield f"{place}: is a number, and could be an amount. Write text, or yes or no."
    if call.form and any("." in place.removeprefix("body.") for place, _ in _texts(call.body, "body")):
        yield "form: has one level alone. Write its body flat."


def _read_back(one: Described, does: Does, back: ReadBack) -> Iterator[str]:
    if back.by in ("look", "field") and does.look is None:
        yield "by: there is no look to read back with. Write one."
    if back.by == "field" and not (back.field and back.equals):
        yield "field: is missing, or what it then equals. Write both."
    if back.by == "request":
        if not (back.id and back.state and back.done and back.path):
            yield "id: a request needs id, path, state and done. Write them."
        yield from _path(one, back.path, back.query, ("request", "key"))
    if not 0 <= back.days <= 366 or (back.by in ("request", "nothing") and not back.days):
        yield "days: says not how long it may take. Write 1 to 366."


def _path(one: Described, path: str, query: Mapping[str, str], gaps: tuple[str, ...]) -> Iterator[str]:
    if not _PATH.match(path) or any(part in (".", "..") for part in path.split("/")):
        yield "path: leads elsewhere. Write it below base, without host, query or dots."
    if MONEY.search(GAP.sub("", path)):
        yield "path: speaks of money. No recipient is asked to move any; take it out."
    yield from (f"path: {fault}" for fault in _gaps(one, path, gaps))
    for name, text in query.items():
        if MONEY.search(name):
            yield f"query.{name}: speaks of money. No recipient is asked to move any; take it out."
        yield from (f"query.{name}: {fault}" for fault in _gaps(one, text, gaps))


def _gaps(one: Described, text: str, known: tuple[str, ...]) -> Iterator[str]:
    """Gaps that nothing fills; a brace that is none could be one for another reader."""
    for gap in GAP.findall(text):
        head, _, name = gap.partition(".")
        if head not in known or bool(name) != (head == "key"):
            yield f"nothing fills the gap `{gap}` here. It can be one of {', '.join(known) or 'none'}."
        elif head == "key" and (name not in one.keys or one.keys[name].kind != "text"):
            yield f"`{gap}` is no key that may stand in a call. A secret goes under auth."
        elif head == "key" and not one.keys[name].needed:
            yield f"`{gap}` may be left out of the settings, and the call cannot. Let it be needed."
    if "{" in GAP.sub("", text) or "}" in GAP.sub("", text):
        yield "holds a brace that is no gap. Take the brace out."


def _texts(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every value of a body with its place."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, where)
    elif value is not None:
        yield where, value
