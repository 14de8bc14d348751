"""How long an approval holds: a standing one to its last day or withdrawal, any other as long as its plan.

Asked before every batch, by the file as it is then: a run under way ends where the word does.
"""

from collections.abc import Sequence

from connector.deciding.allowed import Allowed
from connector.errors import SettingsError
from connector.ledger.approvals import Approval
from connector.plan import Plan
from connector.records import Kind, Wave
from connector.settings import Settings, load_settings
from connector.settings.tables import Approval as Standing
from connector.shop import Shop


def allowed_now(shop: Shop, plan: Plan, approvals: Sequence[Approval]) -> Allowed:
    """What the approvals of a plan allow now, by the day that apply counts with."""
    standing = {one.wave for one in approvals if one.standing}
    given = frozenset(one.wave for one in approvals) - standing
    ended, living = _standing_now(shop, plan, standing) if standing else ("", frozenset())
    old = shop.clock() > plan.expires
    finish = given | living
    return Allowed(begin=frozenset() if old else finish, finish=finish, ended=ended, old=old)


def _objections_not_now(settings: Settings, shop: Shop) -> str:
    given = settings.objections
    return "it was withdrawn" if given is None else given.not_today(shop.today)


def covered_by(standing: Standing, plan: Plan) -> frozenset[Wave]:
    """The waves of a plan that a standing approval names, with each kind that goes whole in them."""
    may = set(standing.irreversible)
    return frozenset(w.wave for w in plan.waves if w.wave in standing.waves and _whole(plan, w.wave) <= may)


def _whole(plan: Plan, wave: Wave) -> set[Kind]:
    """The kinds of record that go whole in a wave: a standing approval must name each."""
    planned = plan.wave(wave)
    return {Kind(kind) for kind in (*planned.deletes, *planned.unsubscribes)} if planned else set()


def _standing_now(shop: Shop, plan: Plan, waves: set[Wave]) -> tuple[str, frozenset[Wave]]:
    """Why the standing approval no longer holds for all of these waves, and those for which it does."""
    try:
        settings = _as_they_are(shop)
    except SettingsError:
        return "the shop's file cannot be read", frozenset()
    if plan.objects:
        why = _objections_not_now(settings, shop)
        return why, frozenset() if why else frozenset(waves)
    standing = settings.approval
    if standing is None:
        return "it was withdrawn", frozenset()
    if why := standing.suspended(today=shop.today, version=settings.policy.version):
        return why, frozenset()
    living = covered_by(standing, plan) & waves
    lost = sorted(waves - living)
    return (f"it no longer covers {', '.join(lost)}" if lost else ""), living


def _as_they_are(shop: Shop) -> Settings:
    """The settings as the file says them now: a run may have begun long ago."""
    return shop.settings if shop.file is None else load_settings(shop.file, environ={})
