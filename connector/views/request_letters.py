"""What a letter to whoever made a request says, from what the ledger knows of the request."""

from datetime import datetime

from connector.errors import GallraError
from connector.ledger.requests import RequestRow
from connector.records import Value
from connector.report.request_letters import model
from connector.report.request_letters.compose import compose
from connector.report.shared import Language
from connector.request import RequestKind, clock
from connector.shop import Shop
from connector.views.request_answer import MADE
from connector.views.request_erased import erased_of
from connector.views.request_objected import objected_of
from connector.views.request_rectified import rectified_of

ERASED = "erased"
"""The letter that says what became of a request to erase: its plan is followed before it is written."""

_KINDS = {
    "accessed": (RequestKind.ACCESS, RequestKind.PORTABILITY),
    ERASED: tuple(kind for kind in RequestKind if kind.erases),
    "confirmation": (RequestKind.OBJECT, RequestKind.RECTIFY, RequestKind.RESTRICT, RequestKind.COMPLETE),
    "lifting": (RequestKind.RESTRICT,),
}
_EVERY = ("receipt", "extension", "refusal")


class Wanted(Value, frozen=True, kw_only=True):
    """Which letter, and what a person says in it; each word counts for the letter that it is of alone."""

    letter: str
    code: str = ""  # receipt: what the person answers with
    why: model.Why = model.Why.COMPLEX
    ground: model.Ground | None = None
    reasons: str = ""
    proof: str = ""
    marketing: bool = False

    def __repr__(self) -> str:
        return f"<Wanted {self.letter}>"


def letters_for(kind: RequestKind) -> tuple[str, ...]:
    """The letters that a request of this kind may have, in the order in which they are sent."""
    fitting = [letter for letter, kinds in _KINDS.items() if kind in kinds]
    return (*_EVERY[:2], *fitting, *_EVERY[2:])


def content_of(shop: Shop, row: RequestRow, wanted: Wanted, language: Language) -> model.Content:
    """What the letter says. Raises GallraError for no letter, or one of which not enough is known."""
    letter = wanted.letter
    if letter == "receipt":
        return model.Receipt(due=row.due, code=wanted.code)
    if letter == "extension":
        return _extension(shop, row, wanted.why)
    if letter == "accessed":
        return _accessed(shop, row)
    if letter == "refusal" and wanted.ground is not None:
        return model.Refusal(ground=wanted.ground, reasons=wanted.reasons, proof=wanted.proof)
    if letter == ERASED:
        return erased_of(shop, row, language)
    if letter == "lifting":
        return model.Lifting(reasons=wanted.reasons)
    if letter == "confirmation":
        if row.kind.rectifies:
            return rectified_of(shop, row)
        return objected_of(shop, row) if wanted.marketing else model.Confirmation(on=shop.today)
    raise GallraError(
        "There is no such letter, or a refusal has no --ground. Write receipt, extension, accessed, "
        "erased, refusal, confirmation or lifting. Nothing was written."
    )


def letter_of(shop: Shop, row: RequestRow, content: model.Content, language: Language) -> model.Letter:
    """The letter in one language, signed by the company as the settings name it."""
    company = shop.settings.company
    sender = model.Sender(
        shop=shop.settings.shop.name, company=company.name or "", contact=company.contact or "",
        organisation_number=company.organisation_number or "",
    )  # fmt: skip
    about = model.About(request=row.code, kind=row.kind, received=row.received)
    return compose(sender, about, content, language)


def _extension(shop: Shop, row: RequestRow, why: model.Why) -> model.Extension:
    return model.Extension(
        told=shop.today, notice_by=clock(row.received).notice_by,
        due=clock(row.received, extended=True).due, why=why,
    )  # fmt: skip


def _accessed(shop: Shop, row: RequestRow) -> model.Accessed:
    """The letter that goes with the newest sealed answer, by counts alone: nothing is opened for it."""
    with shop.ledger.begin() as connection:
        made = shop.ledger.events(connection, MADE)
    own = [one for one in made if one.detail["request"] == row.code]
    if not own:
        raise GallraError(
            f"There is no answer to request {row.code} yet. Make it with `gallra request access`. "
            "Nothing was written."
        )
    newest = own[-1].detail
    return model.Accessed(
        scope=newest["scope"], records=newest["records"], masked=newest["masked"],
        by_hand=newest["by_hand"], read=datetime.fromisoformat(own[-1].at),
    )  # fmt: skip


__all__ = ["ERASED", "Wanted", "content_of", "letter_of", "letters_for"]
