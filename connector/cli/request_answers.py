"""`gallra request access`, `read`, `schema`, `letter`, `letters`, `send` and `sent`: answers to persons."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    ShopFile,
    ShopOption,
    as_json,
    language,
    load,
    notices,
    out,
    out_json,
    say,
    told,
)
from connector.errors import GallraError
from connector.report.request_letters.model import Ground, Why

if TYPE_CHECKING:
    from connector.ledger.requests import RequestRow
    from connector.report.request_letters.model import Content, Erased
    from connector.report.shared import Language as Speech
    from connector.shop import Shop

Code = Annotated[str, typer.Argument(metavar="CODE", help="The request's code (`gallra request list`).")]
By = Annotated[str, typer.Option("--by", help="Who does it.")]
Portability = Annotated[
    bool, typer.Option("--portability", help="What the person gave, by consent or contract (Art. 20).")
]


MADE = "answer_made"
"""The event of one answer: whose, by whom, and its counts."""


def add_answers_to(request: typer.Typer) -> None:
    """Adds these commands to `gallra request`."""
    request.command("access")(access_copy)
    request.command("read")(read_answer)
    request.command("schema")(print_schema)
    request.command("letter")(write_a_letter)
    request.command("letters")(list_letters)
    request.command("send")(send_a_letter)
    request.command("sent")(letter_left)


def access_copy(
    code: Code,
    by: By,
    shop: ShopOption = DEFAULT,
    portability: Portability = False,
    json: AsJson = False,
) -> None:
    """Fetch now what the shop holds of the person, and seal the answer for 30 days; nothing is sent."""
    from connector.ledger.answers_sealed import Answers
    from connector.policy.free_text import said
    from connector.report.access import twin
    from connector.report.access.document import access_sentence, counts_of
    from connector.stages.requests.access import access, asked_by, requests_of
    from connector.views.request_answer import answer_of, unsaid

    person, opened = said(by, "--by"), load(shop)
    opened.unchanged()
    row = _row(opened, code)
    asked = asked_by(opened, row)
    at_shop, for_notes = requests_of(asked)
    if not json:
        say(f"Asks the services about {len(asked.refs)} records: {at_shop} requests, {for_notes} for notes.")
    found = access(opened, asked)
    answer = answer_of(opened, found, request=row.code, received=row.received)
    if portability:
        answer = twin.portable(answer)
    file = opened.settings.reports.folder / "requests" / f"{row.code}-{answer.scope}.sealed"
    opened.ready()
    sealed = Answers(opened.ledger, opened.outbox.vault).seal(
        row.code, answer.scope, file, twin.json(answer).encode()
    )
    with opened.ledger.begin() as connection:
        opened.ledger.event(
            connection, MADE, request=row.code, scope=answer.scope, by=person, **counts_of(answer)
        )
    notices(opened)
    if asked.shared:
        say_number_is_shared()
    for name in unsaid(opened):
        say(f"Warning: {name} is not filled in, so the answer is silent on what only the company knows.")
    sentence = access_sentence(answer)
    if json:
        as_json({"request": row.code, "sentence": sentence, "sealed": sealed, "questions": found.questions})
        return
    for one in found.questions:
        known = " ".join(filter(None, (one.ref.id if one.ref else "", one.label)))
        say(f"Not sent, for you to judge: {one.where} {known} ({one.why})")
    say(f"Sealed: {sealed.file}, destroyed after {sealed.until}.")
    out(sentence)


def say_number_is_shared() -> None:
    """What a person must know before they answer that nothing is held."""
    say(
        "Warning: The number that was proven is one that several people have given, so nobody's records are "
        "found by it. Ask for an address or an order number before you answer."
    )


def read_answer(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    by: By,
    to: Annotated[Path, typer.Option("--to", help="The folder for the page and the JSON file.")],
    shop: ShopOption = DEFAULT,
    portability: Portability = False,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Open a sealed answer as a page and a JSON file, to be handed over; the ledger says who opened it."""
    from connector.ledger.answers_sealed import Answers
    from connector.machine.files import write_text
    from connector.policy.free_text import said
    from connector.report.access import twin
    from connector.report.access.document import compose
    from connector.report.drawn import sheet

    person, opened = said(by, "--by"), load(shop)
    opened.unchanged()
    row = _row(opened, code)
    scope = "portability" if portability else "access"
    opened.ready()
    answer = twin.read(Answers(opened.ledger, opened.outbox.vault).open(row.code, scope, by=person))
    stem = to / f"{row.code}-{scope}"
    files = [stem.with_name(f"{stem.name}.{suffix}") for suffix in ("html", "json")]
    write_text(files[0], sheet.html(lambda each: compose(answer, each), language(opened, lang)))
    write_text(files[1], twin.json(answer))
    line = f"Opened by {person}: {files[0]} and {files[1]}. Delete both once they are handed over."
    told(json, line, files=files, by=person)


def print_schema() -> None:
    """Print the JSON Schema of the answers that `access` makes."""
    import msgspec

    from connector.report.access import twin

    out_json(msgspec.json.format(msgspec.json.encode(twin.schema()), indent=2).decode())


def write_a_letter(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    letter: Annotated[
        str, typer.Argument(help="receipt, extension, accessed, erased, refusal, confirmation or lifting.")
    ],
    shop: ShopOption = DEFAULT,
    key: Annotated[str, typer.Option("--code", help="Receipt: the code that the person answers with.")] = "",
    why: Annotated[Why, typer.Option("--why", help="Extension: complex or many.")] = Why.COMPLEX,
    ground: Annotated[Ground | None, typer.Option("--ground", help="Refusal: its ground.")] = None,
    reasons: Annotated[str, typer.Option("--reasons", help="Refusal, lifting: the reasons.")] = "",
    proof: Annotated[str, typer.Option("--proof", help="Refusal: what shows it.")] = "",
    marketing: Annotated[bool, typer.Option("--marketing", help="Confirmation: of marketing.")] = False,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Write a letter to the person as a file; written is not sent."""
    from connector.report.request_letters import model

    opened = load(shop)
    opened.unchanged()
    row = _row(opened, code)
    content: Content
    if letter == "receipt":
        content = model.Receipt(due=row.due, code=key)
    elif letter == "extension":
        content = _extension(opened, row, why)
    elif letter == "accessed":
        content = _accessed(opened, row)
    elif letter == "refusal" and ground is not None:
        content = model.Refusal(ground=ground, reasons=reasons, proof=proof)
    elif letter == "erased":
        row, content = _erased(opened, row, language(opened, lang))
    elif letter == "lifting":
        content = model.Lifting(reasons=reasons)
    elif letter == "confirmation":
        row, content = _confirmed(opened, row, marketing=marketing)
    else:
        raise GallraError(
            "There is no such letter, or a refusal has no --ground. Write receipt, extension, accessed, "
            "erased, refusal, confirmation or lifting. Nothing was written."
        )
    written = put_letter(opened, row, content, language(opened, lang))
    if letter == "erased" and not opened.settings.company.kept_for_nothing_else:
        say(
            "The letter does not say that what stays is used for nothing else "
            "(company.kept_for_nothing_else)."
        )
    told(json, f"Written, not sent: {written}.", file=written, request=row.code)


def put_letter(opened: "Shop", row: "RequestRow", content: "Content", lang: str) -> Path:
    """Composes a letter and writes it as a draft; returns its file."""
    from connector.report.request_letters.compose import compose
    from connector.report.request_letters.model import About, Sender
    from connector.stages.requests.letters import file_of, write_letter

    company = opened.settings.company
    sender = Sender(
        shop=opened.settings.shop.name, company=company.name or "", contact=company.contact or "",
        organisation_number=company.organisation_number or "",
    )  # fmt: skip
    about = About(request=row.code, kind=row.kind, received=row.received)
    made = compose(sender, about, content, lang)
    write_letter(opened, row.code, made.name, (made.subject, made.text))
    return file_of(opened, row.code, made.name)


def _erased(opened: "Shop", row: "RequestRow", lang: "Speech") -> "tuple[RequestRow, Erased]":
    """What was erased and what stays, once what was approved is carried out and read back."""
    from connector.stages.flow import locked
    from connector.stages.flow.following import follow
    from connector.views.request_erased import erased_of

    with locked(opened):
        row = follow(opened, row.code)
    return row, erased_of(opened, row, lang)


def erased_now(opened: "Shop", code: str, lang: "Speech") -> "Erased | None":
    """What came of a request to erase, and what stays; None for another request."""
    row = _row(opened, code)
    return _erased(opened, row, lang)[1] if row.kind.erases else None


def _confirmed(opened: "Shop", row: "RequestRow", *, marketing: bool) -> "tuple[RequestRow, Content]":
    """What was carried out; of a rectification which fields, as read back, and who was told (Art. 19)."""
    from connector.report.request_letters.model import Confirmation
    from connector.stages.flow import locked
    from connector.stages.flow.following import follow
    from connector.views.request_rectified import rectified_of

    if not row.kind.rectifies:
        return row, Confirmation(on=opened.today, marketing=marketing)
    with locked(opened):
        row = follow(opened, row.code)
    return row, rectified_of(opened, row)


def _extension(opened: "Shop", row: "RequestRow", why: Why) -> "Content":
    from connector.report.request_letters.model import Extension
    from connector.request import clock

    return Extension(
        told=opened.today, notice_by=clock(row.received).notice_by,
        due=clock(row.received, extended=True).due, why=why,
    )  # fmt: skip


def _accessed(opened: "Shop", row: "RequestRow") -> "Content":
    """The letter that goes with the newest sealed answer, by counts alone: nothing is opened for it."""
    from connector.report.request_letters.model import Accessed

    with opened.ledger.begin() as connection:
        made = [one.detail for one in opened.ledger.events(connection, MADE)]
    own = [one for one in made if one["request"] == row.code]
    if not own:
        raise GallraError(
            f"There is no answer to request {row.code} yet. Make it with `gallra request access`. "
            "Nothing was written."
        )
    newest = own[-1]
    return Accessed(
        scope=newest["scope"], records=newest["records"], masked=newest["masked"], by_hand=newest["by_hand"]
    )


def list_letters(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List the letters to persons, and whether each has left."""
    from connector.ledger.request_letters import RequestLetters

    opened = load(shop)
    with opened.ledger.begin() as connection:
        rows = RequestLetters(opened.ledger).of(connection)
    if json:
        as_json({"letters": rows})
        return
    for one in rows:
        out(f"{one.request} {one.letter} {one.state} {one.on}")
    out(f"{sum(not one.left for one in rows)} not sent.")


def send_a_letter(
    code: Code,
    letter: Annotated[str, typer.Argument(help="Which letter (`gallra request letters`).")],
    by: By,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Mail a written letter to whoever asked; only the mail server's 250 counts as sent."""
    from connector.ledger.requests import Register
    from connector.policy.free_text import said
    from connector.stages.requests.letters import one_letter, send_letter

    person, opened = said(by, "--by"), load(shop)
    opened.unchanged()
    row = _row(opened, code)
    opened.ready()
    register = Register(opened.ledger, key=opened.key, vault=opened.outbox.vault)
    with opened.ledger.begin() as connection:
        contact = register.contact(connection, row)
    post = opened.carrier.mailer()
    if contact is None or not contact.email or post is None:
        raise GallraError(
            "There is no address to mail to, or no mail server (letters.smtp). Send the letter by hand, and "
            "say so with `gallra request sent`. Nothing was sent."
        )
    written = one_letter(opened, row.code, letter)
    answer = send_letter(opened, post, written, to=contact.email, by=person)
    told(json, f"The mail server's answer: {answer}.", answer=answer, request=row.code, letter=letter)


def letter_left(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    letter: Annotated[str, typer.Argument(help="Which letter (`gallra request letters`).")],
    by: By,
    how: Annotated[str, typer.Option("--how", help="How it left: by post, handed over.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that a letter left another way, on a named person's word."""
    from connector.policy.free_text import said
    from connector.stages.requests.letters import record_letter_sent

    person, way, opened = said(by, "--by"), said(how, "--how"), load(shop)
    opened.unchanged()
    row = record_letter_sent(opened, _row(opened, code).code, letter, by=person, how=way)
    told(json, f"Sent: {row.letter} of request {row.request} on {row.on} ({way}), says {person}.", letter=row)


def _row(opened: "Shop", code: str) -> "RequestRow":
    from connector.ledger.requests import Register

    with opened.ledger.begin() as connection:
        return Register(opened.ledger).get(connection, code)


__all__ = ["add_answers_to", "erased_now", "put_letter"]
