"""What persons ask for of their own data: `gallra request`, from `open` to `answer`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, one_of, out, told
from connector.cli.request_answers import add_answers_to
from connector.cli.request_import import import_file, loosen
from connector.cli.request_listed import fields_of, list_requests
from connector.cli.request_rectify import rectify
from connector.cli.speaking import said
from connector.cli.verbs import Verbs
from connector.errors import GallraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.shop import Shop
    from connector.stages.flow.opening_requests import Opened, Taken

request = Verbs(help="What persons ask for of their own data: taken in, proven, decided, answered in time.")
add_answers_to(request)
request.command("import")(import_file)
request.command("list")(list_requests)
request.command("loosen")(loosen)
request.command("rectify")(rectify)

By = Annotated[str, typer.Option("--by", help="Your name.")]
Code = Annotated[str, typer.Argument(help="The request's code, as R-7K3M2P.")]
On = Annotated[str, typer.Option("--on", help="The day, as 2026-12-31; default: today.")]
Via = Annotated[
    str, typer.Option("--channel", help="email, letter, phone, form, in_person or webhook; default: email.")
]


def add_to(app: typer.Typer) -> None:
    """Adds these commands, and those that answer."""
    app.add_typer(request, name="request")


@request.command("open")
def open_(  # noqa: PLR0913 (a command's parameters are its options)
    kind: Annotated[
        str,
        typer.Argument(help="access, erase, rectify, object, restrict, portability, complete or anonymise."),
    ],
    by: By,
    person: Annotated[
        bool, typer.Option("--person", help="By an e-mail address, read from stdin or a prompt.")
    ] = False,
    phone: Annotated[bool, typer.Option("--phone", help="By a phone number, read in the same way.")] = False,
    order: Annotated[str, typer.Option("--order", help="An order's number that they gave.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="A customer's id that they gave.")] = "",
    channel: Via = "email",
    on: On = "",
    message: Annotated[int, typer.Option("--message", help="The data request that `status` lists.")] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Open another, though this person waits for the same already.")
    ] = False,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Take a request in: its clock runs and what it names is held; a folder takes it in at every shop."""
    from connector.cli.folder import OneByOne
    from connector.request import Channel, RequestKind
    from connector.stages.flow.opening_requests import Opened, Taken

    asked = one_of(RequestKind, _ALSO.get(kind.casefold(), kind))
    via = one_of(Channel, channel)
    name = _said(by)
    email, number = _typed("E-mail") if person else "", _typed("Phone") if phone else ""
    code, rows = "", list[tuple[str, Opened]]()
    every = OneByOne(shop)
    if len(every.paths) > 1 and (order or customer or message):
        raise GallraError("A number is of one shop. Name that shop's file, or the person by an address.")
    for path in every.paths:
        with every.at(path):
            opened = load(path)
            taken = Taken(
                kind=asked, channel=via, received=_day(on, opened), by=name, email=email, phone=number,
                order=order, customer=customer, code=code, message=message or None,
            )  # fmt: skip
            rows.append((path.name, _opened(opened, taken, again=again)))
            code = rows[-1][1].row.code
    if json:
        came = [{"shop": file, **fields_of(one.row), "already": not one.is_new} for file, one in rows]
        as_json({"requests": came}, exit_code=every.code())
    else:
        _say_opened(rows)
    raise typer.Exit(int(every.code()))


def _say_opened(rows: "Sequence[tuple[str, Opened]]") -> None:
    """Where a request was taken in, where it waits already, and by when each is due."""
    for file, (row, new, earlier) in rows:
        if earlier:
            out(
                f"The same was asked for earlier than the register said: request {row.code} counts from "
                f"{row.received} now."
            )
        if new:
            out(f"Request {row.code} ({row.kind}) is taken in at {file}: answer by {row.due}.")
            continue
        out(
            f"Request {row.code} ({row.kind}) of the same person waits at {file} already, received "
            f"{row.received}: answer by {row.due}. No other was opened; --again opens one."
        )


_ALSO = {"avidentifiera": "anonymise", "radera": "erase"}


def _opened(opened: "Shop", taken: "Taken", *, again: bool) -> "Opened":
    from connector.stages.flow import locked
    from connector.stages.flow.opening_requests import Opened, open_once, open_request

    with locked(opened):
        return Opened(open_request(opened, taken), True) if again else open_once(opened, taken)


def _typed(what: str) -> str:
    """People are named on stdin or at a prompt, never in argv, where others could see them."""
    if sys.stdin.isatty():
        return str(typer.prompt(said(what), hide_input=True))
    return sys.stdin.readline().strip()


def _said(by: str) -> str:
    from connector.policy.free_text import said as checked

    return checked(by, "--by")


def _day(text: str, opened: "Shop") -> Any:
    from connector.cli.policy import day_of

    return day_of(text, "--on") if text else opened.today


@request.command()
def show(code: Code, shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """Show how one request stands; a name or address is never shown."""
    from connector.cli.request_shown import say_what_it_waits_for
    from connector.ledger.requests import Register

    opened = load(shop)
    with opened.ledger.begin() as connection:
        register = Register(opened.ledger)
        row = register.get(connection, code)
        named = [(one.type, one.proven) for one in register.named(connection, row)]
    if json:
        as_json({"request": fields_of(row), "named": named})
        return
    out(f"{row.code}  {row.kind}  {row.state}  received {row.received}  due {row.due}")
    if row.is_open:
        say_what_it_waits_for(opened, row)
    for type_, proven in named:
        out(f"  {type_}: proven" if proven else f"  {type_}: not proven")
    if row.answered:
        out(f"  answered {row.answered} by {row.answered_by}: {row.answer}")


@request.command()
def identify(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    by: Annotated[str, typer.Option("--by", help="Your name.")] = "",
    send: Annotated[bool, typer.Option("--send", help="Make a code to send to the address given.")] = False,
    given: Annotated[str, typer.Option("--code", help="The code that came back in their reply.")] = "",
    elsewhere: Annotated[
        str, typer.Option("--elsewhere", help="How they showed it elsewhere, in a word; no copy of an ID.")
    ] = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Make the code that proves an address, or note that it came back; an objection needs neither."""
    from connector.cli.request_shown import say_where_it_goes
    from connector.policy.free_text import said as checked
    from connector.stages.flow import locked
    from connector.stages.flow.requesting import Proof, send_code
    from connector.stages.flow.requesting import identify as prove

    opened = load(shop)
    if send:
        with locked(opened):
            secret = send_code(opened, code)
        say_where_it_goes(opened, code)
        told(json, secret, code=secret)
        return
    proof = Proof(by=_said(by), given=given, elsewhere=checked(elsewhere, "--elsewhere") if elsewhere else "")
    with locked(opened):
        row = prove(opened, code, proof)
    told(json, f"Request {row.code}: it is known who asks, at level {int(row.level or 0)}.", level=row.level)


@request.command()
def decide(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    mailings: Annotated[
        bool, typer.Option("--mailings", help="An objection to mailings: end them now, in every channel.")
    ] = False,
    upheld: Annotated[
        bool, typer.Option("--upheld", help="An objection to another interest was weighed, and holds.")
    ] = False,
    overridden: Annotated[
        bool, typer.Option("--overridden", help="It was weighed, and compelling grounds override it.")
    ] = False,
    ground: Annotated[str, typer.Option("--ground", help="Why, in the balancing; no personal data.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who ends the mailings, or weighed.")] = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Find what carries what was proven and what becomes of it; an objection is ended, or weighed."""
    from connector.cli.request_objections import Found, end_mailings, must_fit, weigh
    from connector.stages.flow import locked
    from connector.stages.flow.requesting import decide_request
    from connector.views.lint.refusing import must_be_sound

    opened = load(shop)
    found = Found(mailings=mailings, upheld=upheld, overridden=overridden, ground=ground, by=by)
    must_fit(opened, code, found)
    if mailings:
        row, carried, ended = end_mailings(opened, code, by, quiet=json)
        if json:
            as_json({"request": fields_of(row), **carried}, exit_code=ended)
        raise typer.Exit(int(ended))
    with locked(opened):
        sound = must_be_sound(opened)
        weighed = upheld or overridden
        drawn = weigh(opened, sound, code, found) if weighed else decide_request(opened, sound, code)
    if json:
        as_json({
            "request": fields_of(drawn.request), "scope": drawn.scope, "records": drawn.records,
            "plan": drawn.plan.code if drawn.plan and drawn.plan.waves else None,
        })  # fmt: skip
        return
    from connector.cli.request_shown import show_drawn

    show_drawn(opened, drawn)


@request.command()
def answer(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    by: By,
    part: Annotated[
        bool, typer.Option("--part", help="In part; the ground and the day are those of what stays.")
    ] = False,
    ground: Annotated[
        str, typer.Option("--ground", help="Why not in full, where another; no personal data.")
    ] = "",
    kept_until: Annotated[str, typer.Option("--kept-until", help="Until when what stays is kept.")] = "",
    channel: Via = "email",
    on: On = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record the answer that left: the day, the channel, by whom, in full or in part."""
    kind = "part" if part else "full"
    _reply(code, kind, (by, ground, kept_until, channel, on), shop=shop, json=json)


@request.command()
def refuse(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    by: By,
    ground: Annotated[
        str, typer.Option("--ground", help="The ground the person was told; no personal data.")
    ],
    channel: Via = "email",
    on: On = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that a request was refused, and on what ground the person was told."""
    _reply(code, "refused", (by, ground, "", channel, on), shop=shop, json=json)


def _reply(code: str, kind: str, words: "Sequence[str]", *, shop: Path, json: bool) -> None:
    from connector.policy.free_text import said_if_any
    from connector.request import Answer, Channel
    from connector.stages.flow import locked
    from connector.stages.flow.answering import Reply, answer_request

    by, ground, kept, channel, on = words
    opened = load(shop)
    ground, kept = said_if_any(ground, "--ground"), said_if_any(kept, "--kept-until")
    if kind == "part" and not ground:
        ground, kept = _what_stays(opened, code)
    reply = Reply(
        answer=Answer(kind), by=_said(by), channel=one_of(Channel, channel), on=_day(on, opened),
        ground=ground, kept_until=kept,
    )  # fmt: skip
    with locked(opened):
        row = answer_request(opened, code, reply)
    line = f"Request {row.code} is {row.state}, by {row.answered_by} on {row.answered}."
    told(json, line, **fields_of(row))


def _what_stays(opened: "Shop", code: str) -> "tuple[str, str]":
    """By which laws something of an erasure stays, and the last day of any; empty for another request."""
    from connector.cli.common import language
    from connector.cli.request_answers import erased_now
    from connector.views.request_erased import what_stays

    spoken = language(opened, None)
    found = erased_now(opened, code, spoken)
    if found is None:
        return "", ""
    return what_stays(found, spoken)


@request.command()
def extend(  # noqa: PLR0913 (a command's parameters are its options)
    code: Code,
    by: By,
    why: Annotated[str, typer.Option("--why", help="The reason that the person was told.")],
    how: Annotated[
        str, typer.Option("--how", help="How they were told, where by no extension letter that left.")
    ] = "",
    on: Annotated[str, typer.Option("--on", help="With --how: the day; else that of the letter.")] = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that two months more were told to the person, within the first month and only once."""
    from connector.policy.free_text import said as checked
    from connector.policy.free_text import said_if_any
    from connector.stages.flow import locked
    from connector.stages.flow.answering import Extension, extend_request

    if on and not how:
        raise GallraError("A day is given with the way in which they were told (--how). Nothing was written.")
    opened = load(shop)
    told_so = Extension(
        why=checked(why, "--why"), by=_said(by), how=said_if_any(how, "--how"),
        on=_day(on, opened) if on else None,
    )  # fmt: skip
    with locked(opened):
        row = extend_request(opened, code, told_so)
    told(
        json,
        f"Request {row.code}: answer by {row.due}, as the person was told on {row.extended}.",
        due=row.due,
    )


@request.command()
def lift(code: Code, by: By, shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """End a restriction (Art. 18), once the letter that tells the person so has left."""
    from connector.stages.flow import locked
    from connector.stages.flow.lifting import lift_restriction

    opened = load(shop)
    with locked(opened):
        row = lift_restriction(opened, code, by=_said(by))
    told(json, f"Request {row.code} is {row.state}.", code=row.code)


@request.command()
def close(code: Code, by: By, shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """Record that the person asks for it no more; an answered one closes by itself."""
    from connector.stages.flow import locked
    from connector.stages.flow.answering import withdraw_request

    opened = load(shop)
    with locked(opened):
        row = withdraw_request(opened, code, by=_said(by))
    told(json, f"Request {row.code} is {row.state}.", code=row.code)
