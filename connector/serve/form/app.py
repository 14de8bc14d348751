"""The form as one ASGI application: what is asked is sealed and answered alike, whoever is asked for.

No record, and nothing of the ledger's index, is read for any answer here: what a known address and an unknown
one are told, and what is done meanwhile, is the same.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from connector.records import Value
from connector.report.drawn.page import environment
from connector.report.shared import LANGUAGES, Language
from connector.request import RequestKind
from connector.serve.connections import Asgi, Receive, Scope, Send
from connector.serve.form.clients import Hourly, client_of
from connector.serve.form.home import FormHome, must_be_able
from connector.serve.form.wishes import KEPT, MAILS_TO_ONE, Wish, Wishes, bound_to
from connector.serve.form.words import FormWords
from connector.serve.pages.asking import Find, Load, ShopFiles, let_go
from connector.serve.pages.drawing import OwnFile
from connector.serve.pages.guard import Guard
from connector.shop import Shop
from connector.text.addresses import of_one_person

_log = logging.getLogger("gallra.form")

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: our own style, and no script at all."""

KINDS = (
    RequestKind.ACCESS, RequestKind.ERASE, RequestKind.RECTIFY, RequestKind.OBJECT, RequestKind.RESTRICT,
    RequestKind.PORTABILITY,
)  # fmt: skip
"""What may be asked here."""

LONGEST, LONGEST_NUMBER = 320, 40
"""Signs of an address, and of an order's number."""

SENDS_AN_HOUR = 10
"""How often one visitor may send the form, or confirm."""

_A_YEAR = "public, max-age=31536000, immutable"


class Asked(Value, frozen=True, kw_only=True):
    """What somebody wrote: never stored but sealed, and never printed."""

    email: str
    order: str = ""
    language: Language = "sv"

    def __repr__(self) -> str:
        return "<Asked>"


class FormSite(NamedTuple):
    """What the form's pages share; the mails and what follows them are another thread's."""

    home: FormHome
    wishes: Wishes
    load: Load
    look: Load  # to read the shop's file, without a key of any service
    find: Find
    files: ShopFiles
    style: OwnFile
    version: str
    templates: Environment
    came: Callable[[], object]  # called when there is something to mail, or to take in

    def shops(self) -> Mapping[str, Path]:
        """The shops' files that can be read, by the shop's id."""
        found: dict[str, Path] = {}
        for path in self.find():
            if id := self.files.id_of(path, self.look):
                found.setdefault(id, path)
        return found


class Visit(NamedTuple):
    """One request of somebody: of which shop, in which language, from which address, and what was sent."""

    site: FormSite
    shop: Shop
    language: Language
    client: str
    may_send: bool
    sent: Mapping[str, str]
    path: Mapping[str, str]

    @property
    def words(self) -> FormWords:
        """The words of the language."""
        return FormWords(self.language)

    @property
    def id(self) -> str:
        """The shop's id, as it stands in the form's address."""
        return self.shop.settings.shop.id


Answer = Callable[[Visit], Response]


def form_application(site: FormSite) -> Asgi:
    """The form of every shop of a place, behind what guards it."""
    pages, hourly = _Pages(site), Hourly(SENDS_AN_HOUR)
    routes = [
        Route("/own/{version}/style.css", pages.style, methods=["GET"]),
        Route("/{shop}", pages.answering(show_form, send_form, hourly), methods=["GET", "POST"]),
        Route("/{shop}/confirm", pages.answering(show_nothing, confirm, hourly), methods=["GET", "POST"]),
        Route("/{shop}/confirm/{secret}", pages.answering(show_link, show_nothing, hourly), methods=["GET"]),
    ]
    starlette = Starlette(routes=routes, exception_handlers={404: pages.nothing, 405: pages.nothing})
    guarded = Guard(starlette, site.home.home, policy=POLICY)

    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        """Everything behind counts by who really asks."""
        if scope["type"] == "http":
            forwarded = [
                value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
            ]
            peer, *rest = scope.get("client") or ("", 0)
            scope = {**scope, "client": (client_of(peer, forwarded, site.home.proxies), *rest)}
        await guarded(scope, receive, send)

    return seen


class _Pages:
    """The endpoints that Starlette calls; everything that asks a disk is done in a thread."""

    def __init__(self, site: FormSite) -> None:
        self._site = site

    def answering(self, shown: Answer, sent: Answer, hourly: Hourly) -> Callable[[Request], object]:
        """What answers a path: to look at it, and to send something there."""

        async def answer(request: Request) -> Response:
            form: dict[str, str] = {}
            may_send = True
            if request.method == "POST":
                may_send = hourly.may(request.client.host if request.client else "")
                async with request.form(max_files=0, max_fields=10) as given:
                    form = {name: value for name, value in given.items() if isinstance(value, str)}
            act = sent if request.method == "POST" else shown
            return await run_in_threadpool(self._answered, act, request, form, may_send)

        return answer

    def _answered(
        self, act: Answer, request: Request, form: Mapping[str, str], may_send: bool
    ) -> Response:
        """The answer, whatever comes of it: no fault's own text is ever shown but ours."""
        language = _language(request, form)
        try:
            path = self._site.shops().get(request.path_params["shop"])
            if path is None:
                return _bare_fault(self._site, language, "page", 404)
            opened = self._site.load(path)
            if opened.settings.form is None:
                return _bare_fault(self._site, language, "page", 404)
            must_be_able(opened.settings)
            if not opened.has_ledger:  # it is not for a stranger to make one
                return _bare_fault(self._site, language, "later", 503)
            visit = Visit(
                site=self._site, shop=opened, language=language, may_send=may_send, sent=form,
                client=request.client.host if request.client else "", path=dict(request.path_params),
            )  # fmt: skip
            try:
                return act(visit)
            finally:
                let_go(opened)
        except Exception as fault:
            # Its own text may quote what was sent.
            _log.error("the form could not be shown (%s)", type(fault).__name__)
            return _bare_fault(self._site, language, "later", 503)

    async def nothing(self, request: Request, _fault: Exception) -> Response:
        """What there is none of."""
        return await run_in_threadpool(_bare_fault, self._site, _language(request, {}), "page", 404)

    async def style(self, request: Request) -> Response:
        """Our style; kept by a browser for as long as its address stands in the pages."""
        if request.path_params["version"] != self._site.version:
            return Response(status_code=404, headers={"cache-control": "no-store"})
        own = self._site.style
        return Response(own.content, headers={"content-type": own.type, "cache-control": _A_YEAR})


def _language(request: Request, form: Mapping[str, str]) -> Language:
    """The language that was chosen, else the first of ours that the browser asks for, else Swedish."""
    chosen = form.get("language") or request.query_params.get("language", "")
    asked = [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((one for one in (chosen, *asked) if one in LANGUAGES), "sv")


def show_form(visit: Visit) -> Response:
    """The form, empty."""
    return _form(visit, "")


def _form(visit: Visit, fault: str, status: int = 200) -> Response:
    values = {name: visit.sent.get(name, "")[:LONGEST] for name in ("kind", "email", "order")}
    return _page(visit, "form.html.j2", status=status, fault=fault, values=values, kinds=KINDS)


def send_form(visit: Visit) -> Response:
    """Seals what was asked, for a mail to be sent; what is said is the same of every address."""
    if not visit.may_send:
        return _form(visit, visit.words.say("fault.often"), 429)
    kind = next((one for one in KINDS if str(one) == visit.sent.get("kind")), None)
    email, order = visit.sent.get("email", "").strip(), visit.sent.get("order", "").strip().lstrip("#")
    shop = visit.shop
    if kind is None:
        return _form(visit, visit.words.say("fault.kind"), 400)
    whole = len(email) <= LONGEST and email.isprintable()
    email = of_one_person(email) or "" if whole else ""
    person = shop.keyer("email", email)
    if person is None:
        return _form(visit, visit.words.say("fault.email"), 400)
    if len(order) > LONGEST_NUMBER or not order.isprintable():
        return _form(visit, visit.words.say("fault.order"), 400)
    if visit.site.wishes.is_full(visit.id):
        return _form(visit, visit.words.say("fault.full"), 503)
    mark = secrets.token_hex(16)
    asked = msgspec.json.encode(Asked(email=email, order=order, language=visit.language)).decode()
    sealed = shop.outbox.vault.seal(asked, bound_to=bound_to(visit.id, mark))
    wish = Wish(
        mark=mark, shop=visit.id, kind=kind, person=person, sealed=sealed, sent=visit.site.wishes.now()
    )
    visit.site.wishes.keep(wish)
    visit.site.came()
    return _page(visit, "form_sent.html.j2", most=MAILS_TO_ONE)


def show_link(visit: Visit) -> Response:
    """What a link in a mail leads to: a button, for a mail program that looks at links confirms nothing."""
    return _page(visit, "form_confirm.html.j2", secret=visit.path["secret"][:100])


def confirm(visit: Visit) -> Response:
    """Notes that the link came back to us; what comes of it is told by the shop's own letter."""
    if not visit.may_send:
        return _told(visit, "often", 429)
    if not visit.site.wishes.confirm(visit.id, visit.sent.get("secret", "")):
        return _told(visit, "link", 409)
    visit.site.came()
    return _page(visit, "form_confirmed.html.j2")


def show_nothing(visit: Visit) -> Response:
    """There is nothing to see at this address."""
    return _told(visit, "page", 404)


def _told(visit: Visit, fault: str, status: int) -> Response:
    return _page(visit, "form_fault.html.j2", status=status, fault=visit.words.say(f"fault.{fault}"))


def _page(visit: Visit, template: str, *, status: int = 200, **values: object) -> Response:
    settings = visit.shop.settings
    return _drawn(
        visit.site, template, visit.words, status, shop=settings.shop.name, id=visit.id,
        contact=settings.company.contact or "", days=KEPT.days, **values,
    )  # fmt: skip


def _bare_fault(site: FormSite, language: Language, fault: str, status: int) -> Response:
    words = FormWords(language)
    return _drawn(
        site, "form_fault.html.j2", words, status, fault=words.say(f"fault.{fault}"), shop="", id="",
        contact="",
    )  # fmt: skip


def _drawn(
    site: FormSite, template: str, words: FormWords, status: int, **values: object
) -> Response:
    html = site.templates.get_template(template).render(
        language=words.language, say=words.say, version=site.version, **values
    )
    return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def templates() -> Environment:
    """The templates of the form, which see those of the reports."""
    return environment(PackageLoader("connector.serve.form", "templates"))


def opened_wish(shop: Shop, wish: Wish) -> Asked:
    """What somebody wrote. Raises WrongKey where the vault's key is another by now."""
    return msgspec.json.decode(shop.outbox.vault.open(wish.sealed, bound_to=wish.bound), type=Asked)


__all__ = ["Asked", "FormSite", "form_application", "opened_wish", "templates"]
