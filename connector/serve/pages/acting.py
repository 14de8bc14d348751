"""What a person does with a plan: takes records out, ends a hold, approves rounds, sees whose a record is."""

from collections.abc import Sequence

from starlette.responses import Response

from connector.errors import GallraError, NotThere
from connector.ledger.holds import Holds, HoldTerms
from connector.policy.free_text import review_day, said
from connector.records import HoldId, Wave
from connector.report.dry_run.document import limit_line
from connector.report.tables import wave_name
from connector.serve.pages import passkeys
from connector.serve.pages.asking import Ask, page, see_other
from connector.serve.pages.plans import PLACED, cannot_of, step_of, step_page
from connector.serve.pages.rule_index import Rule
from connector.serve.pages.signing import signing_key, spend
from connector.serve.pages.tokens import Approving
from connector.shop import Shop
from connector.stages.flow import Word, approve, locked, take_out, whose
from connector.views.lint.refusing import must_be_sound
from connector.views.offer import Offer, WaveOffer, choice_of, offer_of

ROLE = "approver, by passkey"
"""In what role a page's approval is given, as the ledger has it."""


def take_out_records(ask: Ask) -> Response:
    """Holds what was chosen, or a rule whole, and leads to the plan without it."""
    shop_id, digest = ask.path["shop"], ask.path["digest"]
    with ask.site.acting(shop_id) as shop:
        reason = said(ask.one("reason"), ask.spoken.say("hold.reason"))
        review = review_day(ask.one("review"), today=shop.today)
        terms = HoldTerms(hold=_hold(ask), reason=reason, owner=ask.who.name, review=review)
        with locked(shop):
            offer = offer_of(shop, digest)
            done = take_out(shop, must_be_sound(shop), digest, _chosen(ask, shop, offer), terms)
    newest = done.plan.digest if done.plan else digest
    return see_other(f"/shop/{shop_id}/plan/{newest}?held={done.records}&begun={done.begun}")


def _hold(ask: Ask) -> HoldId:
    """The hold that a form names. Raises GallraError where it is none that a person places on a record."""
    named = [one for one in PLACED if one == ask.one("hold")]
    if not named:
        raise GallraError("Choose why these wait. Nothing was done.")
    return named[0]


def _chosen(ask: Ask, shop: Shop, offer: Offer) -> Sequence[int]:
    """The steps that a form names: a rule's, all of them, or those that were ticked."""
    if ask.one("whole"):
        try:
            rule = Rule(Wave(ask.one("wave")), ask.one("rule"))
        except ValueError:
            raise NotThere("This plan has nothing by that rule in that round.") from None
        return ask.site.indexes.of(shop, offer.row_id, offer.plan.digest).get(rule, ())
    return [int(one) for one in ask.form.get("step", ()) if one.isascii() and one.isdigit() and len(one) < 10]


def show_holds(ask: Ask) -> Response:
    """The open holds, with who answers for each, and what it is on by number."""
    with ask.site.reading(ask.path["shop"]) as shop:
        holds = Holds(shop.ledger)
        with shop.ledger.begin() as connection:
            rows = holds.list(connection)
            on = {row.id: holds.named_on(connection, row.id) for row in rows}
            counts = {row.id: holds.reach(connection, row.id).records for row in rows}
        return page(
            ask, "holds.html.j2", shop=shop.settings.shop, rows=rows, on=on, counts=counts, today=shop.today
        )


def release_hold(ask: Ask) -> Response:
    """Ends a hold: what it kept is due again in the next plan."""
    number = ask.one("hold")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotThere("There is no such hold.")
    with ask.site.acting(ask.path["shop"]) as shop:
        shop.unchanged()
        with shop.ledger.begin() as connection:
            Holds(shop.ledger).release(connection, int(number), by=ask.who.name)
    return see_other(f"/shop/{ask.path['shop']}/holds")


def reveal(ask: Ask) -> Response:
    """Whose one record is, asked of the shop now; kept nowhere, and gone with the page."""
    with ask.site.acting(ask.path["shop"]) as shop:
        row = step_of(ask, shop, offer_of(shop, ask.path["digest"]))
        found = whose(shop, row, by=ask.who.name)
        return step_page(ask, shop, {str(field): values for field, values in found.items()} or {"none": ()})


def show_approve(ask: Ask) -> Response:
    """The rounds that are ticked, with their limits, and what cannot be undone beside the button."""
    words = ask.spoken.words
    with ask.site.reading(ask.path["shop"]) as shop:
        offer = offer_of(shop, ask.path["digest"])
        waves = _waves(offer, ask.query.get("waves", ""))
        choice = choice_of(shop, offer, [one.wave for one in waves])
        about = _about(ask, offer, waves, first_run=choice.first_run)
        carried = ask.site.tokens.nonce(f"approve {ask.visitor}", ask.site.clock())
        nonce = ask.site.tokens.read_nonce(carried, f"approve {ask.visitor}", ask.site.clock())
        assert nonce is not None
        question = passkeys.to_sign(
            ask.site.home.place, about.challenge(nonce), ask.site.people.passkeys_of(ask.who)
        )
        names = {one.wave: number for number, one in enumerate(offer.waves, 1)}
        return page(
            ask, "approve.html.j2", shop=shop.settings.shop, offer=offer, plan=offer.plan, waves=waves,
            limits=[limit_line(one, words) for one in choice.limits if one.exceeded], choice=choice,
            waits=offer.stands.waits, question=question, nonce=carried, about=about,
            wave_name=lambda wave: wave_name(names[wave], wave, words),
            cannot=tuple(dict.fromkeys(line for one in waves for line in cannot_of(offer, one, words))),
            notices=tuple(dict.fromkeys(words.code("notice", code) for one in waves for code in one.notices)),
        )  # fmt: skip


def _waves(offer: Offer, named: str) -> tuple[WaveOffer, ...]:
    """The rounds that are named, in the plan's order. Raises GallraError for none, or an approved one."""
    wanted = set(filter(None, named.split(",")))
    found = tuple(one for one in offer.waves if str(one.wave) in wanted)
    if not found or len(found) != len(wanted) or any(one.approval is not None for one in found):
        raise GallraError("Choose at least one round that waits for approval. Nothing was done.")
    return found


def _about(ask: Ask, offer: Offer, waves: Sequence[WaveOffer], *, first_run: bool) -> Approving:
    return Approving(
        shop=ask.path["shop"],
        digest=offer.plan.digest,
        waves=tuple(f"{one.wave}:{one.digest}" for one in waves),
        first_run=first_run,
        session=ask.visitor,
    )


def choose_rounds(ask: Ask) -> Response:
    """Leads from the ticked rounds to the page that asks for the passkey."""
    named = ",".join(one for one in dict.fromkeys(ask.form.get("wave", ())) if one in set(map(str, Wave)))
    return see_other(f"/shop/{ask.path['shop']}/plan/{ask.path['digest']}/approve?waves={named}")


def approve_rounds(ask: Ask) -> Response:
    """Approves the rounds that the passkey signed, of the digest that it signed, and nothing else.

    The plan is read again under the shop's own guards: one that was replaced meanwhile is refused.
    """
    nonce = spend(ask, "approve")
    key = signing_key(ask)
    if key.person.id != ask.who.id:
        raise GallraError("This is another person's passkey. Nothing was approved.")
    with ask.site.acting(ask.path["shop"]) as shop:
        offer = offer_of(shop, ask.path["digest"])
        waves = _waves(offer, ask.one("waves"))
        choice = choice_of(shop, offer, [one.wave for one in waves])
        if choice.first_run and not ask.one("first_run"):
            raise GallraError(
                "This exceeds the limits. Tick that you mean it, as a first run may. Nothing was approved."
            )
        about = _about(ask, offer, waves, first_run=choice.first_run)
        used = passkeys.signed(ask.one("answer"), key, ask.site.home.place, about.challenge(nonce))
        ask.site.people.was_used(key, used)
        word = Word(by=ask.who.name, role=ROLE, evidence=f"passkey {key.code}", first_run=choice.first_run)
        approve(shop, must_be_sound(shop), offer.plan.digest, word, waves=[one.wave for one in waves])
    return see_other(f"/shop/{ask.path['shop']}/plan/{offer.plan.digest}?approved={len(waves)}")
