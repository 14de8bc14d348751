"""Passkeys (W3C Web Authentication, Level 3); the only file that imports webauthn."""

from typing import Any, NamedTuple

import webauthn
from webauthn.helpers import options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from connector.errors import GallraError
from connector.serve.pages.people import Passkey, Person
from connector.text.decoding import json_as

LONGEST = 16 * 1024
"""Characters of a passkey's answer."""

_VERIFIED = UserVerificationRequirement.REQUIRED
_FIVE_MINUTES = 300_000  # milliseconds


class Place(NamedTuple):
    """What passkeys are of: the host, and the origin that a browser must say it was on."""

    host: str
    origin: str


class Made(NamedTuple):
    """A passkey that was just made: its id, its public key, how often it says it was used."""

    id: bytes
    public: bytes
    used: int


def to_enrol(place: Place, person: Person, challenge: bytes) -> str:
    """What the browser is asked, to make a passkey: JSON."""
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name="Gallra",
        user_id=bytes.fromhex(person.id),
        user_name=person.name,
        challenge=challenge,
        timeout=_FIVE_MINUTES,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
    )
    return options_to_json(options)


def made(answer: str, place: Place, challenge: bytes) -> Made:
    """The passkey that an answer brings. Raises GallraError where it is none to this question."""
    try:
        found = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except _FAULTS:
        raise _not_taken() from None
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def to_sign(place: Place, challenge: bytes, ids: tuple[bytes, ...] = ()) -> str:
    """What the browser is asked, to sign with a passkey, one of these where any is named: JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        timeout=_FIVE_MINUTES,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in ids],
        user_verification=_VERIFIED,
    )
    return options_to_json(options)


def id_of(answer: str) -> bytes:
    """Which passkey an answer says that it is of. Raises GallraError where it is no answer."""
    id = _read(answer).get("rawId")
    try:
        return webauthn.base64url_to_bytes(id) if isinstance(id, str) else b""
    except _FAULTS:
        raise _not_taken() from None


def signed(answer: str, key: Passkey, place: Place, challenge: bytes) -> int:
    """How often the passkey says that it was used. Raises GallraError where it did not sign this question."""
    try:
        found = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=key.public,
            credential_current_sign_count=key.used,
            require_user_verification=True,
        )
    except _FAULTS:
        raise _not_taken() from None
    return found.new_sign_count


# What the library makes of an answer that is none: its own faults, and Python's where it is cut short.
_FAULTS = (
    WebAuthnException, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip


def _read(answer: str) -> dict[str, Any]:
    found = json_as(answer, dict[str, Any]) if len(answer) <= LONGEST else None
    if found is None:
        raise _not_taken()
    return found


def _not_taken() -> GallraError:
    return GallraError(
        "The passkey's answer is not one to this page. Nothing was done. Open the page anew and try again."
    )
