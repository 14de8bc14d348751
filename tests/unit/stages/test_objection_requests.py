"""A request to object: mailings end at once by the request's clock; another interest is weighed."""

import io
import sys
from pathlib import Path
from unittest import mock

import pytest

from connector.ledger.proof.audit import breaks
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.records import Field, Kind
from tests.engine_support import LAST_YEAR, sealed
from tests.sandbox_support import Said
from tests.unit.stages.objecting import MINE, THEIRS, Mailed, yes
from tests.unit.stages.test_objecting import remembered

BY = ("--by", "Disa Demo")
WEIGHED = ("--ground", "art. 21.1: fraud is suspected", *BY)


def mailed(folder: Path, *, standing: bool = True) -> Mailed:
    """Ylva has an order and is mailed by two services; Berit by one."""
    made = Mailed(folder, standing=standing)
    made.shop.order("10", LAST_YEAR, email=MINE, phone="+46701234567", name="Ylva Alm")
    made.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"), yes("sms"))
    made.shop.said(Kind.CUSTOMER, "2", THEIRS, yes("email"))
    made.list.said(Kind.SUBSCRIBER, "a:1", MINE, yes("email"))
    return made.ready()


@pytest.fixture
def shop(tmp_path: Path) -> Mailed:
    return mailed(tmp_path)


def objects(shop: Mailed, *, kind: str = "object", known: bool = True) -> str:
    """The code of a request that was taken in, and whose address is noted where it is known."""
    with mock.patch.object(sys, "stdin", io.StringIO(MINE + "\n")):
        said = shop.gallra("request", "open", kind, "--person", *BY)
    code = said.out.split()[1]
    if known:
        assert shop.gallra("request", "identify", code, *BY).code == 0
    return code


def decided(shop: Mailed, code: str, *words: str) -> Said:
    return shop.gallra("request", "decide", code, *words)


def row_of(shop: Mailed, code: str) -> RequestRow:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return Register(opened.ledger).get(connection, code)


def is_mailed(shop: Mailed) -> bool:
    mine = (*shop.shop.says("1", Kind.CUSTOMER).values(), *shop.list.says("a:1", Kind.SUBSCRIBER).values())
    return any(mine)


def test_mailings_end_in_every_channel_and_the_request_can_be_answered(shop: Mailed) -> None:
    code = objects(shop)
    said = decided(shop, code, "--mailings", *BY)
    assert said.code == 0, said.err
    assert not is_mailed(shop)
    assert shop.shop.says("2", Kind.CUSTOMER) == {"email": True}
    assert remembered(shop, MINE)
    assert row_of(shop, code).state is RequestState.READ_BACK
    assert shop.gallra("request", "answer", code, *BY).code == 0
    assert row_of(shop, code).state is RequestState.ANSWERED


def test_without_the_standing_approval_the_plan_of_the_request_waits_with_its_line(tmp_path: Path) -> None:
    shop = mailed(tmp_path, standing=False)
    code = objects(shop)
    said = decided(shop, code, "--mailings", *BY)
    assert said.code == 4
    assert remembered(shop, MINE)
    assert shop.gallra("request", "answer", code, *BY).code == 1
    plan = said.err.split("gallra approve ")[1].split()[0]
    assert shop.gallra("approve", plan, *BY, "--role", "owner").code == 0
    assert shop.gallra("apply", "--plan", plan).code == 0
    assert not is_mailed(shop)
    assert shop.gallra("verify").code == 0
    assert shop.gallra("request", "answer", code, *BY).code == 0


def test_what_was_ended_meanwhile_leaves_no_plan_that_bars_the_answer(tmp_path: Path) -> None:
    shop = mailed(tmp_path, standing=False)
    code = objects(shop)
    decided(shop, code, "--mailings", *BY)
    shop.shop.said(Kind.CUSTOMER, "1", MINE)
    shop.list.said(Kind.SUBSCRIBER, "a:1", MINE)
    assert decided(shop, code, "--mailings", *BY).code == 0
    assert shop.gallra("request", "answer", code, *BY).code == 0


def test_a_service_that_lied_is_asked_again_by_the_next_try(shop: Mailed) -> None:
    code = objects(shop)
    shop.list.lies = {"a:1"}
    assert decided(shop, code, "--mailings", *BY).code == 6
    shop.list.lies = set()
    assert decided(shop, code, "--mailings", *BY).code == 0
    assert not is_mailed(shop)


def test_nobody_is_objected_for_before_it_is_known_who_asks(shop: Mailed) -> None:
    code = objects(shop, known=False)
    assert decided(shop, code, "--mailings", *BY).code == 1
    assert not remembered(shop, MINE)
    assert is_mailed(shop)


@pytest.mark.parametrize("words", [
    (), ("--mailings",), ("--upheld", *BY), ("--overridden", *BY), ("--mailings", "--upheld", *WEIGHED),
    ("--upheld", "--overridden", *WEIGHED), ("--upheld", "--ground", "x"),
])  # fmt: skip
def test_an_objection_of_which_too_little_is_said_is_not_decided(
    shop: Mailed, words: tuple[str, ...]
) -> None:
    code = objects(shop)
    assert decided(shop, code, *words).code == 1
    assert row_of(shop, code).state is RequestState.IDENTIFIED
    assert is_mailed(shop)


@pytest.mark.parametrize("words", [("--mailings", *BY), ("--upheld", *WEIGHED)])
def test_no_other_request_is_weighed_or_ends_mailings(shop: Mailed, words: tuple[str, ...]) -> None:
    code = objects(shop, kind="restrict", known=False)
    shop.gallra("request", "identify", code, "--elsewhere", "in the shop", *BY)
    assert decided(shop, code, *words).code == 1
    assert is_mailed(shop)


def test_what_an_objection_names_is_held_at_once_until_it_is_weighed(shop: Mailed) -> None:
    objects(shop)
    assert "1 holds" in shop.gallra("hold", "list").out


def test_one_that_is_upheld_erases_what_rested_on_the_interest(shop: Mailed) -> None:
    code = objects(shop)
    said = decided(shop, code, "--upheld", *WEIGHED, "--json")
    assert said.code == 0, said.err
    plan = said.json["plan"]
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    assert shop.gallra("apply", "--plan", plan).code == 0
    assert not shop.shop.of("10").values.get(Field.PHONE, "").startswith("+46")


def test_one_that_is_overridden_erases_nothing_and_is_answered_as_a_refusal(shop: Mailed) -> None:
    code = objects(shop)
    said = decided(shop, code, "--overridden", *WEIGHED, "--json")
    assert said.code == 0, said.err
    assert said.json["plan"] is None
    assert shop.gallra("request", "answer", code, *BY).code == 1
    assert shop.gallra("request", "refuse", code, "--ground", "art. 21.1", *BY).code == 0


def test_who_weighed_it_and_why_stands_in_the_ledger(shop: Mailed) -> None:
    code = objects(shop)
    decided(shop, code, "--overridden", *WEIGHED)
    opened = shop.open()
    with opened.ledger.begin() as connection:
        (found,) = [one.detail for one in opened.ledger.events(connection, "request_weighed")]
        assert not list(breaks(connection, opened.ledger.shop, sealed()))
    assert (found["request"], found["outcome"]) == (code, "overridden")
    assert (found["by"], found["said"]) == ("Disa Demo", "art. 21.1: fraud is suspected")


# The letter that confirms it ----------------------------------------------------------------


def confirmed(shop: Mailed, code: str, lang: str = "en") -> str:
    said = shop.gallra("request", "letter", code, "confirmation", "--marketing", "--language", lang, "--json")
    assert said.code == 0, said.err
    return " ".join(Path(said.json["file"]).read_text(encoding="utf-8").split())


def part(text: str, begins: str) -> str:
    """One paragraph of the letter; empty where it has none."""
    return text.partition(begins)[2].partition(".")[0] if begins in text else ""


@pytest.mark.parametrize("lang", ["en", "sv"])
@pytest.mark.parametrize("lies", [(), ("a:1",), ("1",), ("1", "a:1")])
def test_the_confirmation_names_what_was_read_back_and_what_is_not_ended_and_nothing_more(
    shop: Mailed, lies: tuple[str, ...], lang: str
) -> None:
    code = objects(shop)
    shop.list.lies, shop.shop.lies = {"a:1"} & set(lies), {"1"} & set(lies)
    decided(shop, code, "--mailings", *BY)
    text = confirmed(shop, code, lang)
    ended = part(text, "Ended, and read back: " if lang == "en" else "Avslutat, och kontrolläst: ")
    waits = part(text, "Not ended yet: " if lang == "en" else "Inte avslutat än: ")
    for id, service, channels in (("1", "WooCommerce", 2), ("a:1", "Mailchimp", 1)):
        there, elsewhere = (waits, ended) if id in lies else (ended, waits)
        assert there.count(service) == channels, text
        assert service not in elsewhere
    assert "every channel" not in text
    assert "alla kanaler" not in text


def test_a_plan_that_waits_for_its_approval_has_ended_nothing(tmp_path: Path) -> None:
    shop = mailed(tmp_path, standing=False)
    code = objects(shop)
    decided(shop, code, "--mailings", *BY)
    text = confirmed(shop, code)
    assert part(text, "Ended, and read back: ") == ""
    assert part(text, "Not ended yet: ").count("Mailchimp") == 1


def test_whom_no_call_reaches_is_named_as_told_by_hand(tmp_path: Path) -> None:
    shop = mailed(tmp_path)
    with shop.file.open("a", encoding="utf-8") as file:
        file.write('[recipients.annonser]\ncode = "AD"\nrole = "processor"\ntitle = "Annonsverket"\n')
    code = objects(shop)
    decided(shop, code, "--mailings", *BY)
    text = confirmed(shop, code)
    assert "Annonsverket" in part(text, "By hand")
    assert "Annonsverket" not in part(text, "Ended, and read back: ")


def test_nothing_is_confirmed_before_mailings_were_ended_or_of_another_kind(shop: Mailed) -> None:
    code = objects(shop)
    letter = ("request", "letter", code, "confirmation", "--marketing")
    assert shop.gallra(*letter).code == 1
    decided(shop, code, "--mailings", *BY)
    assert shop.gallra(*letter).code == 0
    other = objects(shop, kind="restrict", known=False)
    assert shop.gallra("request", "letter", other, "confirmation", "--marketing").code == 1


def test_where_nothing_mailed_them_the_letter_says_so_and_names_no_service(tmp_path: Path) -> None:
    shop = Mailed(tmp_path)
    shop.shop.order("10", LAST_YEAR, email=MINE)
    shop.ready()
    code = objects(shop)
    assert decided(shop, code, "--mailings", *BY).code == 0
    text = confirmed(shop, code)
    assert "no mailing to you" in text
    assert part(text, "Ended, and read back: ") == ""


def test_what_a_later_try_ended_stands_beside_what_the_first_one_did(shop: Mailed) -> None:
    code = objects(shop)
    shop.list.lies = {"a:1"}
    decided(shop, code, "--mailings", *BY)
    shop.list.lies = set()
    assert decided(shop, code, "--mailings", *BY).code == 0
    text = confirmed(shop, code)
    ended = part(text, "Ended, and read back: ")
    assert (ended.count("WooCommerce"), ended.count("Mailchimp")) == (2, 1)
    assert part(text, "Not ended yet: ") == ""
