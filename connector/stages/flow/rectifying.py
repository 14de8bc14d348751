"""A request to rectify or complete: what its person gave is planned for their own records (GDPR 16, 19)."""

from collections.abc import Iterator, Sequence

from connector.deciding.rectifying import holds_text, value_of, was_erased
from connector.deciding.request_scope import scope_of
from connector.deciding.terms import Terms
from connector.errors import GallraError, LedgerError
from connector.ledger.index import Row, Rows
from connector.ledger.naming import meant
from connector.ledger.plans.scopes import scope_of_request
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.ledger.undo import Copies
from connector.ports import Kept, Live
from connector.ports.rectifying import Part, Rectifies
from connector.records import Kind, Value, to_bits
from connector.request import RequestKind
from connector.shop import Shop, Sound
from connector.stages.flow.common import Tell, may_write, silent, what_was_read
from connector.stages.flow.reading import pull_shop
from connector.stages.flow.requesting import prove_numbers, register_of
from connector.stages.rectify import Rectifying, Right, Wanted, make_rectify_plan

_BEFORE_APPROVAL = (RequestState.IDENTIFIED, RequestState.SCOPED, RequestState.DECIDED)


class Given(Value, frozen=True, kw_only=True):
    """What a person gave: the part and its value, and of which of their records; never printed."""

    part: Part
    value: str
    order: str = ""
    customer: str = ""

    def __repr__(self) -> str:
        return type(self).__name__


def rectify_request(
    shop: Shop, sound: Sound, code: str, given: Given, *, tell: Tell = silent
) -> tuple[RequestRow, Rectifying]:
    """Pulls, finds what carries what was proven, and plans to put this part right there.

    Raises LedgerError before it is known who asks or once a plan was approved, GallraError where the value
    cannot be written or no record of theirs is to be put right.
    """
    sound.must_be_of(shop.policy)
    may_write(shop)
    value = value_of(given.part, given.value)
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
    _must_ask_for_it(row)
    pull_shop(shop, tell=tell)
    row = prove_numbers(shop, row)
    rows = _rows(shop, scope_of(shop.ledger, shop.platforms, row).sure, given)
    rights = [one for one in _rights(shop, row.kind, rows, given.part, value) if _is_meant(one, given)]
    if not rights:
        raise GallraError(
            "No record of theirs is to be put right there: it stands so already, nothing stands there to "
            "rectify, or what stood there was erased. Nothing was planned."
        )
    with shop.ledger.begin() as connection:
        row = register.advance(connection, row, RequestState.SCOPED)
    terms = Terms(
        policy=shop.policy, capabilities=shop.capabilities, recipients=shop.recipients, limits=shop.limits,
        key=shop.key, today=shop.today, now=shop.clock(),
    )  # fmt: skip
    copies = Copies(shop.ledger, shop.outbox.vault)
    wanted = Wanted(row.code, given.part, tuple(rights))
    made = make_rectify_plan(copies, terms, wanted, rests_on=lambda c: what_was_read(shop, c))
    with shop.ledger.begin() as connection:
        row = register.advance(connection, row, RequestState.DECIDED, scope=scope_of_request(row.code))
    return row, made


def _must_ask_for_it(row: RequestRow) -> None:
    if not row.kind.rectifies:
        raise GallraError(f"Request {row.code} asks for no rectification. Nothing was planned.")
    if row.state is RequestState.RECEIVED:
        raise LedgerError(
            f"Who asks is not known yet. `gallra request identify {row.code} --send` makes a code for the "
            "address that was given."
        )
    if row.state not in _BEFORE_APPROVAL:
        raise LedgerError(
            f"Request {row.code} is {row.state}: what is to be put right is given before its plan is "
            "approved. Nothing was planned."
        )


def _rows(shop: Shop, sure: Sequence[int], given: Given) -> list[Row]:
    """The person's records, or the one that was named. Raises GallraError where that is not theirs."""
    wanted = list(sure)
    for kind, number in ((Kind.ORDER, given.order), (Kind.CUSTOMER, given.customer)):
        if number:
            found = meant(shop.ledger, kind, number)
            if found.id not in sure:
                raise GallraError(
                    "That record does not carry what was proven, so it is not theirs. Nothing was planned."
                )
            wanted = [found.id]
    with shop.ledger.begin() as connection:
        rows = Rows(shop.ledger).rows(connection, wanted)
    return [rows[one] for one in sorted(rows)]


def _is_meant(one: Right, given: Given) -> bool:
    """Whether a hand is asked for: where something of the part stands, or the record was named."""
    named = bool(given.order or given.customer)
    return one.kept is not None or named or bool(one.row.record.present & to_bits(given.part.fields))


def _rights(shop: Shop, kind: RequestKind, rows: Sequence[Row], part: Part, value: str) -> Iterator[Right]:
    """What is to be put right in each record, as it is read now; what is so already is left out.

    To rectify is of what stands there; to complete is of what is lacking too, and never of what was erased.
    """
    for name, platform in shop.platforms.items():
        own = {row.record.ref: row for row in rows if row.record.ref.adapter == name}
        for look in platform.fetch(list(own)) if own else ():
            if not isinstance(look, Live):
                raise GallraError(
                    "A record of theirs could not be read now. Try again once the shop answers. Nothing was "
                    "planned."
                )
            kept = platform.to_rectify(look, part, value) if isinstance(platform, Rectifies) else None
            if kept is None:
                yield Right(own[look.ref], None)
            elif _is_to_be_set(kind, kept):
                yield Right(own[look.ref], kept)


def _is_to_be_set(kind: RequestKind, kept: Kept) -> bool:
    if kept.before == kept.after or was_erased(kept):
        return False
    return kind is RequestKind.COMPLETE or holds_text(kept)


__all__ = ["Given", "rectify_request"]
