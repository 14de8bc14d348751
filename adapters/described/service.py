"""The calls of a description: each is written in it, and nothing else is ever asked."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests

from adapters.described.signing import signer_of
from adapters.described.values import Words, at, body_of, filled, fits, path_of, said
from adapters.http import HTML, Http, Row, Statuses, json_error_code
from adapters.http.answer import json_object
from adapters.network import Network
from connector.about.described import Call, Described, Look
from connector.errors import AccessDenied, Rejected, SettingsError

_PAGE, _PAGES = 100, 200
Object = Mapping[str, Any]


class Service:
    """One described service; `sleep` is injectable."""

    def __init__(
        self, one: Described, settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._one, self._sleep = one, sleep
        self._keys = {
            f"key.{name}": str(settings[name])
            for name, key in one.keys.items()
            if key.kind == "text" and settings.get(name)
        }
        _must_fit(one, self._keys)
        make = partial(self._session, settings)
        pair = (str(settings.get(one.auth.user) or ""), str(settings.get(one.auth.secret) or ""))
        self._http = make(_base(one, settings), pair if one.auth.kind == "basic" else None)
        self._signer = signer_of(one, settings, make)
        self._headers = {name: filled(text, self._keys) for name, text in one.headers.items()}
        self._walked: dict[str, tuple[Object, ...]] = {}
        self._controlled: set[str] = set()
        self._next = 0.0

    def _session(self, settings: Mapping[str, Any], base: str, pair: tuple[str, str] | None = None) -> Http:
        place = self._one.error_code
        return Http(
            adapter=self._one.name,
            base=base,
            auth=pair,
            statuses=_statuses(self._one),
            error_code=partial(_code_at, place) if place else json_error_code,
            network=Network.of(settings),
            sleep=self._sleep,
        )

    def anew(self) -> None:
        """Forgets the lists that were walked, and what they were held against."""
        self._walked.clear()
        self._controlled.clear()

    def works(self) -> None:
        """Returns where the key is good. Raises Rejected for an answer that shows nothing of it."""
        test = self._one.test
        assert test is not None
        if test.by_token:
            self._signer.headers()
            return
        body = self._get(test.path, test.query, {}, "try the key")
        if not any(at(body, place) not in (None, "") for place in test.shows):
            raise self.no_object("try the key")

    def look(self, look: Look, words: Words) -> tuple[Object, ...]:
        """The objects that are of `value`, by their own word; none where the service says that there is none.

        Raises Rejected for an answer that is no word of it: another's object, a bare "not found", a list
        that is empty while the one beside it is too.
        """
        found = self._rows(look, words) if look.items else self._object(look, words)
        if not found and look.control:
            self._must_show(look)
        return found

    def shown(self, look: Look, value: str) -> Object | None:
        """One object as the service shows it; None where it shows none."""
        try:
            body = self._get(look.path, look.query, {"value": value}, "read one")
        except Rejected as error:
            if error.status == 404 and error.code != HTML:
                return None
            raise
        if not isinstance(body, dict) or (look.same and said(at(body, look.same)) != value):
            raise self.other_answer("read one")
        return body

    def state(self, look: Look, value: str) -> str | None:
        """How one object stands; None where the service shows none, or another."""
        try:
            body = self._get(look.path, look.query, {"value": value}, "read one")
        except Rejected as error:
            if error.status == 404 and error.code != HTML:
                return None
            raise
        own = isinstance(body, dict) and (not look.same or at(body, look.same) in (value, None))
        return said(at(body, look.state)) if own else None

    def read(self, path: str) -> Any:
        """What stands at a path that is nobody's object; nothing is changed."""
        return self._get(path, {}, {}, "read a setting")

    def call(self, call: Call, words: Words) -> Any:
        """What the service answers to one call, decoded; None where it says nothing."""
        known = {**self._keys, **words}
        query = {name: filled(text, known) for name, text in call.query.items()}
        body = None if call.body is None else body_of(call.body, known)
        self._pace()
        answer = self._http.request(
            call.method, path_of(call.path, known), operation="carry out", params=query or None,
            headers={**self._headers, **self._signer.headers()}, write=True, idempotent=True, ok=call.good,
            data=body if call.form else None, json=None if call.form else body,
        )  # fmt: skip
        return answer.json()

    def asked_about(self, path: str, query: Mapping[str, str], request: str) -> Any:
        """What the service answers of a request that it took in."""
        return self._get(path, query, {"request": request}, "ask about a request")

    def _get(self, path: str, query: Mapping[str, str], words: Words, operation: str) -> Any:
        known = {**self._keys, **words}
        return self._http.request(
            "GET", path_of(path, known), operation=operation, fresh=True, ok=(200,),
            params={name: filled(text, known) for name, text in query.items()} or None,
            headers={**self._headers, **self._signer.headers()} or None,
        ).json()  # fmt: skip

    def _object(self, look: Look, words: Words) -> tuple[Object, ...]:
        try:
            body = self._get(look.path, look.query, words, "look for one")
        except Rejected as error:
            if error.status == 404 and error.code in look.gone:
                return ()
            raise
        if not isinstance(body, dict) or not body:
            raise self.no_object("look for one")
        if not _is_of(body, look, words):
            raise self.other_answer("look for one")
        return (body,)

    def _rows(self, look: Look, words: Words) -> tuple[Object, ...]:
        """The rows of a list that are of the value. A list that was narrowed to it holds nobody else."""
        narrowed = any("{value}" in text for text in (look.path, *look.query.values()))
        rows = tuple(self._walk(look, words)) if narrowed else self._all(look, words)
        own = tuple(row for row in rows if _is_of(row, look, words))
        if narrowed and rows and not own:
            raise self.other_answer("look in a list")
        return own

    def _all(self, look: Look, words: Words) -> tuple[Object, ...]:
        """Every row of a list that knows no narrowing, walked once."""
        if look.path not in self._walked:
            self._walked[look.path] = tuple(self._walk(look, words))
        return self._walked[look.path]

    def _walk(self, look: Look, words: Words) -> Iterator[Object]:
        for page in range(_PAGES):
            paged = {"limit": str(_PAGE), "offset": str(page * _PAGE)} if look.paged else {}
            rows = self._list(look.path, {**look.query, **paged}, look.items, words)
            yield from rows
            if not look.paged or len(rows) < _PAGE:
                return
        raise self.no_object("look in a list")

    def _list(self, path: str, query: Mapping[str, str], items: str, words: Words) -> Sequence[Object]:
        rows = at(self._get(path, query, words, "look in a list"), items)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.no_object("look in a list")
        return rows

    def _must_show(self, look: Look) -> None:
        """That the list beside it shows something, once a push: a key of another account shows nothing."""
        if look.control not in self._controlled:
            if not self._list(look.control, look.control_query, look.items, {}):
                raise self.no_object("look in a list")
            self._controlled.add(look.control)

    def _pace(self) -> None:
        """Waits as long as the description says that the service asks for between two calls."""
        if self._one.limits.per_minute:
            now = time.monotonic()
            if now < self._next:
                self._sleep(self._next - now)
            self._next = max(now, self._next) + 60 / self._one.limits.per_minute

    def no_object(self, operation: str) -> Rejected:
        """The error of an answer that shows nothing of what it must."""
        name = self._one.name
        return Rejected(
            f"{name}: the answer to `{operation}` shows nothing of what it must, so it is not believed. "
            "Check `url`, the account of the key, and what stands between this machine and the service.",
            adapter=name, operation=operation, code="no_object",
        )  # fmt: skip

    def other_answer(self, operation: str) -> Rejected:
        """The error of an answer that is of something else than was asked."""
        name = self._one.name
        return Rejected(
            f"{name}: `{operation}` was answered with something else, so it is not believed. Run again; if "
            "it stays so, see what stands between this machine and the service.",
            adapter=name, operation=operation, code="other_answer",
        )  # fmt: skip


def _is_of(row: Object, look: Look, words: Words) -> bool:
    """Whether an object says that it is of the value; letters of an address may be large or small.

    What says nothing is of nobody, and nobody's value is of nothing.
    """
    value = words["value"].casefold()
    return not look.same or (bool(value) and said(at(row, look.same)).casefold() == value)


def _must_fit(one: Described, keys: Words) -> None:
    """Raises SettingsError for a key of the shop's that would end the words around it in a call."""
    odd = [name.partition(".")[2] for name, value in keys.items() if not fits(value)]
    if odd:
        raise SettingsError(
            [f"recipients.{one.name}.{odd[0]}: holds signs that may not stand in a call. Correct it."]
        )


def _base(one: Described, settings: Mapping[str, Any]) -> str:
    """The address of the API; one that the shop gives without a path has the description's."""
    own = str(settings.get("url") or one.base).rstrip("/")
    return own if urlsplit(own).path else own + urlsplit(one.base).path


def _statuses(one: Described) -> Statuses:
    return {
        ((refusal.status, refusal.code) if refusal.code else refusal.status): Row(
            error=AccessDenied if refusal.stops else Rejected, advice=refusal.en
        )
        for refusal in one.refusals
    }


def _code_at(place: str, response: requests.Response) -> str:
    return said(at(json_object(response), place))
