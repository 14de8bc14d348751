"""A shop is connected: what `gallra init` asks, the keys tried, and the first dry run, without a terminal.

The pages make this machine ask an address that somebody typed. Only an approver may; the address is held to
what a shop's file may say (`connector.about.web`), redirects are those of every other call, and nothing that
is answered is shown but the sentences of a check.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from starlette.responses import Response

from connector.about import About
from connector.errors import NotThere
from connector.ledger.plans import Plans
from connector.ports import Access
from connector.registry import shop_systems
from connector.report.words import Words
from connector.serve.pages.asking import Ask, page, see_other
from connector.serve.pages.connect_work import Connected, Dry, Refused, Wanted, connect, first_dry_run
from connector.serve.pages.jobs import Job, Progress
from connector.serve.pages.people import Role
from connector.settings import find_promises
from connector.setup import Question, draft, questions
from connector.setup.compose import secrets_of
from connector.setup.given import keep, kept
from connector.setup.questions import PROMISES, faults, heard
from connector.setup.recipients import known_recipients, parted
from connector.setup.wording import Language, slug
from connector.shop import Shop

CONNECT, FIRST = "connect", "first-read"
"""By what a page finds its work again, beside the shop's id."""

LONGEST = 400
"""Signs of one answer, and of one secret."""

_PARTS = {
    "shop": ("shop_name", "platform", "shop_id"),
    "company": ("by", "company", "organisation_number", "contact", "address"),
    "books": ("year_end", "first_year", "oss", "underlag"),
    "has": ("gift_cards", "subscriptions", "till"),
}
"""The questions of each part of the form."""


class Field(NamedTuple):
    """One question as a form shows it: its choices by value, what was typed, and what is wrong with it."""

    id: str
    label: str
    choices: Sequence[tuple[str, str]]
    value: str
    needed: bool
    fault: str


def show_questions(ask: Ask) -> Response:
    """The questions, with what was answered here before somebody was interrupted."""
    folder = _folder(ask)
    return _questions(ask, kept(folder), {})


def answer_questions(ask: Ask) -> Response:
    """Keeps the answers and leads to the keys; with faults, the questions again, each fault at its own."""
    folder, answers = _folder(ask), _answered(ask)
    wrong = {name: one.of(_spoken(ask)) for name, one in faults(answers).items() if name != "url"}
    if _id(answers) in ask.site.shops() and "shop_id" not in wrong:
        wrong["shop_id"] = ask.spoken.say("connect.there", id=_id(answers))
    if wrong:
        return _questions(ask, answers, wrong)
    keep(folder, {"url": kept(folder).get("url", ""), **answers})
    return see_other("/connect/keys")


def _questions(ask: Ask, answers: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    known, others = parted(answers.get("recipients", ""))
    typed = {"by": ask.who.name, **answers}
    parts = {part: [_field(ask, _question(id), typed, wrong) for id in ids] for part, ids in _PARTS.items()}
    return page(
        ask, "connect.html.j2", status=409 if wrong else 200, parts=parts,
        wrong=[(id, label, wrong[id]) for id, label in _labels(ask) if id in wrong],
        recipients=[(name, one.title, name in known) for name, one in known_recipients().items()],
        others=others, recipients_fault=wrong.get("recipients", ""),
        promises=[path.name for path in find_promises(_folder(ask))], promised=answers.get(PROMISES, ""),
        approvers=[one.name for one in ask.site.people.list() if one.may(Role.APPROVER) and not one.ended],
    )  # fmt: skip


def _spoken(ask: Ask) -> Language:
    return "en" if ask.language == "en" else "sv"


def _question(id: str) -> Question:
    return next(one for one in questions() if one.id == id)


def _labels(ask: Ask) -> list[tuple[str, str]]:
    return [(one.id, one.words.of(_spoken(ask))) for one in questions()]


def _field(ask: Ask, one: Question, answers: Mapping[str, str], wrong: Mapping[str, str]) -> Field:
    """A question with its answer; of the shop systems only those that can be connected."""
    named = [choice for choice in one.choices if one.id != "platform" or choice in _systems()]
    return Field(
        id=one.id,
        label=one.words.of(_spoken(ask)),
        choices=[(choice, one.label(choice, _spoken(ask))) for choice in named],
        value=_value(one, answers.get(one.id, one.default), _spoken(ask)),
        needed=one.required,
        fault=wrong.get(one.id, ""),
    )


def _value(one: Question, answer: str, language: Language) -> str:
    """An answer as it stands in its field: of a choice its code, of a line the word that a reader knows."""
    return answer if one.choices else one.label(answer, language)


def _systems() -> Mapping[str, About]:
    return {one.name: one for one in shop_systems() if one.platform is not None}


def _answered(ask: Ask) -> dict[str, str]:
    """What the form says, as the questions' answers; nothing else of it."""
    given = {one.id: ask.one(one.id).strip()[:LONGEST] for one in questions()}
    boxes = [one for one in ask.form.get("recipient", ()) if one in known_recipients()]
    given["recipients"] = ", ".join([*boxes, *filter(None, [ask.one("recipients_others").strip()[:LONGEST]])])
    files = [path.name for path in find_promises(_folder(ask)) if path.name == ask.one(PROMISES)]
    meant = {**heard(given), PROMISES: "".join(files)}
    return {name: text for name, text in meant.items() if text}


def _id(answers: Mapping[str, str]) -> str:
    return answers.get("shop_id") or slug(answers.get("shop_name", ""))


def show_keys(ask: Ask) -> Response:
    """The shop's address and keys, the last that is asked."""
    answers = kept(_folder(ask))
    if not answers.get("shop_name"):
        return see_other("/connect")
    return _keys(ask, answers, {})


def _keys(ask: Ask, answers: Mapping[str, str], wrong: Mapping[str, Sequence[str]]) -> Response:
    """The form of the address and the keys; a secret that was typed is never in it."""
    about = _about(answers)
    secrets = secrets_of(heard(answers))
    called = {key: text.of(ask.language) for key, text in about.key_names.items()}
    made = about.keys_made or about.to_fill_in
    return page(
        ask, "connect_keys.html.j2", status=409 if wrong else 200, about=about, answers=answers,
        names=[(key, called.get(key, key)) for key in secrets],
        faulty=bool(wrong), wrong=dict.fromkeys(("form", "url", "refused", *secrets), ()) | dict(wrong),
        recipients=answers.get("recipients", ""), url=answers.get("url", ""),
        made=made.of(ask.language) if made else "",
        title=answers["shop_name"], id=_id(answers), here="/connect/keys", longest=LONGEST,
        url_label=_question("url").words.of(_spoken(ask)),
    )  # fmt: skip


def _about(answers: Mapping[str, str]) -> About:
    """The shop system that was chosen. Raises NotThere where it is none that can be connected."""
    systems = _systems()
    name = heard(answers)["platform"]
    if name not in systems:
        raise NotThere("There is no such shop system here. Begin again at the questions.")
    return systems[name]


def begin_connecting(ask: Ask) -> Response:
    """Begins to try the keys; where they can read the shop its files are written."""
    folder, answers = _folder(ask), _answered(ask)
    about = _about(answers)
    typed = {key: ask.one(f"secret_{key}").strip() for key in secrets_of(heard(answers))}
    wrong = dict(_faults(ask, answers, typed))
    if wrong:
        return _keys(ask, answers, wrong)
    clock = ask.site.clock
    made = draft(answers, language=_spoken(ask), today=clock().date())
    keep(folder, answers)
    wanted, head = Wanted(made=made, answers=answers, folder=folder), (about.title, ask.who.name, clock())
    ask.site.jobs.begin((made.shop_id, CONNECT), head, lambda: connect(wanted, typed, clock))
    return see_other(f"/connect/shop/{made.shop_id}")


def _faults(
    ask: Ask, answers: Mapping[str, str], typed: Mapping[str, str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """What is wrong before anybody is asked, by field; `form` is of no field of this page."""
    found = {name: one.of(_spoken(ask)) for name, one in faults(answers).items()}
    if not answers.get("url"):
        found["url"] = ask.spoken.say("connect.needed")
    others = [f"{label}: {found[id]}" for id, label in _labels(ask) if id in found and id != "url"]
    if _id(answers) in ask.site.shops():
        others.append(ask.spoken.say("connect.there", id=_id(answers)))
    if others:
        yield "form", others
    if "url" in found:
        yield "url", [found["url"]]
    for key, text in typed.items():
        if not text or len(text) > LONGEST or not text.isprintable():
            yield key, [ask.spoken.say("connect.needed" if not text else "connect.no_key")]


def show_shop(ask: Ask) -> Response:
    """Where a shop's connection stands: tried, refused, connected, read; then its plan."""
    id = ask.path["shop"]
    first = ask.site.jobs.of((id, FIRST))
    if first is not None:
        return _of_dry_run(ask, id, first)
    tried = ask.site.jobs.of((id, CONNECT))
    if tried is not None and tried.outcome is None:
        return _waits(ask, "connect.trying", tried, id)
    came = tried.outcome.value if tried is not None and tried.outcome is not None else None
    if isinstance(came, Refused):
        return _keys(ask, came.answers, _refused(ask, came))
    if tried is not None and came is None and id not in ask.site.shops():
        raise NotThere("Gallra did not foresee what came of that. Nothing was connected. Begin again.")
    return _connected(ask, id, came if isinstance(came, Connected) else None)


def _refused(ask: Ask, came: Refused) -> dict[str, list[str]]:
    """What the shop answered, at the address where it was not reached, and at the keys where it was."""
    wrong: dict[str, list[str]] = {"form": [ask.spoken.fault(one) for one in came.faults]}
    for one in came.access.problems if came.access else ():
        if one.severity == "error":
            at = "refused" if one.denied or (came.access and came.access.reachable) else "url"
            wrong.setdefault(at, []).append(_problem(ask, one.sv, one.en))
    if came.access and not any(wrong.values()):
        wrong["form"] = [ask.spoken.say("connect.cannot_read")]
    return {name: texts for name, texts in wrong.items() if texts}


def _problem(ask: Ask, sv: str, en: str) -> str:
    return ask.spoken.fault(sv if ask.language == "sv" else en)


def _connected(ask: Ask, id: str, came: Connected | None) -> Response:
    """What the keys may do, and the button that makes the first dry run; the plan where there is one."""
    with ask.site.first_look(id) as shop:
        if has_plan(shop):
            return see_other(f"/shop/{id}/plan")
        return page(
            ask, "connected.html.j2", named=shop.settings.shop, came=came, planned=False, notes=[],
            may=_may_do(ask, came.access if came else None),
            left=_left(ask, came.unanswered if came else shop.settings.unanswered()), fault="",
        )  # fmt: skip


def has_plan(shop: Shop) -> bool:
    """Whether a shop has a plan that can be looked at."""
    if not shop.has_ledger:
        return False
    with shop.ledger.begin() as connection:
        return Plans(shop.ledger).current(connection) is not None


def _may_do(ask: Ask, access: Access | None) -> dict[str, object]:
    """What a check found, in the sentences of `gallra check`."""
    if access is None:
        return {}
    return {
        "rights": _rights(access),
        "problems": [(one.severity, _problem(ask, one.sv, one.en)) for one in access.problems],
        "listeners": _listeners(access, ask.spoken.words),
    }


def _rights(access: Access) -> str:
    """The code of what a key may do."""
    return {True: "read_write", False: "read_only", None: "reads"}[access.can_write]


def _listeners(access: Access, words: Words) -> list[str]:
    """Who hears of changes, as `gallra check` names them."""
    return [
        f"{one.name}: {words.code('hears', one.hears)}"
        + (f", {words.say('check.to', host=one.host)}" if one.host else "")
        for one in access.listeners
    ]


def begin_dry_run(ask: Ask) -> Response:
    """Begins to read the shop, and to decide what is due; it erases nothing."""
    id, site = ask.path["shop"], ask.site
    progress, by = Progress(), ask.who.name

    def in_thread() -> object:
        with site.first_of(id) as shop:
            return first_dry_run(shop, progress, by=by)

    if id not in site.shops():
        raise NotThere("There is no such shop here.")
    site.jobs.begin((id, FIRST), (FIRST, by, site.clock()), in_thread, progress)
    return see_other(f"/connect/shop/{id}")


def _of_dry_run(ask: Ask, id: str, job: Job) -> Response:
    """How far the first dry run has come, its fault, or its plan."""
    outcome = job.outcome
    if outcome is None:
        return _waits(ask, "connect.reading", job, id)
    dry = outcome.value if isinstance(outcome.value, Dry) else None
    if dry is not None and not dry.notes:
        return see_other(f"/shop/{id}/plan")
    with ask.site.first_look(id) as shop:
        fault = ask.spoken.fault(outcome.fault) if outcome.fault else ask.spoken.say("fault.unforeseen")
        return page(
            ask, "connected.html.j2", named=shop.settings.shop, came=None,
            fault="" if dry else fault, notes=[ask.spoken.fault(one) for one in dry.notes] if dry else [],
            planned=has_plan(shop), left=_left(ask, shop.settings.unanswered()),
        )  # fmt: skip


def _waits(ask: Ask, what: str, job: Job, id: str) -> Response:
    """Work that is under way, asked for again every few seconds unless the reader has said not to."""
    still = ask.query.get("still", "") == "1"
    answer = page(
        ask, "connecting.html.j2", what=ask.spoken.say(what), job=job, lines=_lines(ask, job.progress),
        at="read" if job.what == FIRST else "keys", still=still, id=id,
    )  # fmt: skip
    if not still:
        answer.headers["refresh"] = "3"
    return answer


def _lines(ask: Ask, progress: Progress) -> Iterator[str]:
    """How much was read of each kind, and that it is being decided once that has begun."""
    words = ask.spoken.words
    for what, done, total in progress.lines:
        adapter, _, kinds = what.rpartition(" ")
        if not adapter:
            yield ask.spoken.say("connect.deciding")
            continue
        said = {"service": words.service(adapter), "kind": words.code("kind", kinds.removesuffix("s"))}
        key = "connect.read_of" if total else "connect.read_so_far"
        yield ask.spoken.say(key, done=words.number(done), total=words.number(total or 0), **said)


def _left(ask: Ask, unanswered: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is left to fill in: each key of the settings, and what it is in words."""
    return [(key, ask.spoken.say(f"unanswered.{key.replace('.', '_')}")) for key, _ in unanswered]


def _folder(ask: Ask) -> Path:
    """Where the shop's files go. Raises NotThere where the pages are of one shop's file."""
    if ask.site.folder is None:
        raise NotThere("These pages show one shop's file. Give `gallra web` its folder to connect another.")
    return ask.site.folder
