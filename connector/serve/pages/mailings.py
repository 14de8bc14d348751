"""An objection to mailings, taken in on a page and carried out the same day, as `gallra unsubscribe` does."""

import secrets

from starlette.responses import Response

from connector.errors import GallraError, NotThere
from connector.request import Channel
from connector.serve.pages import request_work as work
from connector.serve.pages.asking import Ask, page, see_other
from connector.serve.pages.requests import CHANNELS, LONGEST, became_of, day_of, one_of, waits_why
from connector.shop import Shop
from connector.stages.flow.objecting import Objector, digests_of


def show_mailings(ask: Ask) -> Response:
    """The form that takes an objection in."""
    with ask.site.reading(ask.path["shop"]) as shop:
        return _form(ask, shop, "")


def _form(ask: Ask, shop: Shop, fault: str) -> Response:
    values = {"given": ask.one("given")[:LONGEST], "on": ask.one("on") or str(shop.today),
              "channel": ask.one("channel") or str(Channel.EMAIL)}  # fmt: skip
    return page(
        ask, "mailings.html.j2", status=409 if fault else 200, shop=shop.settings.shop, fault=fault,
        values=values, channels=CHANNELS, today=shop.today, standing=shop.settings.objections is not None,
        here=f"/shop/{ask.path['shop']}/mailings",
    )  # fmt: skip


def begin_ending(ask: Ask) -> Response:
    """Takes an objection in, and begins to end every mailing to its person."""
    site, shop_id, language = ask.site, ask.path["shop"], ask.language
    with site.acting(shop_id) as shop:
        try:
            objector = _objector(ask)
            digests_of(shop, objector)
            if objector.received > shop.today:
                raise GallraError("That day has not come yet. Give the day on which it came in.")
        except GallraError as fault:
            return _form(ask, shop, ask.spoken.fault(str(fault)))

    def in_thread() -> object:
        with site.acting(shop_id) as shop:
            return work.end_mailings(shop, objector, language)

    mark = secrets.token_hex(8)  # the address says nothing of whom
    site.jobs.begin((shop_id, f"mailings {mark}"), ("mailings", ask.who.name, site.clock()), in_thread)
    return see_other(f"/shop/{shop_id}/mailings/{mark}")


def _objector(ask: Ask) -> Objector:
    given = ask.one("given").strip()[:LONGEST]
    whose = {"email": given} if "@" in given else {"phone": given}
    return Objector(
        received=day_of(ask, "on"), by=ask.who.name, channel=one_of(ask, "channel", CHANNELS), **whose
    )


def show_ending(ask: Ask) -> Response:
    """What came of an objection, or that it is under way."""
    job = ask.site.jobs.of((ask.path["shop"], f"mailings {ask.path['mark']}"))
    if job is None:
        raise NotThere(
            "What came of that is not kept here any more. The objection is remembered where it was taken in, "
            "and the next run carries on what is left."
        )
    outcome = job.outcome
    with ask.site.reading(ask.path["shop"]) as shop:
        value = outcome.value if outcome is not None else None
        found = value if isinstance(value, work.Mailings) else None
        return page(
            ask, "mailings_ended.html.j2", shop=shop.settings.shop, job=job, outcome=outcome, found=found,
            fault=ask.spoken.fault(outcome.fault) if outcome is not None and outcome.fault else "",
            notes=[ask.spoken.fault(one) for one in found.notes] if found else [],
            why_waits=waits_why(ask, found) if found else "",
            became=[(one, became_of(ask, one)) for one in found.carried.ended] if found else [],
        )  # fmt: skip
