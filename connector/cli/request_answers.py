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
from connector.errors import Exit
from connector.report.request_letters.model import Ground, Why

if TYPE_CHECKING:
    from connector.ledger.requests import RequestRow
    from connector.ports import Posted
    from connector.report.request_letters.model import Erased
    from connector.report.shared import Language as Speech
    from connector.shop import Shop

Code = Annotated[str, typer.Argument(metavar="CODE", help="The request's code (`gallra request list`).")]
By = Annotated[str, typer.Option("--by", help="Who does it.")]
Portability = Annotated[
    bool, typer.Option("--portability", help="What the person gave, by consent or contract (Art. 20).")
]


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
    from connector.policy.free_text import said
    from connector.report.access.document import access_sentence
    from connector.stages.flow import locked
    from connector.stages.flow.copying import asked_now
    from connector.stages.requests.access import access, requests_of
    from connector.views.request_answer import seal_answer, unsaid

    person, opened = said(by, "--by"), load(shop)
    opened.unchanged()
    row = _row(opened, code)
    with locked(opened):
        asked = asked_now(opened, code)
    at_shop, for_notes = requests_of(asked)
    if not json:
        say(f"Asks the services about {len(asked.refs)} records: {at_shop} requests, {for_notes} for notes.")
    found = access(opened, asked)
    answer, sealed = seal_answer(opened, row, found, by=person, portability=portability)
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
    from connector.machine.files import write_text
    from connector.policy.free_text import said
    from connector.report.access import twin
    from connector.report.access.document import compose
    from connector.report.drawn import sheet
    from connector.views.request_answer import open_answer

    person, opened = said(by, "--by"), load(shop)
    opened.unchanged()
    row = _row(opened, code)
    scope = "portability" if portability else "access"
    answer = open_answer(opened, row, scope, by=person)
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
    from connector.stages.requests.letters import file_of, write_letter
    from connector.views.request_letters import ERASED, Wanted, content_of, letter_of

    wanted = Wanted(
        letter=letter, code=key, why=why, ground=ground, reasons=reasons, proof=proof, marketing=marketing
    )
    opened = load(shop)
    opened.unchanged()
    row, spoken = _row(opened, code), language(opened, lang)
    if letter == ERASED or row.kind.rectifies or marketing:
        row = _followed(opened, row)
    made = letter_of(opened, row, content_of(opened, row, wanted, spoken), spoken)
    write_letter(opened, row.code, made.name, (made.subject, made.text))
    written = file_of(opened, row.code, made.name)
    if letter == ERASED and not opened.settings.company.kept_for_nothing_else:
        say(
            "The letter does not say that what stays is used for nothing else "
            "(company.kept_for_nothing_else)."
        )
    told(json, f"Written, not sent: {written}.", file=written, request=row.code)


def _followed(opened: "Shop", row: "RequestRow") -> "RequestRow":
    """The request once its plan is followed: what was approved may be carried out and read back by now."""
    from connector.stages.flow import locked
    from connector.stages.flow.following import follow

    with locked(opened):
        return follow(opened, row.code)


def erased_now(opened: "Shop", code: str, lang: "Speech") -> "Erased | None":
    """What came of a request to erase, and what stays; None for another request."""
    from connector.views.request_erased import erased_of

    row = _row(opened, code)
    return erased_of(opened, _followed(opened, row), lang) if row.kind.erases else None


def list_letters(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List the letters to persons, and whether each has left."""
    from connector.ledger.request_letters import RequestLetters
    from connector.ledger.states import LetterState

    opened = load(shop)
    with opened.ledger.begin() as connection:
        rows = RequestLetters(opened.ledger).of(connection)
    if json:
        as_json({"letters": rows})
        return
    for one in rows:
        out(f"{one.request} {one.letter} {one.state} {one.on}")
        if one.state is LetterState.BEGUN:
            out("  It may have been sent: the mail server's answer is not on record.")
    out(f"{sum(not one.left for one in rows)} not sent.")


def send_a_letter(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    letter: Annotated[str, typer.Argument(help="Which letter (`gallra request letters`).")],
    by: By,
    again: Annotated[
        bool, typer.Option("--again", help="Once more, though it may have been sent already.")
    ] = False,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Mail a written letter to the address proven to be theirs; only the mail server's 250 counts as sent."""
    from connector.policy.free_text import said
    from connector.ports import Posted
    from connector.stages.requests.letters import Sending, mail_letter

    person, opened = said(by, "--by"), load(shop)
    came = mail_letter(opened, Sending(request=code, letter=letter, by=person, again=again))
    ended = Exit.DONE if came.answer is Posted.SENT else Exit.PARTIAL
    if json:
        as_json({"answer": came.answer, "letter": came.letter}, exit_code=ended)
    else:
        out(f"The mail server's answer: {came.answer}.")
    _say_way_on(came.answer)
    if ended is not Exit.DONE:
        raise typer.Exit(int(ended))


def _say_way_on(answer: "Posted") -> None:
    """What is to be done with a letter of which it is not sure that it has left."""
    from connector.ports import Posted

    if answer is Posted.LATER:
        say(
            "Warning: The letter has not left: the mail server asks to wait. Run `gallra request send` "
            "again, or send it by hand and note that with `gallra request sent`."
        )
    elif answer is Posted.REFUSED:
        say(
            "Warning: The letter has not left: the mail server does not take it for this address. Send it by "
            "hand and note that with `gallra request sent`; or see to the address and send it again."
        )
    elif answer is Posted.UNKNOWN:
        say(
            "Warning: The letter may have been sent: the mail server took it and did not answer. Ask the "
            "person. `gallra request sent` notes that it came; it is not sent again unless you ask with "
            "--again."
        )


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


__all__ = ["add_answers_to", "erased_now"]
