"""What leaves to whoever made a request: the sealed answer, opened by a named person, and the letters."""

from starlette.responses import Response

from connector.errors import GallraError
from connector.machine.files import text_of
from connector.policy.free_text import said
from connector.ports import Posted
from connector.report.access import twin
from connector.report.access.document import compose
from connector.report.drawn import sheet
from connector.report.request_letters.model import Ground, Why
from connector.report.shared import LANGUAGES, Language
from connector.serve.pages.asking import Ask, page
from connector.serve.pages.requests import did, link_of, one_of, row_of
from connector.stages.flow import locked
from connector.stages.flow.following import follow
from connector.stages.requests.letters import (
    Sending,
    mail_letter,
    one_letter,
    record_letter_sent,
    write_letter,
)
from connector.views.request_answer import open_answer
from connector.views.request_letters import ERASED, Wanted, content_of, letter_of, letters_for

LONGEST = 4_000
"""Signs of what is said to a person in a letter's own words."""

SCOPES = ("access", "portability")


def read_answer(ask: Ask) -> Response:
    """The sealed answer, on a page or as a file to hand over; the chain says first who opened it."""
    scope, form = ask.one("scope"), ask.one("form")
    if scope not in SCOPES:
        raise GallraError("Choose one of those that are listed. Nothing was done.")
    with ask.site.acting(ask.path["shop"]) as shop:
        shop.unchanged()
        row = row_of(ask, shop)
        found = open_answer(shop, row, scope, by=ask.who.name)
        name, own = f"{row.code}-{scope}", _language(ask)
        if form == "html":
            return _file(f"{name}.html", "text/html", sheet.html(lambda each: compose(found, each), own))
        if form == "json":
            return _file(f"{name}.json", "application/json", twin.json(found))
        return page(
            ask, "answer.html.j2", shop=shop.settings.shop, document=compose(found, ask.language),
            here=link_of(ask), link=link_of(ask), code=row.code,
        )  # fmt: skip


def _file(name: str, type_: str, content: str) -> Response:
    """A file that the browser saves: named by the request, and kept by nothing that lies between."""
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=f"{type_}; charset=utf-8", headers=headers)


def _language(ask: Ask) -> Language:
    return next((one for one in LANGUAGES if one == ask.one("language")), ask.language)


def write(ask: Ask) -> Response:
    """Writes a letter's draft; written is not sent."""
    spoken = _language(ask)
    with ask.site.acting(ask.path["shop"]) as shop:
        shop.unchanged()
        row = row_of(ask, shop)
        if ask.one("letter") not in letters_for(row.kind):
            raise GallraError("Choose one of those that are listed. Nothing was done.")
        wanted = Wanted(
            letter=ask.one("letter"), code=ask.one("key")[:20], reasons=_words(ask, "reasons"),
            proof=_words(ask, "proof"), marketing=bool(ask.one("marketing")),
            why=one_of(ask, "why", Why) if ask.one("why") else Why.COMPLEX,
            ground=one_of(ask, "ground", Ground) if ask.one("ground") else None,
        )  # fmt: skip
        if wanted.letter == ERASED or wanted.marketing:
            with locked(shop):
                row = follow(shop, row.code)
        made = letter_of(shop, row, content_of(shop, row, wanted, spoken), spoken)
        write_letter(shop, row.code, made.name, (made.subject, made.text))
    return did(ask, "written")


def _words(ask: Ask, name: str) -> str:
    return ask.one(name).replace("\r\n", "\n").strip()[:LONGEST]


def read_letter(ask: Ask) -> Response:
    """A draft as it would leave; the chain says who looked."""
    with ask.site.acting(ask.path["shop"]) as shop:
        shop.unchanged()
        row = row_of(ask, shop)
        letter = one_letter(shop, row.code, ask.one("letter"))
        with shop.ledger.begin() as connection:
            shop.ledger.event(
                connection, "letter_opened", request=row.code, letter=letter.letter, by=ask.who.name
            )
        try:
            text = text_of(letter.file) if letter.file is not None else ""
        except OSError:
            text = ""
        if not text:
            raise GallraError("The letter's draft is not there any more. Write it anew. Nothing was done.")
        subject, _, body = text.partition("\n\n")
        return page(
            ask, "letter.html.j2", shop=shop.settings.shop, subject=subject, text=body, row=letter,
            here=link_of(ask), link=link_of(ask), code=row.code,
        )  # fmt: skip


def letter_left(ask: Ask) -> Response:
    """Records on a named person's word that a letter left."""
    how = said(ask.one("how"), ask.spoken.say("letters.how"))
    with ask.site.acting(ask.path["shop"]) as shop:
        shop.unchanged()
        record_letter_sent(shop, row_of(ask, shop).code, ask.one("letter"), by=ask.who.name, how=how)
    return did(ask, "sent")


def mail(ask: Ask) -> Response:
    """Mails a draft to the address that is proven to be the person's; `again` where it may have left."""
    with ask.site.acting(ask.path["shop"]) as shop:
        came = mail_letter(
            shop, Sending(
                request=row_of(ask, shop).code, letter=ask.one("letter"), by=ask.who.name,
                again=bool(ask.one("again")),
            ),
        )  # fmt: skip
    return did(ask, _CAME[came.answer])


_CAME = {
    Posted.SENT: "mailed", Posted.UNKNOWN: "maybe", Posted.LATER: "later", Posted.REFUSED: "unsent",
}  # fmt: skip
