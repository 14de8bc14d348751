"""The answer to a request to erase: by what was read back, and what the law keeps."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from connector.deciding.request_verdicts import verdicts_of
from connector.ledger import schema
from connector.ledger.plans import StepRow
from connector.ledger.states import RequestState, StepState
from connector.plan import Step
from connector.records import Action, Field, Kind, Outcome, Ref, Wave, to_bits
from connector.report.words import Words
from connector.request import Answer
from connector.views.request_erased import _done
from tests.engine_support import LAST_YEAR, LONG_AGO
from tests.unit.stages.opened import Opened
from tests.unit.stages.telling import Telling
from tests.unit.stages.test_requests import BY, MINE, asked, proven, row_of


def made(tmp_path: Path) -> Opened:
    """One person with an order of last year, which claims and the books keep in part."""
    shop = Opened(tmp_path)
    shop.memory.order("1", LAST_YEAR, email=MINE, phone="+46701234567", name="Zacharias Oxenhufvud")
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    return shop


def letter(shop: Opened, code: str, language: str = "sv") -> str:
    said = shop.gallra("request", "letter", code, "erased", "--language", language)
    assert said.code == 0, said.err
    return (shop.folder / "reports" / "requests" / f"{code}-erased.txt").read_text(encoding="utf-8")


def carried_out(shop: Opened, kind: str = "erase") -> str:
    code = asked(shop, kind)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    shop.gallra("run")
    return code


def test_in_part_it_says_what_went_what_stays_by_which_law_until_when_and_where_to_complain(
    tmp_path: Path,
) -> None:
    shop = made(tmp_path)
    code = carried_out(shop)
    text = letter(shop, code)
    said = ("en del av det", "Telefon", "order #1", "KKL", "bokföringslagen", "till och med 20")
    for part in (*said, "imy.se", "domstol"):
        assert part in text, text
    for value in (MINE, "Oxenhufvud", "+46701234567"):
        assert value not in text
    english = letter(shop, code, "en")
    assert "through 20" in english
    assert "court" in english


def test_of_a_record_that_is_gone_nothing_is_said_to_stay(tmp_path: Path) -> None:
    shop = made(tmp_path)
    code = carried_out(shop)
    opened = shop.open()
    asked_for, judge = row_of(shop, code), (opened.policy, opened.capabilities)
    with opened.ledger.begin() as connection:
        ids = connection.scalars(select(schema.record.c.id)).all()
        connection.execute(update(schema.record).values(gone=True))
        assert list(verdicts_of(opened.ledger, connection, judge, asked_for, ids)) == []


def test_an_unsubscription_is_said_to_end_mailings_and_to_erase_nothing() -> None:
    step = Step(
        ref=Ref(adapter="mailchimp", kind=Kind.SUBSCRIBER, id="7"), label="7", wave=Wave.NEWSLETTER,
        action=Action.UNSUBSCRIBE, fields=to_bits((Field.EMAIL, Field.NAME)), why=(),
    )  # fmt: skip
    ran = StepRow(
        seq=1, record=1, step=step, state=StepState.CLOSED, outcome=Outcome.STOPPED, done=step.fields,
        read_back="clean",
    )  # fmt: skip
    ((what, record),) = _done([ran], {}, Words("en"))
    assert (what.en, record) == ("the mailings, which are ended", "subscriber 7")


def test_in_part_the_register_gets_the_ground_and_the_day_of_what_stays(tmp_path: Path) -> None:
    shop = made(tmp_path)
    code = carried_out(shop)
    said = shop.gallra("request", "answer", code, *BY)
    assert said.code == 1
    assert "answered in part" in said.err
    assert shop.gallra("request", "answer", code, "--part", *BY).code == 0
    row = row_of(shop, code)
    assert row.answer is Answer.PART
    assert "KKL" in row.ground
    assert row.kept_until[:2] == "20"


def test_in_full_it_says_so_and_nothing_of_laws(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    shop.memory.order("1", LONG_AGO, email=MINE, name="Zacharias Oxenhufvud")
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    code = carried_out(shop)
    text = letter(shop, code)
    assert "allt som du bad om" in text
    assert "imy.se" not in text
    assert Field.EMAIL not in {f for f, value in shop.memory.of("1").values.items() if value}
    assert shop.gallra("request", "answer", code, *BY).code == 0


def test_where_nobody_is_known_by_what_was_proven_it_claims_no_erasure(tmp_path: Path) -> None:
    shop = made(tmp_path)
    code = asked(shop, "erase", "nobody@kund.example")
    proven(shop, code)
    shop.gallra("request", "decide", code)
    text = letter(shop, code)
    assert "inga uppgifter" in text
    assert "allt som du bad om" not in text


@pytest.mark.parametrize("stop", ["received", "decided", "approved", "applied"])
def test_nothing_is_called_erased_before_it_was_read_back(tmp_path: Path, stop: str) -> None:
    shop = made(tmp_path)
    code = asked(shop)
    acts = {
        "decided": lambda plan: None,
        "approved": lambda plan: shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run"),
        "applied": lambda plan: shop.gallra("apply", "--plan", plan),
    }
    if stop != "received":
        proven(shop, code)
        plan = shop.gallra("request", "decide", code, "--json").json["plan"]
        for name, act in acts.items():
            act(plan)
            if name == stop:
                break
    said = shop.gallra("request", "letter", code, "erased")
    assert said.code == 1
    assert "Nothing was written" in said.err
    assert not (shop.folder / "reports" / "requests" / f"{code}-erased.txt").exists()


def test_asked_to_be_made_anonymous_it_says_that_what_is_left_is_not(tmp_path: Path) -> None:
    shop = made(tmp_path)
    text = letter(shop, carried_out(shop, "avidentifiera"))
    assert "avidentifierade så långt det går (pseudonymiserade)" in text
    assert "inte längre knytas" not in text


def test_it_names_the_recipients_that_were_told(tmp_path: Path) -> None:
    shop = Telling(tmp_path)
    shop.memory.order("1", LONG_AGO, email=MINE)
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    code = carried_out(shop)
    assert "Vi har meddelat: Mailer." in letter(shop, code)


def test_another_request_has_no_such_letter(tmp_path: Path) -> None:
    shop = made(tmp_path)
    code = asked(shop, "access")
    assert "asks for no erasure" in shop.gallra("request", "letter", code, "erased").err


def test_that_what_stays_is_used_for_nothing_else_is_said_where_the_company_says_so(tmp_path: Path) -> None:
    shop = made(tmp_path)
    code = carried_out(shop)
    assert "till något annat" not in letter(shop, code)
    text = shop.file.read_text(encoding="utf-8")
    text = text.replace("[company]\n", "[company]\nkept_for_nothing_else = true\n")
    shop.file.write_text(text, encoding="utf-8")
    assert "används inte till något annat" in letter(shop, code)


def test_a_wave_that_nobody_approved_is_decided_anew_and_nothing_is_called_done(tmp_path: Path) -> None:
    shop = made(tmp_path)
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    one = ("--wave", "traces", "--first-run")
    assert shop.gallra("approve", plan, *BY, "--role", "owner", *one).code == 0
    shop.gallra("run")
    assert Field.PHONE in {f for f, value in shop.memory.of("1").values.items() if value}
    assert row_of(shop, code).state is RequestState.SCOPED
    assert shop.gallra("request", "letter", code, "erased").code == 1
    assert shop.gallra("request", "answer", code, "--part", "--ground", "BFL", *BY).code == 1


def test_what_is_due_and_there_again_is_named_and_no_answer_in_full_passes_over_it(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    shop.memory.order("1", LONG_AGO, email=MINE)
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    code = carried_out(shop)
    assert "allt som du bad om" in letter(shop, code)
    one = shop.memory.of("1")
    one.values[Field.PHONE] = "+46701234567"
    shop.memory.touch(one)
    shop.gallra("pull")
    text = letter(shop, code)
    assert "Telefon, order #1: ska raderas, och är inte raderat än" in text
    assert "allt som du bad om" not in text
    assert "still there" in shop.gallra("request", "answer", code, *BY).err
