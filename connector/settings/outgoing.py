"""The tables of whom Gallra calls by signed webhook: monitors that are told, and one that may say no."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr

from connector.about.refusing import refuse, refuse_repeated
from connector.about.secrets import Secret
from connector.about.tables import Table
from connector.about.web import SecureUrl
from connector.ports.posting import Told

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise refuse("may hold only a-z, 0-9 and hyphens, at most 40. Choose a short name.")
    return value


class Webhook(Table):
    """One address that is told, by Standard Webhooks; its name stands in the ledger, its address does not."""

    name: Annotated[StrictStr, AfterValidator(_name)]
    url: SecureUrl
    secret: Secret
    # The secret of before, while the receiver changes to the new one: both sign.
    old_secret: Secret | None = None
    events: Annotated[tuple[Told, ...], Field(min_length=1)] = tuple(Told)
    private: StrictBool = False


def _named_once(hooks: tuple[Webhook, ...]) -> tuple[Webhook, ...]:
    refuse_repeated([one.name for one in hooks], "name", "Give each a name of its own.")
    return hooks


Webhooks = Annotated[tuple[Webhook, ...], AfterValidator(_named_once)]


class Veto(Table):
    """Who is asked before anything is erased, and what no answer means."""

    url: SecureUrl
    secret: Secret
    seconds: Annotated[StrictInt, Field(ge=1, le=60)] = 10
    unanswered: Literal["hold", "go_on"] = "hold"
    # Whether an answer counts only where it is signed with the same secret.
    signed: StrictBool = False
    private: StrictBool = False
