"""What came of an objection to mailings, as its person is told: what was read back, by name, and what not."""

from collections.abc import Iterable

from connector.errors import LedgerError
from connector.ledger.plans import Plans, StepRow
from connector.ledger.request_outcomes import steps_as_they_stand
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.ports.consents import beyond_calls
from connector.report.request_letters.model import Confirmation
from connector.report.shared import Both
from connector.report.tables import lower_first
from connector.report.words import Words
from connector.request import RequestKind
from connector.shop import Shop
from connector.views.dry_run.heads import known_as

_BEFORE = (RequestState.RECEIVED, RequestState.IDENTIFIED)
CLEAN = "clean"
"""What a read-back writes to a channel that is ended."""


def objected_of(shop: Shop, row: RequestRow) -> Confirmation:
    """The channels of every service as they stand. Raises LedgerError before mailings were ended, or of none.

    A channel counts as ended where no record of the person there says yes any more, as it was read back.
    """
    tried = row.state not in _BEFORE and (row.scope or row.state is not RequestState.SCOPED)
    if row.kind is not RequestKind.OBJECT or not tried:
        raise LedgerError(
            f"No mailings were ended at the word of request {row.code}: it is no objection, or is "
            f"{row.state}. `gallra request decide {row.code} --mailings --by NAME` ends them. Nothing was "
            "written."
        )
    with shop.ledger.begin() as connection:
        found = steps_as_they_stand(Plans(shop.ledger), connection, row.scope) if row.scope else {}
    steps = tuple(found.values())
    waiting = _channels(one for one in steps if one.read_back != CLEAN)
    ended = [one for one in _channels(steps) if one not in waiting]
    beyond = beyond_calls(shop.recipients, shop.platforms)
    return Confirmation(
        on=shop.today, marketing=True, ended=_named(ended), waiting=_named(waiting),
        by_hand=tuple(dict.fromkeys(known_as(shop, one)[0] for one in beyond)),
    )  # fmt: skip


def _channels(steps: Iterable[StepRow]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.step.ref.adapter, one.step.channel) for one in steps))


def _named(channels: Iterable[tuple[str, str]]) -> tuple[Both, ...]:
    return tuple(Both(sv=_name(*one, Words("sv")), en=_name(*one, Words("en"))) for one in channels)


def _name(service: str, channel: str, words: Words) -> str:
    return f"{words.service(service)}, {lower_first(words.code('channel', channel))}"


__all__ = ["objected_of"]
