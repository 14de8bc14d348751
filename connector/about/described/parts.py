"""The parts of a description: every key that a file may have, and what stands where it is left out.

A text may hold gaps and nothing else that is worked out: `{value}` is what a recipient knows the person by,
`{found}` the id that a look gave, `{request}` the number of a request that was taken in, and `{key.NAME}` a
key of the shop's own settings that is no secret.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from connector.about.both import Both
from connector.records import Field, Kind, Value


class _Part(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a description; a key that it does not know is a fault."""


class Auth(_Part, frozen=True, kw_only=True):
    """How a call is signed. `user` and `secret` name keys; `token` is where a token is asked for."""

    kind: Literal[
        "none", "basic", "bearer", "header", "client_credentials", "google_service_account"
    ] = "none"  # fmt: skip
    user: str = ""
    secret: str = ""
    header: str = ""
    prefix: str = ""
    token: str = ""
    scope: str = ""


class Key(_Part, frozen=True, kw_only=True):
    """A key of the shop's own settings (`recipients.NAME.KEY`), and what it means."""

    en: str
    sv: str
    kind: Literal["text", "secret", "switch"] = "text"
    needed: bool = True


class Look(_Part, frozen=True, kw_only=True):
    """A question that changes nothing: one object, or, with `items`, the rows of a list.

    `items`: where the rows lie in the answer, `.` where the answer is the list. `same`: where an object says
    whom it is of, and its `id`. `gone`: the service's own codes of a 404 that says that the object is not
    there. `control`: a path (and `control_query`) whose list is never empty; only beside it is an absence
    believed. `paged`: the list goes on by `limit` and `offset`. `state`: where an object says how it stands.
    """

    path: str
    query: Mapping[str, str] = {}
    items: str = ""
    same: str = ""
    id: str = "id"
    gone: tuple[str, ...] = ()
    control: str = ""
    control_query: Mapping[str, str] = {}
    paged: bool = False
    state: str = ""


class Call(_Part, frozen=True, kw_only=True):
    """A call that changes something; asked twice, it does what it did once. `body`: text, and yes or no."""

    path: str
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    query: Mapping[str, str] = {}
    body: Mapping[str, Any] | None = None
    form: bool = False
    good: tuple[int, ...] = (200, 201, 202, 204)


class ReadBack(_Part, frozen=True, kw_only=True):
    """How it is known that it was done.

    `look`: the look finds nothing more. `field`: the look shows one of `equals` in `field`. `request`: the
    answer's `id` is asked about at `path` until its `state` is one of `done`, every one of them; `same` is
    where the answer says which request it is of, where it does. `nothing`: never; it is taken as asked for
    once `days` have passed. `days`: how long the service may take, after which it is asked anew.
    """

    by: Literal["look", "field", "request", "nothing"]
    field: str = ""
    equals: tuple[str, ...] = ()
    id: str = ""
    path: str = ""
    query: Mapping[str, str] = {}
    items: str = ""
    same: str = ""
    state: str = ""
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    days: int = 0


class Person(_Part, frozen=True, kw_only=True):
    """Where an object names the person, by dotted place, and which fields its places are of."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    places: Mapping[str, Field] = {}


Form = Literal["plain", "lower", "lower_sha256", "google_email_sha256"]


class Does(_Part, frozen=True, kw_only=True):
    """One act: what is done, of which record, by what it is known there, and how it is read back.

    `through`: a look whose id is what `look` is asked with. `on` and `off` name a switch of the shop's
    settings that the act needs on, or off. One that is `asked` is done where a person has asked to be erased,
    and by no rule alone. `final` says what cannot be undone. One that is `carried` is done
    `by` a shop system's own erasure, and nobody else is asked or told.
    """

    act: Literal["find", "erase", "stop", "unsubscribe", "rectify", "notify", "export", "carried"]
    kind: Kind = Kind.ORDER
    handle: str
    fields: tuple[Field, ...] = ()
    on_delete: bool = False
    asked: bool = False
    value: Form = "plain"
    through: Look | None = None
    look: Look | None = None
    call: Call | None = None
    read_back: ReadBack | None = None
    person: Person | None = None
    final: Both | None = None
    on: str = ""
    off: str = ""
    by: str = ""


class Test(_Part, frozen=True, kw_only=True):
    """What shows that the key is good: a look whose answer holds one of `shows`, or `by_token`: a token."""

    path: str = ""
    shows: tuple[str, ...] = ()
    by_token: bool = False
    query: Mapping[str, str] = {}


class Note(_Part, frozen=True, kw_only=True):
    """Something that every check says of it."""

    code: str
    en: str
    sv: str


class Refusal(_Part, frozen=True, kw_only=True):
    """What an answer that is no good means there: whose fault it is, and what to do."""

    status: int
    en: str
    sv: str
    code: str = ""
    stops: bool = False


class Limits(_Part, frozen=True, kw_only=True):
    """How gently it is asked: calls that change something, in a minute."""

    per_minute: int = 0


class Reached(_Part, frozen=True, kw_only=True):
    """Where it takes in a notice: address or form, on whose word, and when that was read."""

    address: str = ""
    form: str = ""
    source: str
    read: date


class Thing(_Part, frozen=True, kw_only=True):
    """What it holds, what becomes of it there, and on whose word.

    `told`: it goes by letter, and the recipient decides itself.
    """

    en: str
    sv: str
    how: Literal["done", "asked", "told", "carried", "read", "by_hand", "cannot"]
    source: str
    read: date


class Retention(_Part, frozen=True, kw_only=True):
    """A setting of the service that says how long it keeps something: `months` by its own words.

    `anew`: where the answer says that the time begins anew; it must be no, or left out.
    """

    en: str
    sv: str
    path: str
    place: str
    months: Mapping[str, int]
    anew: str = ""


class Described(_Part, frozen=True, kw_only=True):
    """A whole description."""

    format: Literal[1]
    name: str
    title: str
    code: str
    role: Literal["processor", "controller"]
    channel: Reached
    does: tuple[Does, ...]
    legal_name: str = ""
    role_assumed: bool = False
    hosts: tuple[str, ...] = ()
    base: str = ""
    headers: Mapping[str, str] = {}
    error_code: str = ""
    auth: Auth = Auth()
    keys: Mapping[str, Key] = {}
    test: Test | None = None
    limits: Limits = Limits()
    notes: tuple[Note, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    things: tuple[Thing, ...] = ()
    retention: tuple[Retention, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The keys without which nothing is called there."""
        return tuple(name for name, key in self.keys.items() if key.needed and key.kind != "switch")

    @property
    def finals(self) -> tuple[Both, ...]:
        """What cannot be undone there; the first is what a report says."""
        return tuple(does.final for does in self.does if does.final is not None)[:1]

    def meanings(self) -> tuple[tuple[str, str], ...]:
        """What each key of its settings means, by dotted key."""
        own = [(f"recipients.{self.name}.{name}", key.en) for name, key in self.keys.items()]
        url = (f"recipients.{self.name}.url", "Another address of the API.")
        return (*own, url) if self.base else tuple(own)

    def asked_of(self, act: str) -> Does | None:
        """The first thing that it does of this kind."""
        return next((one for one in self.does if one.act == act), None)
