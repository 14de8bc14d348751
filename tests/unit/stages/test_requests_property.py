"""Whoever asks, and whatever ties persons together: nobody else's record is sent, erased or even in scope."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connector.deciding.request_scope import scope_of
from connector.errors import GallraError
from connector.ledger.plans import Plans
from connector.ledger.plans.scopes import scope_of_request
from connector.ledger.requests import Register
from connector.records import Kind, Ref
from connector.stages.requests.access import access, asked_by
from tests.engine_support import LAST_YEAR, LONG_AGO
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_requests import BY, typed

MAILS = ("anna@kund.example", "bo@kund.example", "Cia@kund.example", "")
PHONES = ("+46701234567", "070-999 99 99", "")
ACCOUNTS = ("", "7", "8")
NOBODY: Mapping[str, str] = MappingProxyType({})


class Drawn(NamedTuple):
    """One order: by which address and phone, of which account, of long ago or not."""

    mail: str
    phone: str
    account: str
    old: bool


orders = st.lists(
    st.builds(
        Drawn, st.sampled_from(MAILS), st.sampled_from(PHONES), st.sampled_from(ACCOUNTS), st.booleans()
    ),
    min_size=1,
    max_size=7,
)


owners_of = st.fixed_dictionaries({account: st.sampled_from(MAILS) for account in ACCOUNTS[1:]})
"""By which address each account signs in; none where the shop shows no account of that number."""


def world(folder: Path, drawn: list[Drawn], owners: Mapping[str, str] = NOBODY) -> Opened:
    """A shop of these orders and accounts, pulled and planned."""
    shop = Opened(folder)
    for account, mail in owners.items():
        if mail:
            shop.memory.customer(account, LAST_YEAR, email=mail)
    for number, one in enumerate(drawn):
        own = {"email": one.mail, "phone": one.phone, "name": f"Person {number}"}
        shop.memory.order(str(number), LONG_AGO if one.old else LAST_YEAR, account=one.account, **own)
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0, words
    return shop


def request(shop: Opened, kind: str, mail: str, phone: str) -> str:
    """A request by an address and, where one is given, a phone, both seen to elsewhere."""
    more = ("--phone",) if phone else ()
    said = typed(shop, f"{mail}\n{phone}", "request", "open", kind, "--person", *more, *BY)
    code = said.split()[1]
    assert shop.gallra("request", "identify", code, "--elsewhere", "BankID", *BY).code == 0
    return code


def is_anothers(one: Drawn, mail: str, phone: str, owners: Mapping[str, str] = NOBODY) -> bool:
    """Whether an order is not surely the person's.

    It stands in an account that signs in by another address, or has another, or none and another phone.
    """
    if owners.get(one.account, "") and owners[one.account].casefold() != mail.casefold():
        return True
    if one.mail:
        return one.mail.casefold() != mail.casefold()
    return one.phone != phone or not phone


@settings(
    max_examples=max(6, settings().max_examples // 50), deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a shop an example: shrinking takes too long
)  # fmt: skip
@given(drawn=orders, owners=owners_of, mail=st.sampled_from(MAILS[:3]), phone=st.sampled_from(PHONES))
def test_nothing_of_anybody_else_is_in_scope_sent_or_erased_and_access_finds_what_erasure_touches(
    drawn: list[Drawn], owners: Mapping[str, str], mail: str, phone: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = world(Path(folder), drawn, owners)
        seen, wanted = (request(shop, kind, mail, phone) for kind in ("access", "erase"))
        opened = shop.open()
        with opened.ledger.begin() as connection:
            rows = {code: Register(opened.ledger).get(connection, code) for code in (seen, wanted)}
        others = {str(number) for number, one in enumerate(drawn) if is_anothers(one, mail, phone, owners)}
        mine = {str(number) for number in range(len(drawn))} - others
        try:
            found = access(opened, asked_by(opened, rows[seen]))
        except GallraError:  # all that finds anybody is a number that several have given
            assert scope_of(opened.ledger, opened.platforms, rows[wanted]).refs == ()
            return
        sent = {one.ref.id for one in found.copies if one.ref.kind is Kind.ORDER}
        accounts = {account for account, owner in owners.items() if owner.casefold() == mail.casefold()}
        assert {one.ref.id for one in found.copies if one.ref.kind is Kind.CUSTOMER} == accounts
        surely = {n for n in mine if drawn[int(n)].mail}  # a phone that two share finds nobody by itself
        assert surely <= sent <= mine
        named = {one.ref.id for one in found.questions if one.ref and one.ref.kind is Kind.ORDER}
        assert named <= others
        scope = scope_of(opened.ledger, opened.platforms, rows[wanted])
        assert set(scope.refs) == {one.ref for one in found.copies}
        assert set(scope.asked_refs) == {one.ref for one in found.questions}
        # The copy was shown: what it held of them goes on its way.
        assert shop.gallra("request", "decide", seen).code == 0
        assert shop.gallra("request", "answer", seen, *BY).code == 0
        before = {number: dict(shop.memory.of(number).values) for number in others}
        erased(shop, wanted)
        assert {number: dict(shop.memory.of(number).values) for number in others} == before
        touched = steps_of(shop, wanted)
        assert {ref.id for ref in touched if ref.kind is Kind.ORDER} <= sent


def erased(shop: Opened, code: str) -> None:
    drawn = shop.gallra("request", "decide", code, "--json")
    assert drawn.code == 0, drawn.err
    if drawn.json["plan"]:
        plan = drawn.json["plan"]
        assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
        said = shop.gallra("apply", "--plan", plan)
        assert said.code == 0, said.err


def steps_of(shop: Opened, code: str) -> set[Ref]:
    opened = shop.open()
    plans = Plans(opened.ledger)
    with opened.ledger.begin() as connection:
        plan = plans.current(connection, scope=scope_of_request(code))
        return set() if plan is None else {one.ref for one in plans.digest_steps(connection, plan.id)}


def test_a_phone_that_two_share_sends_neither_the_others_order(tmp_path: Path) -> None:
    shared = [Drawn(MAILS[0], PHONES[0], "", True), Drawn(MAILS[1], PHONES[0], "", True)]
    shop = world(tmp_path, shared)
    code = request(shop, "access", MAILS[0], PHONES[0])
    opened = shop.open()
    with opened.ledger.begin() as connection:
        row = Register(opened.ledger).get(connection, code)
    found = access(opened, asked_by(opened, row))
    assert {one.ref.id for one in found.copies} == {"0"}
    assert {one.ref.id for one in found.questions if one.ref} <= {"1"}
    assert {ref.id for ref in scope_of(opened.ledger, opened.platforms, row).refs} == {"0"}
