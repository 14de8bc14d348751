"""The pages as one ASGI application: which path is whose, who may, and what a fault becomes."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.errors import GallraError, NotThere, RetryLater
from connector.report.shared import LANGUAGES, Language
from connector.serve.connections import Asgi
from connector.serve.pages import acting, connect, lists, mailings, plans, request_papers, requests, signing
from connector.serve.pages.asking import TOGETHER, Ask, Handler, Site, page, see_other
from connector.serve.pages.guard import Guard
from connector.serve.pages.people import Role
from connector.serve.pages.shops import show_shops

_log = logging.getLogger("gallra.pages")
_A_YEAR = 365 * 24 * 3600


class Way(NamedTuple):
    """One path by one method: what answers, and who may; None where nobody need have signed in."""

    path: str
    method: str
    answers: Handler
    role: Role | None = Role.READER


def ways() -> tuple[Way, ...]:
    """Every page and form."""
    return (
        Way("/sign-in", "GET", signing.show_sign_in, None),
        Way("/sign-in", "POST", signing.sign_in, None),
        Way("/sign-out", "POST", signing.sign_out, None),
        Way("/enrol/{invitation}", "GET", signing.show_enrol, None),
        Way("/enrol", "POST", signing.enrol, None),
        Way("/language", "POST", choose_language, None),
        Way("/own/{version}/{name}", "GET", own_file, None),
        Way("/", "GET", show_shops),
        Way("/connect", "GET", connect.show_questions, Role.APPROVER),
        Way("/connect", "POST", connect.answer_questions, Role.APPROVER),
        Way("/connect/keys", "GET", connect.show_keys, Role.APPROVER),
        Way("/connect/keys", "POST", connect.begin_connecting, Role.APPROVER),
        Way("/connect/shop/{shop}", "GET", connect.show_shop, Role.APPROVER),
        Way("/connect/shop/{shop}", "POST", connect.begin_dry_run, Role.APPROVER),
        Way("/shop/{shop}", "GET", lists.show_shop),
        Way("/shop/{shop}/plan", "GET", plans.show_current),
        Way("/shop/{shop}/plan/{digest}", "GET", plans.show_plan),
        Way("/shop/{shop}/plan/{digest}/rule/{wave}/{rule}", "GET", plans.show_rule),
        Way("/shop/{shop}/plan/{digest}/step/{seq}", "GET", plans.show_step),
        Way("/shop/{shop}/plan/{digest}/step/{seq}/reveal", "POST", acting.reveal, Role.APPROVER),
        Way("/shop/{shop}/plan/{digest}/search", "POST", plans.search),
        Way("/shop/{shop}/plan/{digest}/hold", "POST", acting.take_out_records, Role.APPROVER),
        Way("/shop/{shop}/plan/{digest}/rounds", "POST", acting.choose_rounds, Role.APPROVER),
        Way("/shop/{shop}/plan/{digest}/approve", "GET", acting.show_approve, Role.APPROVER),
        Way("/shop/{shop}/plan/{digest}/approve", "POST", acting.approve_rounds, Role.APPROVER),
        Way("/shop/{shop}/holds", "GET", acting.show_holds),
        Way("/shop/{shop}/holds", "POST", acting.release_hold, Role.APPROVER),
        Way("/shop/{shop}/todo", "GET", lists.show_todo),
        Way("/shop/{shop}/todo", "POST", lists.tick_off, Role.ANSWERER),
        Way("/shop/{shop}/letters", "GET", lists.show_letters),
        Way("/shop/{shop}/letters", "POST", lists.letters_left, Role.ANSWERER),
        Way("/shop/{shop}/requests", "GET", lists.show_requests),
        Way("/shop/{shop}/requests/new", "GET", requests.show_new, Role.ANSWERER),
        Way("/shop/{shop}/requests/new", "POST", requests.open_new, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}", "GET", requests.show_request),
        Way("/shop/{shop}/requests/{code}/code", "POST", requests.make_code, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/prove", "POST", requests.prove, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/decide", "POST", requests.begin_decision, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/copy", "POST", requests.begin_copy, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/read", "POST", request_papers.read_answer, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/letter", "POST", request_papers.write, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/draft", "POST", request_papers.read_letter, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/sent", "POST", request_papers.letter_left, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/mail", "POST", request_papers.mail, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/answer", "POST", requests.answer, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/extend", "POST", requests.extend, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/lift", "POST", requests.lift, Role.ANSWERER),
        Way("/shop/{shop}/requests/{code}/withdraw", "POST", requests.withdraw, Role.ANSWERER),
        Way("/shop/{shop}/mailings", "GET", mailings.show_mailings, Role.ANSWERER),
        Way("/shop/{shop}/mailings", "POST", mailings.begin_ending, Role.ANSWERER),
        Way("/shop/{shop}/mailings/{mark}", "GET", mailings.show_ending, Role.ANSWERER),
        Way("/shop/{shop}/promises", "GET", lists.show_promises),
        Way("/shop/{shop}/reports", "GET", lists.show_reports),
        Way("/shop/{shop}/reports/plan/{code}", "GET", lists.show_dry_run),
        Way("/shop/{shop}/reports/run/{code}", "GET", lists.show_protocol),
        Way("/shop/{shop}/settings", "GET", lists.show_settings),
    )


def application(site: Site) -> Asgi:
    """All pages, behind what guards them."""
    by_path: dict[str, dict[str, Way]] = {}
    for way in ways():
        by_path.setdefault(way.path, {})[way.method] = way
    routes = [Route(path, _endpoint(site, found), methods=[*found]) for path, found in by_path.items()]
    pages = Starlette(routes=routes, exception_handlers={404: _endpoint(site, {}), 405: _endpoint(site, {})})
    return Guard(pages, site.home)


def _endpoint(site: Site, ways_here: Mapping[str, Way]):  # type: ignore[no-untyped-def]
    """What Starlette calls for a path; everything that asks a disk is done in a thread."""

    async def answer(request: Request, _fault: Exception | None = None) -> Response:
        form: dict[str, Sequence[str]] = {}
        if request.method == "POST":
            async with request.form(max_files=0, max_fields=TOGETHER) as sent:
                for name, value in sent.multi_items():
                    form[name] = (*form.get(name, ()), value if isinstance(value, str) else "")
        way = ways_here.get("GET" if request.method == "HEAD" else request.method)
        return await run_in_threadpool(_answered, site, request, form, way)

    return answer


def _answered(site: Site, request: Request, form: Mapping[str, Sequence[str]], way: Way | None) -> Response:
    """The answer to one request, whatever comes of it: no fault's own text is ever shown but ours."""
    begun = request.cookies.get(signing.cookies_of(site.home).begun, "")
    try:
        ask = _ask(site, request, form)
        answer = _allowed(ask, request.method, way)
    except GallraError as fault:
        return _plain(503, fault)
    except Exception as fault:
        _log.error("a page could not be shown (%s)", type(fault).__name__)
        return _plain(500, None)
    if ask.person is None and ask.visitor != begun and request.method != "POST":
        signing.begin(ask, answer)
    return answer


def _plain(status: int, fault: GallraError | None) -> Response:
    text = str(fault) if fault else "Gallra did not foresee this. Nothing is lost."
    return Response(text, status_code=status, media_type="text/plain", headers={"cache-control": "no-store"})


def _ask(site: Site, request: Request, form: Mapping[str, Sequence[str]]) -> Ask:
    names = signing.cookies_of(site.home)
    session = request.cookies.get(names.session, "")
    person = site.people.of_session(session) if session else None
    begun = request.cookies.get(names.begun, "") or signing.new_visitor()
    return Ask(
        site=site,
        language=_language(request, names.language),
        person=person,
        visitor=session if person is not None else begun,
        path=dict(request.path_params),
        query=dict(request.query_params),
        form=form,
        here=request.url.path,
    )


def _language(request: Request, cookie: str) -> Language:
    """The language that was chosen, else the first of ours that the browser asks for, else Swedish."""
    chosen = request.cookies.get(cookie, "")
    asked = [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((one for one in (chosen, *asked) if one in LANGUAGES), "sv")


def _allowed(ask: Ask, method: str, way: Way | None) -> Response:
    """The answer, where this person may ask it and a form is one of theirs."""
    if way is None:
        return _message(ask, 404, "fault.not_there", ask.spoken.say("fault.no_page"))
    if way.role is not None and ask.person is None:
        return see_other("/sign-in")
    if method == "POST" and not ask.site.tokens.is_of_form(ask.one("token"), ask.visitor):
        return _message(ask, 403, "fault.title", ask.spoken.say("fault.form"))
    if way.role is not None and not ask.who.may(way.role):
        return _message(ask, 403, "fault.title", ask.spoken.say(f"fault.{way.role}"))
    try:
        return way.answers(ask)
    except NotThere as fault:
        return _message(ask, 404, "fault.not_there", ask.spoken.fault(str(fault)))
    except RetryLater as fault:
        return _message(ask, 503, "fault.later", ask.spoken.fault(str(fault)))
    except GallraError as fault:
        return _message(ask, 409, "fault.title", ask.spoken.fault(str(fault)))
    except Exception as fault:
        # Its own text may quote what was sent, or what the shop holds.
        _log.error("a page could not be shown (%s)", type(fault).__name__)
        return _message(ask, 500, "fault.title", ask.spoken.say("fault.unforeseen"))


def _message(ask: Ask, status: int, heading: str, text: str) -> Response:
    back = ask.one("back") or "/"
    own = back.startswith("/") and not back.startswith(("//", "/\\"))
    told = {"heading": ask.spoken.say(heading), "text": text, "tone": "fault", "back": back if own else "/"}
    return page(ask, "message.html.j2", status=status, **told)


def choose_language(ask: Ask) -> Response:
    """Remembers the language, and shows the page again."""
    to, language = ask.one("to"), ask.one("language")
    own = to.startswith("/") and not to.startswith(("//", "/\\"))
    answer = see_other(to if own else "/")
    if language in LANGUAGES:
        home = ask.site.home
        name = signing.cookies_of(home).language
        answer.set_cookie(name, language, max_age=_A_YEAR, httponly=True, samesite="lax", secure=home.secure)
    return answer


def own_file(ask: Ask) -> Response:
    """A file of our own; kept by a browser for as long as its address stands in the pages."""
    file = ask.site.drawer.own.get(ask.path["name"])
    if file is None or ask.path["version"] != ask.site.drawer.version:
        raise NotThere("There is no such file here.")
    kept = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(file.content, headers={"content-type": file.type, **kept})
