"""Signing in and out, and the one-time invitation: passkeys alone, no password anywhere."""

import secrets
from typing import NamedTuple

from starlette.responses import Response

from connector.errors import GallraError, NotThere
from connector.serve.pages import passkeys
from connector.serve.pages.asking import Ask, page, see_other
from connector.serve.pages.home import Home
from connector.serve.pages.people import SESSION, Passkey, Role
from connector.serve.pages.tokens import FORM, Nonce


class Cookies(NamedTuple):
    """What the cookies are called: behind https their names bind them to this host."""

    session: str
    begun: str
    language: str = "gallra-language"


def cookies_of(home: Home) -> Cookies:
    """The names of a home's cookies."""
    prefix = "__Host-" if home.secure else ""
    return Cookies(session=f"{prefix}gallra", begun=f"{prefix}gallra-begun")


def begin(ask: Ask, answer: Response) -> None:
    """The sign-in's own short cookie, Lax: an invitation may be opened from a mail."""
    name, home = cookies_of(ask.site.home).begun, ask.site.home
    answer.set_cookie(
        name, ask.visitor, max_age=int(FORM.total_seconds()), httponly=True, samesite="lax",
        secure=home.secure, path="/",
    )  # fmt: skip


def new_visitor() -> str:
    """What the forms of somebody who has not signed in are tied to."""
    return secrets.token_urlsafe(24)


def show_sign_in(ask: Ask) -> Response:
    """The question to any passkey of this address."""
    if ask.person is not None:
        return see_other("/")
    nonce = _nonce(ask, "sign in")
    question = passkeys.to_sign(ask.site.home.place, ask.site.tokens.challenge(_read(ask, nonce, "sign in")))
    answer = page(ask, "sign_in.html.j2", question=question, nonce=nonce)
    begin(ask, answer)
    return answer


def sign_in(ask: Ask) -> Response:
    """A session, where a passkey signed the question of this visitor; each question counts once."""
    nonce = _spent(ask, "sign in")
    key = signing_key(ask)
    used = passkeys.signed(ask.one("answer"), key, ask.site.home.place, ask.site.tokens.challenge(nonce))
    ask.site.people.was_used(key, used)
    return _with_session(ask, key)


def signing_key(ask: Ask) -> Passkey:
    """The passkey that an answer says it is of. Raises GallraError where nobody here has it."""
    key = ask.site.people.passkey(passkeys.id_of(ask.one("answer")))
    if key is None:
        raise GallraError("This passkey is of nobody here. Ask for an invitation. Nothing was done.")
    return key


def _with_session(ask: Ask, key: Passkey) -> Response:
    names, home = cookies_of(ask.site.home), ask.site.home
    answer = see_other("/")
    answer.set_cookie(
        names.session, ask.site.people.begin_session(key.person), max_age=int(SESSION.total_seconds()),
        httponly=True, samesite="strict", secure=home.secure, path="/",
    )  # fmt: skip
    answer.delete_cookie(names.begun, path="/", secure=home.secure, httponly=True, samesite="lax")
    return answer


def sign_out(ask: Ask) -> Response:
    """Ends the session."""
    if ask.person is not None:
        ask.site.people.end_session(ask.visitor)
    answer = see_other("/sign-in")
    home = ask.site.home
    name = cookies_of(home).session
    answer.delete_cookie(name, path="/", secure=home.secure, httponly=True, samesite="strict")
    return answer


def show_enrol(ask: Ask) -> Response:
    """Who is invited to what, and the question that makes a passkey; asking uses nothing up."""
    secret = ask.path["invitation"]
    person = ask.site.people.invited(secret)
    if person is None:
        raise NotThere("This invitation is over or was taken up. Ask for another one.")
    nonce = _nonce(ask, "enrol")
    challenge = ask.site.tokens.challenge(_read(ask, nonce, "enrol"), secret)
    answer = page(
        ask, "enrol.html.j2", invited=person, roles=[role for role in Role if person.may(role)],
        invitation=secret, nonce=nonce, question=passkeys.to_enrol(ask.site.home.place, person, challenge),
    )  # fmt: skip
    begin(ask, answer)
    return answer


def enrol(ask: Ask) -> Response:
    """Takes an invitation up with the passkey that was just made, and signs in with it."""
    nonce, secret = _spent(ask, "enrol"), ask.one("invitation")
    made = passkeys.made(ask.one("answer"), ask.site.home.place, ask.site.tokens.challenge(nonce, secret))
    ask.site.people.enrol(secret, id=made.id, public=made.public, used=made.used)
    return _with_session(ask, signing_key(ask))


def _nonce(ask: Ask, purpose: str) -> str:
    return ask.site.tokens.nonce(f"{purpose} {ask.visitor}", ask.site.clock())


def _read(ask: Ask, carried: str, purpose: str) -> Nonce:
    """The nonce of this visitor's page. Raises GallraError where it is of another, or over."""
    nonce = ask.site.tokens.read_nonce(carried, f"{purpose} {ask.visitor}", ask.site.clock())
    if nonce is None:
        raise GallraError(
            "This page has been open too long, or is another's. Open it anew. Nothing was done."
        )
    return nonce


def spend(ask: Ask, purpose: str) -> Nonce:
    """The nonce of the form, used up. Raises GallraError where it was used, is another's, or is over."""
    nonce = _read(ask, ask.one("nonce"), purpose)
    if not ask.site.people.spend(nonce.text, nonce.until):
        raise GallraError("This page was sent once already. Open it anew. Nothing was done twice.")
    return nonce


_spent = spend
