"""The ledger itself: `gallra ledger moved`, `move`, `seal`, `backup`, `restore`, `check`, `accept`…"""

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ShopFile,
    ShopOption,
    as_json,
    load,
    notices,
    out,
    say,
    told,
)
from connector.cli.verbs import Verbs
from connector.errors import Exit, GallraError

if TYPE_CHECKING:
    from connector.ledger import Ledger, Vault
    from connector.shop import Shop

ledger = Verbs(help="The ledger itself: whose it is, copies of it, its keys, whether it is whole.")

OLD_KEY = "GALLRA_OLD_VAULT_KEY"
"""The variable that holds the old vault key; with `_FILE` behind it, the file in which that stands."""

By = Annotated[str, typer.Option("--by", help="Who answers for it.")]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(ledger, name="ledger")


@ledger.command()
def moved(by: By, shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """Say that the shop has moved and is the same one; its own orders must agree."""
    from connector.policy.free_text import said
    from connector.services.binding import moved as bind_anew
    from connector.services.binding import told as told_of
    from connector.stages.flow import locked

    person = said(by, "--by")
    opened = load(shop)
    with locked(opened):
        found = bind_anew(opened.ledger, opened.platforms.values(), opened.stays, by=person)
    if json:
        as_json({"services": found, "by": person})
        return
    for name, seen in found.items():
        changed = told_of(seen) or "nothing differs"
        out(f"{name}: {changed}; {seen.agree} of {seen.sampled} sampled orders agree. By {person}.")
    out("The next pull reads everything again.")


@ledger.command()
def move(
    old: Annotated[Path, typer.Argument(help="The old ledger, or a file with its address.")],
    by: By,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Carry the ledger to where the settings name it now: from a file to a server, or back."""
    from connector.ledger import open_ledger
    from connector.ledger.moving import move as carry
    from connector.ledger.moving import old_place
    from connector.ledger.store import Around
    from connector.policy.free_text import said
    from connector.stages.flow import alone

    person = said(by, "--by")
    opened = load(shop)
    id_, around = opened.settings.shop.id, Around(lambda: opened.sealer, also_closed=True)
    place = old_place(old, id_)
    source = open_ledger(place, shop=id_, clock=opened.clock, around=around)
    try:
        with ExitStack() as held:
            held.enter_context(alone(place, id_, lambda: source))
            if isinstance(opened.place, Path):  # no run begins a ledger there meanwhile
                held.enter_context(alone(opened.place, id_, lambda: source))
            done = carry(source, opened.place, by=person, around=around)
    finally:
        source.engine.dispose()
    count = sum(done.rows.values())
    line = f"Moved to {opened.settings.ledger.named}, by {person}: {count} rows, each as it was."
    told(json, line, moved=done, to=opened.settings.ledger.named)
    if not json:
        out("The old ledger is closed. Destroy it, and copies of it, once there is a backup of the new one.")


@ledger.command()
def backup(
    to: Annotated[Path, typer.Argument(help="A file that is not there yet, or a folder.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Copy the ledger as it stands, also during a run; sealed handles are left out."""
    from connector.ledger.backup import back_up

    opened = load(shop)
    _must_be_there(opened)
    path = back_up(opened.ledger.engine, to, shop=opened.settings.shop.id, now=opened.clock())
    told(json, f"Written: {path}. No sealed handle is in it; keep it apart from the keys.", written=path)


@ledger.command()
def restore(
    copy: Annotated[Path, typer.Argument(help="What `gallra ledger backup` wrote.")],
    by: By,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Put a copy back where there is no ledger; what it cannot tell any more is listed for a person."""
    from connector.ledger.backup import Restored, must_be_none, put_back
    from connector.policy.free_text import said
    from connector.stages.flow import alone

    person = said(by, "--by")
    opened = load(shop)
    must_be_none(opened.place, opened.settings.shop.id)
    with ExitStack() as held:
        held.enter_context(alone(opened.place, opened.settings.shop.id, partial(_bare, opened, held)))
        word = Restored(shop=opened.settings.shop.id, folder=opened.settings.reports.folder, by=person)
        older = put_back(copy, opened.place, word, clock=opened.clock, seal=lambda: opened.sealer)
    if json:
        as_json({"restored": opened.settings.ledger.named, "by": person, "forgotten": older})
        return
    out(f"Restored: {opened.settings.ledger.named}, by {person}. The next pull reads everything again.")
    out("What recipients are still to be told of is listed by `gallra status`, each for a person.")
    if older:
        out(
            "What happened after the copy was made is not in it. Place the holds of that time again, then "
            "`gallra ledger accept --by NAME`; nothing is erased until then."
        )


def _bare(opened: "Shop", held: ExitStack) -> "Ledger":
    """The ledger on the server, empty as it is: nothing of the shop has been put into it yet."""
    from connector.ledger import open_ledger

    ledger = open_ledger(opened.place, shop=opened.settings.shop.id, clock=opened.clock)
    held.callback(ledger.engine.dispose)
    return ledger


@ledger.command()
def accept(by: By, shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """Answer for a ledger that is older than its reports: what it has forgotten was placed again."""
    from connector.ledger.head import accept as answer_for
    from connector.policy.free_text import said
    from connector.stages.flow import locked

    person = said(by, "--by")
    opened = load(shop)
    _must_be_there(opened)
    with locked(opened):
        what = answer_for(opened.ledger, opened.settings.reports.folder, by=person)
    nothing = "This ledger has forgotten nothing. Nothing was done."
    done = f"Accepted, by {person}: {what}." if what else nothing
    told(json, done, accepted=what, by=person)


@ledger.command()
def check(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """Look whether the ledger is whole, its owner's alone, opens with its key, and has forgotten nothing."""
    from connector.ledger.checking import check as look

    opened = load(shop)
    _must_be_there(opened)
    found = look(opened.ledger, opened.settings.reports.folder, _vault(opened))
    code = Exit.DONE if all(one.sound for one in found) else Exit.ERROR
    if json:
        as_json({"findings": found}, exit_code=code)
    else:
        for one in found:
            out(f"  {one.name}: {'' if one.sound else 'NOT AS IT SHOULD BE: '}{one.told}")
        out("Ledger: sound." if code is Exit.DONE else "Ledger: not as it should be.")
    raise typer.Exit(int(code))


@ledger.command()
def rekey(
    by: By,
    shop: ShopOption = DEFAULT,
    lost: Annotated[
        bool,
        typer.Option("--lost", help="The old key is lost: destroy what is sealed, list it for a person."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Put the ledger under the vault key that the settings name now.

    The old key stands in the variable GALLRA_OLD_VAULT_KEY, or in the file that
    GALLRA_OLD_VAULT_KEY_FILE names.
    """
    from connector.keys import read_keys
    from connector.ledger.rekeying import give_up_old_key, must_be_another, rekey
    from connector.policy.free_text import said
    from connector.stages.flow import locked

    person = said(by, "--by")
    opened = load(shop)
    _must_be_there(opened)
    new, _ = read_keys(opened.settings)
    with locked(opened):
        if lost:
            count = give_up_old_key(opened.ledger, new, by=person)
            done = f"Destroyed: {count} sealed handles and messages, whose key is lost. By {person}."
        else:
            must_be_another(opened.ledger, new)
            count = rekey(opened.ledger, old=_old_key(), new=new, by=person)
            done = f"Under the new vault key: {count} sealed handles and messages. By {person}."
    notices(opened)
    told(json, done, count=count, lost=lost, by=person)
    if json:
        return
    if lost:
        out("`gallra status` lists what a person must see to now. The next pull reads everything again.")
    else:
        say("Destroy the old key, and copies of it, once a backup of the new one lies somewhere safe.")


def _old_key() -> bytes:
    """The old key, from the environment or the file that it names. Raises GallraError without either."""
    from connector.about.secrets import Secret, SecretMissing
    from connector.ledger import read_key

    file = os.environ.get(f"{OLD_KEY}_FILE")
    source = Secret(file=Path(file)) if file else Secret(env=OLD_KEY)
    try:
        return read_key(source.value(os.environ), name="old vault key")
    except SecretMissing as fault:
        raise GallraError(
            f"The old vault key: {fault} It stands in {OLD_KEY}, or in the file that {OLD_KEY}_FILE names."
        ) from None


def _vault(opened: "Shop") -> "Vault | GallraError":
    try:
        return opened.outbox.vault
    except GallraError as fault:
        return fault


def _must_be_there(opened: "Shop") -> None:
    """Refuses where there is no ledger yet: looking makes none."""
    from connector.deciding.missing import must_be_first

    if not opened.has_ledger:
        must_be_first(opened.settings)
        raise GallraError(f"There is no ledger at {opened.settings.ledger.named}. `gallra pull` begins one.")


@ledger.command()
def seal(
    by: Annotated[str, typer.Option("--by", help="Who answers for the ledger as it stands.")],
    shop: ShopOption = DEFAULT,
    as_it_stands: Annotated[
        bool, typer.Option("--as-it-stands", help="Though it was changed by hand, or the seal key is lost.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Put a ledger of before under a seal key, so that a change by hand is noticed; makes the key."""
    from connector.ledger.proof.sealing import seal as put_under_seal
    from connector.policy.free_text import said
    from connector.stages.flow import locked

    person = said(by, "--by")
    opened = load(shop)
    if not _has_key(opened, shop):
        raise typer.Exit(int(Exit.BLOCKED))
    with locked(opened):
        done = put_under_seal(opened.ledger, by=person, as_it_stands=as_it_stands)
    for one in done.breaks:
        say(f"Answered for by {person}, not proven: {one}")
    line = (
        f"Sealed by {person}: {', '.join(done.shops)}. What stood there before ({done.events} events) is "
        "sealed at upgrade, not proven; every change from here is noticed. Keep a copy of the key."
    )
    told(json, line, shops=done.shops, events=done.events, by=person, not_proven=done.breaks)


def _has_key(opened: "Shop", file: Path) -> bool:
    """Whether there is a seal key; makes one, and says what to write, where the shop's file names none."""
    from connector.ledger import new_key
    from connector.machine.files import write_text

    secret = opened.settings.ledger.seal_key
    named = file.parent / "seal.key" if secret is None else secret.file
    if named is not None and not named.exists():
        write_text(named, new_key())
        out(f"Written: {named}. Keep a copy somewhere safe: without it every run stops.")
    if secret is None:
        say(
            'Write seal_key = { file = "seal.key" } under [ledger], beside key and subject_key, then run '
            "this again. Shops that share a ledger share the key."
        )
    return secret is not None
