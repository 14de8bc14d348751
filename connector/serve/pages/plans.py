"""A plan by round, rule and record: what goes, why, since when, and where it lies in the shop's admin."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from starlette.responses import Response

from connector.calendar import add_months
from connector.errors import GallraError, NotThere
from connector.ledger.last_check import last_found
from connector.ledger.plans import StepRow
from connector.ledger.plans.pages import StepPages
from connector.plan import done_to
from connector.policy.binding import bound_by
from connector.ports import Access
from connector.records import Action, Field, HoldId, Kind, Wave
from connector.report.drawn.page import safe_link
from connector.report.dry_run.document import limit_line
from connector.report.dry_run.going import cannot_undo, share
from connector.report.explanation.document import terminal
from connector.report.tables import clock_name, field_name, rule_name, wave_name
from connector.report.words import Words
from connector.serve.pages.asking import Ask, page, see_other
from connector.serve.pages.rule_index import Rule
from connector.shop import Shop
from connector.views.explanation import explain, find
from connector.views.offer import Offer, WaveOffer, offer_of, whole_of

TOGETHER = 50
"""Records of one page."""

NARROW = 64
"""Signs of a line of what is said of one record: it is text, and is broken anew in a narrow window."""


PLACED = (
    HoldId.LEGAL_CLAIM, HoldId.RETURN, HoldId.UNPAID, HoldId.WARRANTY, HoldId.DISPUTE, HoldId.OPEN_ORDER,
    HoldId.BALANCE, HoldId.SUBSCRIPTION, HoldId.TAKEN_OUT,
)  # fmt: skip
"""Why a person takes records out, the usual first; that of a request is placed by the request itself."""


class Hold(NamedTuple):
    """One reason to wait, in words, and what it keeps."""

    id: HoldId
    title: str
    keeps: str


class Why(NamedTuple):
    """Why one field goes, in words."""

    field: str
    action: str
    rule: str
    law: str
    clock: str
    on: str
    since: str


class Line(NamedTuple):
    """One step as a page shows it."""

    seq: int
    number: str
    kind: str
    link: str
    fields: str
    clock: str
    since: str


def show_current(ask: Ask) -> Response:
    """Leads to the newest plan, by its digest: what is looked at is what would be approved."""
    with ask.site.reading(ask.path["shop"]) as shop:
        digest = offer_of(shop).plan.digest
    return see_other(f"/shop/{ask.path['shop']}/plan/{digest}")


def show_plan(ask: Ask) -> Response:
    """A plan's rounds, each with its rules, what cannot be undone, and who approved it."""
    words = ask.spoken.words
    with ask.site.reading(ask.path["shop"]) as shop:
        offer = _offer(ask, shop)
        places = ask.site.indexes.of(shop, offer.row_id, offer.plan.digest)
        choice = whole_of(shop, offer) if offer.stands.waits else None
        rules = {
            one.wave: [
                (place.rule, _title(shop, place.rule, words), _law(shop, place.rule), len(seqs))
                for place, seqs in sorted(places.items())
                if place.wave is one.wave
            ]
            for one in offer.waves
        }
        totals = list(offer.plan.totals.values())
        return page(
            ask, "plan.html.j2", shop=shop.settings.shop, offer=offer, plan=offer.plan, rules=rules,
            totals=share(sum(totals[1:], start=totals[0]), words) if totals else None,
            stands=ask.spoken.say(f"stands.{offer.stands}"),
            told=ask.told(held="hold.held", begun="hold.begun", approved="approve.done"),
            limits=[limit_line(one, words) for one in choice.limits if one.exceeded] if choice else [],
            refused=choice.refused if choice else False,
            wave_name=lambda number, wave: wave_name(number, wave, words),
            cannot=lambda wave: cannot_of(offer, wave, words),
            count_line=lambda wave: _counts(wave, words),
        )  # fmt: skip


def _offer(ask: Ask, shop: Shop) -> Offer:
    """The plan of the path. Raises NotThere for no digest, PlanStale where another plan has replaced it."""
    digest = ask.path["digest"]
    if len(digest) != 64:
        raise NotThere("There is no such plan. Look at the newest.")
    return offer_of(shop, digest)


def cannot_of(offer: Offer, wave: WaveOffer, words: Words) -> tuple[str, ...]:
    """What cannot be undone of a round, in sentences."""
    return tuple(cannot_undo(code, offer.never_copied, words) for code in wave.irreversible)


def _counts(wave: WaveOffer, words: Words) -> str:
    told = (f"{field_name(one.field, words, one.kind)} {words.number(one.count)}" for one in wave.counts)
    return ", ".join(told)


def _title(shop: Shop, rule: str, words: Words) -> str:
    """A rule by its number and its own title, as the policy has it."""
    found = [one for one in shop.policy.rules if one.id == rule]
    if not found:
        return rule_name(rule, words)
    title = found[0].title
    return f"{rule} {title.sv if words.language == 'sv' else title.en}"


def _law(shop: Shop, rule: str) -> str:
    return next((one.basis for one in shop.policy.rules if one.id == rule), "")


def holds_for(shop: Shop, rules: Collection[str], words: Words) -> tuple[Hold, ...]:
    """The holds that keep anything of what these rules take, each with the fields that it keeps."""
    named = [one for one in shop.policy.rules if one.id in rules]
    found = []
    for hold in PLACED:
        if hold is not HoldId.TAKEN_OUT and not any(hold in one.holds for one in named):
            continue
        kept, _ = bound_by(shop.written.rules, hold, named[0].kind if named else Kind.ORDER)
        fields = ", ".join(dict.fromkeys(words.code("field", one).lower() for one in kept))
        found.append(Hold(hold, words.code("hold", hold), fields))
    return tuple(found)


def review_proposed(shop: Shop) -> str:
    """Half a year from today, as a form proposes it."""
    return add_months(shop.today, 6).isoformat()


def show_rule(ask: Ask) -> Response:
    """The records of one rule in one round, fifty at a time."""
    words = ask.spoken.words
    with ask.site.reading(ask.path["shop"]) as shop:
        offer = _offer(ask, shop)
        rule = _rule_of(ask)
        seqs = ask.site.indexes.of(shop, offer.row_id, offer.plan.digest).get(rule)
        if seqs is None:
            raise NotThere("This plan has nothing by that rule in that round.")
        pages = -(-len(seqs) // TOGETHER)
        at = min(max(_number(ask.query.get("page", "1")), 1), pages)
        some = seqs[(at - 1) * TOGETHER : at * TOGETHER]
        with shop.ledger.begin() as connection:
            rows = StepPages(shop.ledger).some(connection, offer.row_id, some)
            accesses = last_found(connection, shop.ledger)
        link = f"/shop/{ask.path['shop']}/plan/{offer.plan.digest}"
        return page(
            ask, "rule.html.j2", shop=shop.settings.shop, offer=offer, plan=offer.plan,
            title=_title(shop, rule.rule, words), law=_law(shop, rule.rule), rule=rule,
            wave=wave_name(_place(offer, rule.wave), rule.wave, words), count=len(seqs), pages=pages, at=at,
            lines=[_line(row, accesses, words, rule.rule) for row in rows], link=link,
            holds=holds_for(shop, {rule.rule}, words), review=review_proposed(shop),
        )  # fmt: skip


def _rule_of(ask: Ask) -> Rule:
    try:
        return Rule(Wave(ask.path["wave"]), ask.path["rule"])
    except ValueError:
        raise NotThere("This plan has nothing by that rule in that round.") from None


def _place(offer: Offer, wave: Wave) -> int:
    return next((n for n, one in enumerate(offer.waves, 1) if one.wave is wave), 0)


def _round(offer: Offer, row: StepRow, words: Words) -> str:
    return wave_name(_place(offer, row.step.wave), row.step.wave, words)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _line(row: StepRow, accesses: dict[str, Access], words: Words, rule: str = "") -> Line:
    step = row.step
    mine = [one for one in step.why if not rule or one.rule == rule]
    first = mine[0] if mine else None
    clock = f"{clock_name(first.clock, words, step.ref.kind)} {words.day(first.clock_date)}" if first else ""
    return Line(
        seq=row.seq,
        number=step.label,
        kind=words.code("single", step.ref.kind),
        link=_admin(row, accesses),
        fields=", ".join(_field(one.field, words, step.ref.kind) for one in mine),
        clock=clock,
        since=words.day(first.since) if first else "",
    )


def _admin(row: StepRow, accesses: dict[str, Access]) -> str:
    access = accesses.get(row.step.ref.adapter)
    return safe_link(access.link(row.step.ref.kind, row.step.ref.id)) if access else ""


def _field(name: str, words: Words, kind: Kind) -> str:
    return field_name(None if name == "record" else Field(name), words, kind)


def show_step(ask: Ask) -> Response:
    """One record of a plan, by its place in it: no number or name of it stands in the address."""
    with ask.site.reading(ask.path["shop"]) as shop:
        return step_page(ask, shop, {})


def step_page(ask: Ask, shop: Shop, person: dict[str, Sequence[str]]) -> Response:
    """The page of one record; `person` is what was fetched just now of whose it is."""
    words = ask.spoken.words
    offer = _offer(ask, shop)
    row = step_of(ask, shop, offer)
    with shop.ledger.begin() as connection:
        accesses = last_found(connection, shop.ledger)
    return page(
        ask, "step.html.j2", shop=shop.settings.shop, offer=offer, plan=offer.plan, row=row, whose=person,
        asked=bool(person), line=_line(row, accesses, words), whys=list(_whys(shop, row, words)),
        wave=_round(offer, row, words),
        deletes=row.step.action is Action.DELETE, told=_explained(shop, row, ask.language),
        link=f"/shop/{ask.path['shop']}/plan/{offer.plan.digest}", review=review_proposed(shop),
        holds=holds_for(shop, {one.rule for one in row.step.why}, words),
    )  # fmt: skip


def step_of(ask: Ask, shop: Shop, offer: Offer) -> StepRow:
    """The step of the path. Raises NotThere where the plan has none."""
    with shop.ledger.begin() as connection:
        rows = StepPages(shop.ledger).some(connection, offer.row_id, [_number(ask.path["seq"])])
    if not rows or not ask.path["seq"].isdigit():
        raise NotThere("This plan has no such record.")
    return rows[0]


def _whys(shop: Shop, row: StepRow, words: Words) -> Iterator[Why]:
    for one in row.step.why:
        done = done_to(row.step, one.field)
        yield Why(
            field=_field(one.field, words, row.step.ref.kind),
            action=words.code("action", done),
            rule=_title(shop, one.rule, words),
            law=_law(shop, one.rule),
            clock=clock_name(one.clock, words, row.step.ref.kind),
            on=words.day(one.clock_date),
            since=words.day(one.since),
        )


def _explained(shop: Shop, row: StepRow, language: str) -> str:
    """What is decided of the record now, as `gallra explain` says it; empty where it is indexed no more."""
    try:
        found, placed = find(shop, row.step.ref.kind, row.step.ref.id, by_id=True)
        return terminal(explain(shop, found, placed)[1], language=language, width=NARROW)
    except GallraError:
        return ""


def search(ask: Ask) -> Response:
    """The steps of the records of a number, in the plan that is looked at; the number is in no address."""
    words, number = ask.spoken.words, ask.one("number").strip().lstrip("#")[:60]
    with ask.site.reading(ask.path["shop"]) as shop:
        offer = _offer(ask, shop)
        with shop.ledger.begin() as connection:
            rows = StepPages(shop.ledger).of_number(connection, offer.row_id, number) if number else []
            accesses = last_found(connection, shop.ledger)
        link = f"/shop/{ask.path['shop']}/plan/{offer.plan.digest}"
        return page(
            ask, "found.html.j2", shop=shop.settings.shop, offer=offer, plan=offer.plan, link=link,
            lines=[(_round(offer, row, words), _line(row, accesses, words)) for row in rows],
        )  # fmt: skip
