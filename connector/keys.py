"""The ledger's three keys and its place, as the settings name them, whatever the ledger was made with."""

from collections.abc import Sequence
from pathlib import Path

from connector.about.secrets import Secret, SecretMissing
from connector.errors import SettingsError
from connector.ledger import read_key
from connector.ledger.dialect.postgres import Server, on_server
from connector.ledger.proof.sealer import SEAL_KEY, Sealer
from connector.settings import Settings, resolve_secrets


def read_keys(settings: Settings) -> tuple[bytes, bytes]:
    """The vault key and the subject key. Raises SettingsError where one is missing or stands twice."""
    found = resolve_secrets(settings, only=("ledger",)).get("ledger", {})
    lacking = [name for name in ("key", "subject_key") if name not in found]
    _must_be_named(lacking)
    vault_key = read_key(found["key"], name="vault key")
    subject_key = read_key(found["subject_key"], name="subject key")
    if vault_key == subject_key:
        raise SettingsError(["ledger.subject_key: is the same as ledger.key. Make two different keys."])
    if found.get("seal_key", "").strip() in (found["key"].strip(), found["subject_key"].strip()):
        raise SettingsError(["ledger.seal_key: is the same as another key. Make a key of its own."])
    return vault_key, subject_key


Lies = Path | Server
"""Where a ledger lies: in a file, or on a server."""


def place_of(settings: Settings) -> Lies:
    """Where the ledger lies. Raises SettingsError without the secret, LedgerError where it is no address."""
    secret = settings.ledger.url
    if secret is None:
        return settings.ledger.path
    return on_server(_value(settings, secret, "url"), settings.shop.id)


def read_vault_key(settings: Settings) -> bytes:
    """The vault key alone: what is sealed opens by it and by no other. Raises SettingsError."""
    secret = settings.ledger.key
    _must_be_named(["key"] if secret is None else [])
    assert secret is not None
    return _at_hand(settings, secret, "key", name="vault key")


def _must_be_named(lacking: Sequence[str]) -> None:
    if lacking:
        raise SettingsError(
            [
                f"ledger.{name}: is missing, and the ledger is sealed with it. "
                f'Make one with `gallra init --keys` and write {name} = {{ file = "..." }}.'
                for name in lacking
            ]
        )


def _at_hand(settings: Settings, secret: Secret, setting: str, *, name: str) -> bytes:
    return read_key(_value(settings, secret, setting), name=name)


def _value(settings: Settings, secret: Secret, setting: str) -> str:
    try:
        return secret.value(settings.environ)
    except SecretMissing as error:
        raise SettingsError([settings.fault(str(error), "ledger", setting)]) from None


def read_sealer(settings: Settings) -> Sealer | None:
    """What shows whether the ledger was changed by hand; None where the settings name no seal key.

    The other keys are not asked for: a ledger whose vault key is lost can still be answered for.
    """
    secret = settings.ledger.seal_key
    if secret is None:
        return None
    return Sealer(_at_hand(settings, secret, "seal_key", name=SEAL_KEY))
