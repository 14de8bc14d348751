"""The verbs that answer a person, over the stand-in shop: sealed, opened by name, letters sent or not."""

import os
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from unittest import mock

import pytest
import typer

from connector.cli.request_answers import add_answers_to
from connector.ledger.requests import Contact, Named, NewRequest, Register
from connector.report.access import twin
from connector.request import Channel, Level, RequestKind, clock
from connector.shop import Shop
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop

PERSON = "Karin Karlsson"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxShop]:
    with Sandbox(seed=11, orders=120, customers=40) as box:
        made = make_shop(box, tmp_path_factory.mktemp("answers"))
        for word in ("check", "pull"):
            assert made.gallra(word).code == 0
        yield made


def address(shop: SandboxShop) -> str:
    orders = shop.box.woocommerce.shop.orders.values()
    found = [order["billing"]["email"] for order in orders if "@" in order["billing"]["email"]]
    return max(found, key=found.count)


def opened_request(opened: Shop, email: str, *, level: Level | None = Level.NUMBER) -> str:
    register = Register(opened.ledger, key=opened.key, vault=opened.outbox.vault)
    digest = opened.keyer("email", email)
    assert digest is not None
    with opened.ledger.begin() as connection:
        row = register.open(connection, NewRequest(
            kind=RequestKind.ACCESS, channel=Channel.EMAIL, received=opened.today, clock=clock(opened.today),
            by=PERSON, named=(Named(type="email", digest=digest),), contact=Contact(email=email),
        ))  # fmt: skip
        if level is not None:
            register.prove(connection, row, [digest])
            register.write(connection, row, "request_identified", level=int(level))
    return row.code


def typed(shop: SandboxShop, *words: str) -> str:
    """Types one of the verbs, as `gallra request` will have them; raises what it ends with."""
    app = typer.Typer()
    add_answers_to(app)
    command = typer.main.get_command(app)
    with chdir(shop.folder), mock.patch.dict(os.environ, shop.environ):
        return str(command.main(args=list(words), standalone_mode=False))


def test_a_copy_is_sealed_opened_by_a_named_person_and_the_letter_says_its_counts(
    shop: SandboxShop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    email = address(shop)
    opened = shop.open()
    code = opened_request(opened, email)
    typed(shop, "access", code, "--by", PERSON)
    said = capsys.readouterr()
    assert "Access: " in said.out
    assert "requests" in said.out + said.err
    sealed = list((shop.folder).rglob(f"{code}-access-*.sealed"))
    assert len(sealed) == 1
    assert email.encode() not in sealed[0].read_bytes()
    assert email.encode() not in shop.ledger_bytes()
    typed(shop, "read", code, "--by", PERSON, "--to", str(tmp_path))
    answer = twin.read((tmp_path / f"{code}-access.json").read_text(encoding="utf-8"))
    assert answer.records
    assert any(one.text == email for record in answer.records for one in record.values)
    assert email in (tmp_path / f"{code}-access.html").read_text(encoding="utf-8")
    with opened.ledger.begin() as connection:
        assert opened.ledger.events(connection, "answer_opened")[-1].detail["by"] == PERSON
    typed(shop, "letter", code, "accessed")
    (letter,) = shop.folder.rglob(f"{code}-accessed.txt")
    text = letter.read_text(encoding="utf-8")
    assert f"{len(answer.records)} poster" in text
    assert email not in text
    capsys.readouterr()
    typed(shop, "letters")
    assert "1 not sent" in capsys.readouterr().out
    typed(shop, "sent", code, "accessed", "--by", PERSON, "--how", "by post")
    capsys.readouterr()
    typed(shop, "letters")
    assert "0 not sent" in capsys.readouterr().out


def test_nothing_is_fetched_for_somebody_who_is_not_known(shop: SandboxShop) -> None:
    code = opened_request(shop.open(), address(shop), level=None)
    before = sum(shop.box.woocommerce.requests.values())
    with pytest.raises(Exception, match="not known yet"):
        typed(shop, "access", code, "--by", PERSON)
    assert sum(shop.box.woocommerce.requests.values()) == before


def test_portability_holds_what_the_person_gave_and_no_recipient(shop: SandboxShop, tmp_path: Path) -> None:
    code = opened_request(shop.open(), address(shop))
    typed(shop, "access", code, "--by", PERSON, "--portability")
    typed(shop, "read", code, "--by", PERSON, "--to", str(tmp_path), "--portability")
    answer = twin.read((tmp_path / f"{code}-portability.json").read_text(encoding="utf-8"))
    assert answer.scope == "portability"
    assert answer.records
    assert not answer.recipients
    assert all(one.given for record in answer.records for one in record.values)
