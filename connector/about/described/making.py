"""What a description makes of itself: the table of its settings, what it is told, and what is final."""

from typing import Any, ClassVar, Literal, cast

from pydantic import StrictBool, create_model

from connector.about.described.parts import Described, Does
from connector.about.description import About
from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.about.values import Text
from connector.about.web import SecureUrl
from connector.ports import Act, Channel, Interest

_ACTS = {
    "erase": Act.ERASE, "rectify": Act.ERASE, "stop": Act.STOP, "unsubscribe": Act.STOP, "notify": Act.NOTIFY,
}  # fmt: skip
_KINDS: dict[str, tuple[Any, Any]] = {
    "text": (Text | None, None), "secret": (Secret | None, None), "switch": (StrictBool, False),
}  # fmt: skip
ORDER = 50
"""Where descriptions stand among the adapters; then by name."""


def about_of(one: Described) -> About:
    """The description as every command reads it."""
    return About(
        name=one.name,
        title=one.title,
        order=ORDER,
        recipient=_table(one),
        tells_without_key=any(does.act in ("notify", "carried") for does in one.does),
        channel=channel_of(one),
        final=finals_of(one),
    )


def finals_of(one: Described) -> dict[Act, str]:
    """What cannot be undone there, by act; the code is the recipient's name."""
    return {_ACTS[does.act]: one.name for does in one.does if does.final is not None}


def channel_of(one: Described) -> Channel:
    """Where it takes in a notice."""
    said = one.channel
    return Channel(address=said.address, form=said.form, source=said.source, read=said.read)


def interests_of(
    one: Described, *, called: bool, switched: frozenset[str]
) -> tuple[tuple[Interest, Does], ...]:
    """What it is told, with the act behind each; by letter alone where it cannot be `called`."""
    return tuple(
        (
            Interest(
                act=_ACTS[does.act], kind=does.kind, handle=does.handle, fields=frozenset(does.fields),
                on_delete=does.on_delete, irreversible=does.final is not None, asked=does.asked,
            ),
            does,
        )
        for does in one.does
        if does.act in _ACTS and (called or does.act == "notify")
        and (not does.on or does.on in switched) and not (does.off and does.off in switched)
    )  # fmt: skip


def _table(one: Described) -> type[Recipient]:
    """The keys of `[recipients.NAME]`."""
    keys = {name: _KINDS[key.kind] for name, key in one.keys.items()}
    given: dict[str, tuple[Any, Any]] = {
        "code": (Literal[one.code], one.code),
        "role": (Literal["processor", "controller"], one.role),
        "title": (Text, one.legal_name or one.title),
        "role_assumed": (StrictBool, one.role_assumed),
        **({"url": (SecureUrl | None, None)} if one.base else {}),
        **keys,
    }
    made = create_model(
        "Table", __base__=Recipient, __module__=__name__, __doc__=f"{one.title}, as its description says it.",
        **cast(Any, {"needs": (ClassVar[tuple[str, ...]], one.needs), **given}),
    )  # fmt: skip
    return made
