"""A copy of what the shop holds of one person (Art. 15, 20): fetched now, masked, and kept nowhere here.

An answer covers only records that themselves carry a proven address or number, read from the record of this
moment, and that stand in nobody else's account. What is joined to the person in a weaker way is a question to
whoever answers, and is never sent.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from connector.deciding.request_scope import Accounts, accounts_among, carries, is_shared
from connector.errors import GallraError
from connector.ledger.joined import joined_refs
from connector.ledger.requests import Named, Register, RequestRow
from connector.places.third_persons import LEAST, Proof, masked_for, names_among
from connector.ports import Gone, Keyer, Live, Look, Platform, Unread, looked
from connector.ports.disclosing import (
    Access,
    Copied,
    CopiedOut,
    CopiesOut,
    Discloses,
    DisclosesNotes,
    FromRecipient,
    Given,
    Question,
    Shown,
)
from connector.records import Field, Kind, Record, Ref, Value, from_bits
from connector.request import Level
from connector.services.witness import Witness
from connector.shop import Shop

PER_CALL = 100
"""Records of one request, at the platform whose lists are shortest."""


class Asked(Value, frozen=True, kw_only=True):
    """Whose copy: what they have proven, and every record that the index joins to them, in any way.

    `numbered` are records whose own number was proven, whatever address they carry. `shared` where a
    number that was proven is one that several people have given, by which nobody's records are found.
    """

    proof: Proof
    refs: tuple[Ref, ...]
    numbered: frozenset[Ref] = frozenset()
    shared: bool = False


def must_be_known(shop: Shop, request: RequestRow) -> None:
    """Nothing is fetched while it is not known who asks. Raises GallraError."""
    register = Register(shop.ledger)
    with shop.ledger.begin() as connection:
        _must_be_known(request, register.named(connection, request, proven=True))


def _must_be_known(request: RequestRow, proven: Sequence[Named]) -> Level:
    if request.level is None or not proven:
        raise GallraError(
            f"It is not known yet who asks in request {request.code}, so nothing was fetched. Run `gallra "
            "request identify` first."
        )
    return request.level


def asked_by(shop: Shop, request: RequestRow) -> Asked:
    """Whose copy a request asks for.

    Raises GallraError while nothing is proven, and where all that is proven is a number that several people
    have given: nobody's records are found by it, and to answer that there are none would be untrue.
    """
    register = Register(shop.ledger)
    with shop.ledger.begin() as connection:
        proven = register.named(connection, request, proven=True)
        digests = frozenset(one.digest for one in proven if one.type in ("email", "phone"))
        rows = {one.record for one in proven if one.record is not None}
        refs = joined_refs(shop.ledger, connection, digests, rows)
        numbered = joined_refs(shop.ledger, connection, (), rows)
        shared = is_shared(shop.ledger, connection, proven)
    level = _must_be_known(request, proven)
    if shared and not refs:
        raise GallraError(
            f"The number that request {request.code} is known by is one that several people have given, so "
            "it is not known which records are theirs, and an empty answer would be untrue. Ask the person "
            "for an e-mail address or an order number, and take the request in by it. Nothing was fetched."
        )
    proof = Proof(digests=digests, level=int(level))
    return Asked(proof=proof, refs=refs, numbered=frozenset(numbered), shared=shared)


def requests_of(asked: Asked) -> tuple[int, int]:
    """How many requests a copy takes at the shop, and how many more for notes: at most, told beforehand."""
    places: dict[tuple[str, Kind], int] = {}
    for ref in asked.refs:
        places[ref.adapter, ref.kind] = places.get((ref.adapter, ref.kind), 0) + 1
    orders = sum(count for (_, kind), count in places.items() if kind is Kind.ORDER)
    records = sum(-(-count // PER_CALL) for count in places.values())
    return records, orders if asked.proof.level > LEAST else 0


def access(shop: Shop, asked: Asked) -> Access:
    """The copy, from every platform and every recipient that lets one be made; writes nothing."""
    lives, questions = _theirs(shop, asked)
    known = _known_as(shop, lives, asked)
    copies = list[Copied]()
    for name, platform in shop.platforms.items():
        if own := [one for one in lives if one.ref.adapter == name]:
            copies += _copies(platform, own, known, shop.keyer)
    copying = {name: one for name, one in shop.processors.items() if isinstance(one, CopiesOut)}
    recipients = list[FromRecipient]()
    for name, recipient in copying.items():
        for answer in recipient.copy_out(_handles(lives, recipient)):
            found = _of_recipient(name, answer, asked.proof, shop.keyer)
            if isinstance(found, Question):
                questions.append(found)
            else:
                recipients.append(found)
    return Access(
        level=asked.proof.level, copies=tuple(copies), recipients=tuple(recipients),
        questions=tuple(questions),
    )  # fmt: skip


def _stands_in(record: Record, asked: Asked) -> bool:
    """Whether a record that is another's, or nobody's, names the person among others."""
    return not asked.proof.digests.isdisjoint(one.digest for one in record.also_of)


def _theirs(shop: Shop, asked: Asked) -> tuple[list[Live], list[Question]]:
    """The records that are surely the person's, as they are read now; the others are questions."""
    lives, questions = list[Live](), list[Question]()
    for name, platform in shop.platforms.items():
        refs = tuple(dict.fromkeys(ref for ref in asked.refs if ref.adapter == name))
        looks = list(_looked(shop, platform, refs)) if refs else []
        accounts = _accounts(looks, asked.proof)
        for ref, look in looks:
            if isinstance(look, Live) and (why := _asks(look, asked, accounts)):
                questions.append(Question(where=name, ref=ref, label=look.record.label, why=why))
            elif isinstance(look, Live):
                lives.append(look)
            elif not isinstance(look, Gone):
                questions.append(Question(where=name, ref=ref, label="", why=look.reason))
    return lives, questions


def _accounts(looks: Sequence[tuple[Ref, Look]], proof: Proof) -> Accounts:
    """Whose the accounts are of one service's records."""
    unread = any(ref.kind is Kind.CUSTOMER and not isinstance(look, (Live, Gone)) for ref, look in looks)
    lives = [look.record for _, look in looks if isinstance(look, Live)]
    return accounts_among(lives, proof.digests, unread=unread)


def _asks(live: Live, asked: Asked, accounts: Accounts) -> str:
    """Why a record is a question; empty where it is surely the person's."""
    if live.ref in asked.numbered:
        return ""
    if accounts.are_others(live.record) and live.ref.kind is not Kind.CUSTOMER:
        return "anothers_account"
    if accounts.may_be_others(live.record):
        return "account_unread"
    if carries(live.record, asked.proof.digests, accounts):
        return ""
    return "beside_another" if _stands_in(live.record, asked) else "no_proven_address"


def _known_as(shop: Shop, lives: Sequence[Live], asked: Asked) -> Asked:
    """Who asks, with the names by which their records know them: others' are told by it."""
    found = [
        (live.ref.kind, platform.shown(live))
        for live in lives
        if isinstance(platform := shop.platforms[live.ref.adapter], Discloses)
    ]
    return replace(asked, proof=replace(asked.proof, names=names_among(found)))


def _looked(shop: Shop, platform: Platform, refs: Sequence[Ref]) -> Iterator[tuple[Ref, Look]]:
    looks: dict[Ref, Look] = {ref: Unread(ref=ref, reason="not_answered") for ref in refs}
    if platform.name not in shop.beside.faults:
        with shop.beside.without(platform.name):
            show = platform.fetch_to_show if isinstance(platform, Discloses) else platform.fetch
            looks = looked(show(refs), refs)
    yield from Witness(shop.ledger).held(platform, looks).items()


def _copies(platform: Platform, lives: Sequence[Live], asked: Asked, keyer: Keyer) -> Iterator[Copied]:
    notes = _notes(platform, lives, asked.proof)
    for live in lives:
        shown = tuple(platform.shown(live)) if isinstance(platform, Discloses) else ()
        beside, state = notes.get(live.ref, ((), ""))
        items = masked_for((*shown, *beside), live.ref.kind, asked.proof, keyer)
        yield _copied(live, items, state)


def _copied(live: Live, items: tuple[Given, ...], notes: str) -> Copied:
    record = live.record
    found = {field for one in items for field in one.fields}
    missing = [field for field in from_bits(record.present | record.unread) if field not in found]
    known = notes == "read"  # then an order without a note has none
    return Copied(
        ref=live.ref, label=record.label, created=str(record.facts.created or ""), items=items,
        by_hand=tuple(one for one in missing if not (known and one is Field.STAFF_NOTES)),
        places=record.residue, notes=notes,
    )  # fmt: skip


def _notes(
    platform: Platform, lives: Sequence[Live], proof: Proof
) -> Mapping[Ref, tuple[Sequence[Shown], str]]:
    """The notes beside orders; at the least proof they would be masked whole, so none is fetched."""
    orders = [one for one in lives if one.ref.kind is Kind.ORDER]
    if not isinstance(platform, DisclosesNotes) or not orders:
        return {}
    if proof.level == LEAST:
        return {one.ref: ((), "masked") for one in orders}
    return {ref: ((), "unread") if found is None else (found, "read")
            for ref, found in platform.notes_of(orders)}  # fmt: skip


def _handles(lives: Sequence[Live], recipient: CopiesOut) -> Mapping[str, tuple[str, ...]]:
    return {
        name: tuple(dict.fromkeys(value for live in lives for value in live.handles.get(name, ())))
        for name in recipient.copies_by
    }


def _of_recipient(name: str, answer: CopiedOut, proof: Proof, keyer: Keyer) -> FromRecipient | Question:
    """What a recipient answered; of another person than the proven one, a question."""
    if answer.reason:
        return FromRecipient(recipient=name, handle=answer.handle, reason=answer.reason)
    mails = {keyer("email", one) for one in answer.emails}
    phones = {keyer("phone", one) for one in answer.phones}
    if not (mails or phones) & proof.digests:  # a phone may be shared: where there is an address, that tells
        return Question(where=name, ref=None, label=answer.handle, why="other_person_there")
    items = masked_for(answer.shown, Kind.ORDER, proof, keyer)
    return FromRecipient(recipient=name, handle=answer.handle, items=items)


__all__ = ["PER_CALL", "Asked", "access", "asked_by", "must_be_known", "requests_of"]
