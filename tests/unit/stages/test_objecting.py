"""Whoever objects to mailings gets none, in any service, the same day; and stays remembered."""

from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest
from msgspec.structs import replace
from sqlalchemy import select, text, update

from connector.errors import RemoteError
from connector.ledger import schema
from connector.ledger.index.rows import decode_record, encode
from connector.ledger.memory import Memory
from connector.ledger.plans import Plans
from connector.ledger.plans.scopes import OBJECTION
from connector.ledger.proof.audit import breaks
from connector.records import Kind
from connector.stages import run
from connector.views.status import status_of
from tests.engine_support import LONG_AGO, sealed
from tests.unit.stages.objecting import LONG_SINCE, MINE, THEIRS, TODAY, YESTERDAY, Mailed, no, yes


@pytest.fixture
def mailed(tmp_path: Path) -> Mailed:
    """Ylva is mailed by three channels and in two services; Berit too."""
    made = Mailed(tmp_path)
    made.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"), yes("sms"), yes("whatsapp"), phone="+46701234567")
    made.shop.said(Kind.ORDER, "10", MINE, yes("email", None))
    made.shop.said(Kind.CUSTOMER, "2", THEIRS, yes("email"))
    made.list.said(Kind.SUBSCRIBER, "a:1", MINE, yes("email"))
    made.list.said(Kind.SUBSCRIBER, "a:2", THEIRS, yes("email"))
    return made.ready()


def remembered(shop: Mailed, address: str) -> bool:
    opened = shop.open()
    digest = opened.keyer("email", address)
    assert digest is not None
    with opened.ledger.begin() as connection:
        return digest in Memory(opened.ledger).objections(connection, [digest])


def test_every_channel_in_every_service_is_ended_at_once_and_read_back(mailed: Mailed) -> None:
    said = mailed.objects()
    assert said.code == 0, said.err
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": False, "whatsapp": False}
    assert mailed.shop.says("10", Kind.ORDER) == {"email": False}
    assert mailed.list.says("a:1", Kind.SUBSCRIBER) == {"email": False}
    assert said.out.count("ended, and read back so") == 5
    assert mailed.protocols
    # What is done at a person's word is no run that erased.
    assert "last run that erased" not in mailed.gallra("status").out


def test_a_yes_that_no_list_of_changes_shows_is_ended_too(mailed: Mailed) -> None:
    """WooCommerce lists no account that a plugin or staff has changed."""
    mailed.shop.said(Kind.CUSTOMER, "3", MINE, no(LONG_SINCE))
    mailed.gallra("pull")
    held = mailed.shop.of("3", Kind.CUSTOMER)
    held.facts = replace(held.facts, consents=(yes("email", None),))  # its version stays
    assert mailed.objects().code == 0
    assert mailed.shop.says("3", Kind.CUSTOMER) == {"email": False}


def as_before_consents_were_read(shop: Mailed) -> None:
    """The ledger as the version before left it: what records say to mailings stands nowhere."""
    opened = shop.open()
    table = schema.record
    with opened.ledger.begin() as connection:
        for row, body in list(connection.execute(select(table.c.id, table.c.body))):
            before = decode_record(body)
            old = replace(before, facts=replace(before.facts, consents=()))
            connection.execute(update(table).where(table.c.id == row).values(body=encode(old)))
        connection.execute(text("DROP TABLE run_lock"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0025'"))
    opened.ledger.engine.dispose()


@pytest.mark.parametrize("under_way", [False, True])
def test_a_ledger_of_before_reads_everything_once_so_that_no_mailing_is_missed(
    mailed: Mailed, under_way: bool
) -> None:
    if under_way:
        opened = mailed.open()
        with opened.ledger.begin() as connection:
            connection.execute(
                text("""UPDATE cursor SET value = replace(value, '"full"\\:false', '"full"\\:true')""")
            )
    as_before_consents_were_read(mailed)
    said = mailed.objects()
    assert said.code == 0, said.err
    assert said.out.count("ended, and read back so") == 5


def test_nobody_else_is_touched(mailed: Mailed) -> None:
    mailed.objects()
    assert mailed.shop.says("2", Kind.CUSTOMER) == mailed.list.says("a:2", Kind.SUBSCRIBER) == {"email": True}


def test_no_address_stands_anywhere_in_clear(mailed: Mailed) -> None:
    said = mailed.objects()
    for value in (MINE, "ylva", "701234567"):
        assert value not in said.out + said.err
        assert value.encode() not in mailed.files()


def test_an_address_is_not_taken_from_the_command_line(mailed: Mailed) -> None:
    said = mailed.gallra("unsubscribe", "--by", "Disa Demo", "--address-from", MINE)
    assert said.code == 1
    assert not remembered(mailed, MINE)


def test_it_is_remembered_before_any_service_is_asked(mailed: Mailed) -> None:
    seen: list[bool] = []
    mailed.shop.before_apply = lambda _tasks: seen.append(remembered(mailed, MINE))
    mailed.objects()
    assert seen
    assert all(seen)


def test_somebody_found_nowhere_is_remembered_all_the_same(mailed: Mailed) -> None:
    said = mailed.objects("nobody@kund.example")
    assert said.code == 0, said.err
    assert "nothing to end" in said.out
    assert remembered(mailed, "nobody@kund.example")


@pytest.mark.parametrize("given", ["", "no address", "+46"])
def test_what_is_no_address_is_refused(mailed: Mailed, given: str) -> None:
    assert mailed.objects(given).code == 1


def test_a_service_that_says_yes_and_does_nothing_leaves_data(mailed: Mailed) -> None:
    mailed.list.lies = {"a:1"}
    said = mailed.objects()
    assert said.code == 6, said.out + said.err
    assert said.out.count("mailings are still on") == 1
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": False, "whatsapp": False}


def test_the_next_run_asks_again_where_a_service_lied(mailed: Mailed) -> None:
    mailed.shop.lies = {"1"}
    assert mailed.objects().code == 6
    mailed.shop.lies = set()
    assert mailed.gallra("run").code == 0
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": False, "whatsapp": False}


def test_a_channel_that_a_service_keeps_is_told_and_the_others_are_ended(mailed: Mailed) -> None:
    mailed.shop.keeps_channels = {"sms": "goes_by_hand"}
    said = mailed.objects()
    assert said.code == 3, said.err
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": True, "whatsapp": False}
    assert said.out.count("ended, and read back so") == 4


def test_without_the_standing_approval_it_is_remembered_and_waits_with_its_line(tmp_path: Path) -> None:
    shop = Mailed(tmp_path, standing=False)
    shop.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"))
    said = shop.ready().objects()
    assert said.code == 4
    assert remembered(shop, MINE)
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": True}
    code = said.err.split("gallra approve ")[1].split()[0]
    assert shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner").code == 0
    assert shop.gallra("apply", "--plan", code).code == 0
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": False}


def test_mailings_that_go_on_are_told_by_status_by_a_run_and_by_the_plan(tmp_path: Path) -> None:
    shop = Mailed(tmp_path, standing=False)
    shop.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"))
    shop.shop.order("9", LONG_AGO)
    code = shop.ready().objects().err.split("gallra approve ")[1].split()[0]
    assert f"mailings go on to persons who said no: plan {code}" in shop.gallra("status").out
    assert "Mailings are ended in 1 records" in shop.gallra("show", code).out
    run = shop.gallra("run")
    assert run.code == 4
    assert "mailings go on" in run.err


def test_the_protocol_says_of_mailings_that_they_are_ended_and_not_of_the_record(mailed: Mailed) -> None:
    mailed.objects()
    said = mailed.gallra("report").out
    assert "Mailings, order" in said
    assert "Whole order" not in said


def test_who_waits_is_not_forgotten_when_another_objects(tmp_path: Path) -> None:
    shop = Mailed(tmp_path, standing=False)
    shop.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"))
    shop.shop.said(Kind.CUSTOMER, "2", THEIRS, yes("email"))
    shop.ready().objects()
    said = shop.objects(THEIRS)
    code = said.err.split("gallra approve ")[1].split()[0]
    shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner")
    assert shop.gallra("apply", "--plan", code).code == 0
    assert shop.shop.says("1", Kind.CUSTOMER) == shop.shop.says("2", Kind.CUSTOMER) == {"email": False}


def test_the_nightly_plan_stands_and_its_limits_do_not_know_of_it(mailed: Mailed) -> None:
    for number in range(30):
        mailed.shop.order(f"o{number}", LONG_AGO)
    mailed.gallra("pull")
    mailed.gallra("plan")
    before = mailed.gallra("show", "--json").json["digest"]
    assert mailed.objects().code == 0
    assert mailed.gallra("show", "--json").json["digest"] == before
    text = mailed.file.read_text(encoding="utf-8").replace("jump = 1000.0", "jump = 1.0")
    mailed.file.write_text(text, encoding="utf-8")
    said = mailed.gallra("approve", before[:8], "--by", "Disa Demo", "--role", "owner")
    assert said.code == 0, said.err


def test_a_yes_of_a_later_day_is_the_persons_own_will(mailed: Mailed) -> None:
    mailed.list.said(Kind.SUBSCRIBER, "a:1", MINE, yes("email", TODAY))
    said = mailed.objects(MINE, "--received", YESTERDAY.isoformat())
    assert mailed.list.says("a:1", Kind.SUBSCRIBER) == {"email": True}
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": False, "whatsapp": False}
    assert "own will" in said.err


def test_an_objection_survives_an_import_and_the_next_run_ends_it_again(mailed: Mailed) -> None:
    mailed.objects()
    mailed.list.said(Kind.SUBSCRIBER, "a:9", MINE, yes("email", LONG_SINCE))
    assert mailed.gallra("run").code == 0
    assert mailed.list.says("a:9", Kind.SUBSCRIBER) == {"email": False}


def test_a_yes_without_a_day_that_comes_back_is_told_and_not_undone(mailed: Mailed) -> None:
    mailed.objects()
    mailed.shop.said(Kind.ORDER, "10", MINE, yes("email", None))
    said = mailed.gallra("run")
    assert mailed.shop.says("10", Kind.ORDER) == {"email": True}
    assert "without a day" in said.err


def test_an_objection_taken_in_again_ends_a_yes_without_a_day_the_same_day(mailed: Mailed) -> None:
    mailed.objects()
    mailed.shop.said(Kind.ORDER, "10", MINE, yes("email", None))
    assert mailed.objects().code == 0
    assert mailed.shop.says("10", Kind.ORDER) == {"email": False}


def test_a_newer_yes_lifts_an_objection_only_once_the_older_ones_are_ended_and_says_so(
    mailed: Mailed,
) -> None:
    mailed.list.said(Kind.SUBSCRIBER, "a:1", MINE, yes("email", TODAY))
    mailed.objects(MINE, "--received", YESTERDAY.isoformat())
    assert not mailed.shop.says("1", Kind.CUSTOMER)["email"]
    said = mailed.gallra("run")
    assert not remembered(mailed, MINE)
    assert "objections to mailings are lifted" in said.err
    assert mailed.list.says("a:1", Kind.SUBSCRIBER) == {"email": True}


def test_what_was_ended_is_not_told_as_an_import(mailed: Mailed) -> None:
    assert "not ended yet" not in mailed.objects().err


def test_a_service_that_does_not_answer_is_named_and_the_others_are_ended(mailed: Mailed) -> None:
    mailed.list.fail = RemoteError("mailchimp does not answer", adapter="mailchimp", operation="fetch")
    said = mailed.objects()
    assert said.code == 3, said.out + said.err
    assert "mailchimp" in said.err
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": False, "whatsapp": False}
    mailed.list.fail = None
    assert mailed.gallra("run").code == 0
    assert mailed.list.says("a:1", Kind.SUBSCRIBER) == {"email": False}


def test_what_an_earlier_try_left_half_done_is_told_once_it_is_finished(mailed: Mailed) -> None:
    fault = RemoteError("mailchimp answered 500", adapter="mailchimp", operation="unsubscribe")
    with mock.patch.object(mailed.list, "_write", side_effect=fault):
        assert mailed.objects().code == 3
    said = mailed.gallra("unsubscribe", "--carry")
    assert said.code == 0, said.err
    assert mailed.list.says("a:1", Kind.SUBSCRIBER) == {"email": False}
    assert "ended, and read back so" in said.out
    assert "nothing to end" not in said.out
    assert "not ended yet" not in said.err


def test_whoever_advertises_and_is_reached_by_no_call_is_named_for_a_person(mailed: Mailed) -> None:
    with mailed.file.open("a", encoding="utf-8") as file:
        for name, code in (("annonser", "AD"), ("utskick", "MC"), ("bokio", "BK")):
            file.write(f'[recipients.{name}]\ncode = "{code}"\nrole = "processor"\n')
    said = mailed.objects()
    assert "annonser, utskick mail or advertise" in said.err
    assert "bokio" not in said.err
    assert "advertise" not in mailed.gallra("run").err


def test_a_day_to_come_is_refused(mailed: Mailed) -> None:
    said = mailed.objects(MINE, "--received", (TODAY + timedelta(days=2)).isoformat())
    assert said.code == 1
    assert not remembered(mailed, MINE)


def test_a_number_ends_what_comes_by_telephone_and_no_letters(mailed: Mailed) -> None:
    assert mailed.objects("070-123 45 67").code == 0
    assert mailed.shop.says("1", Kind.CUSTOMER) == {"email": True, "sms": False, "whatsapp": False}


def test_the_ledger_is_whole_afterwards(mailed: Mailed) -> None:
    mailed.objects()
    opened = mailed.open()
    with opened.ledger.begin() as connection:
        assert not list(breaks(connection, opened.ledger.shop, sealed()))


# A no at one service, carried to the others ------------------------------------------------


def both(tmp_path: Path, in_shop: object, in_list: object, *, standing: bool = True) -> Mailed:
    shop = Mailed(tmp_path, standing=standing)
    shop.shop.said(Kind.CUSTOMER, "1", MINE, in_shop)  # type: ignore[arg-type]
    shop.list.said(Kind.SUBSCRIBER, "a:1", MINE, in_list)  # type: ignore[arg-type]
    shop.gallra("check")
    return shop


def test_a_no_to_the_newsletter_is_carried_to_the_shop(tmp_path: Path) -> None:
    shop = both(tmp_path, yes(), no(YESTERDAY))
    said = shop.gallra("run")
    assert said.code == 0, said.err + said.out
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": False}


def test_a_no_in_the_shop_is_carried_to_the_newsletter(tmp_path: Path) -> None:
    shop = both(tmp_path, no(YESTERDAY), yes())
    assert shop.gallra("run").code == 0
    assert shop.list.says("a:1", Kind.SUBSCRIBER) == {"email": False}


def test_it_is_carried_once_and_not_back(tmp_path: Path) -> None:
    shop = both(tmp_path, yes(), no(YESTERDAY))
    for _ in range(3):
        shop.gallra("run")
    assert shop.shop.ended == [("1", frozenset({"email"}))]
    assert shop.list.ended == []


def test_what_we_wrote_is_no_new_word_against_a_yes_given_meanwhile(tmp_path: Path) -> None:
    shop = both(tmp_path, yes(), no(TODAY - timedelta(days=5)))
    shop.gallra("run")  # the shop's no is ours, of today
    shop.list.said(Kind.SUBSCRIBER, "a:1", MINE, yes("email", YESTERDAY))
    assert shop.gallra("run").code == 0
    assert shop.list.says("a:1", Kind.SUBSCRIBER) == {"email": True}


def test_a_later_yes_elsewhere_is_as_it_should_be_and_no_run_tells_of_it(tmp_path: Path) -> None:
    shop = both(tmp_path, yes("email", YESTERDAY), no(TODAY - timedelta(days=5)))
    said = shop.gallra("run")
    assert said.code == 0
    assert "own will" not in said.err
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": True}


def test_a_consent_is_never_given(tmp_path: Path) -> None:
    shop = both(tmp_path, no(LONG_SINCE), yes("email", YESTERDAY))
    assert shop.gallra("run").code == 0
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": False}
    assert shop.list.says("a:1", Kind.SUBSCRIBER) == {"email": True}


def test_a_no_to_letters_says_nothing_of_text_messages(tmp_path: Path) -> None:
    shop = Mailed(tmp_path)
    shop.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"), yes("sms"))
    shop.list.said(Kind.SUBSCRIBER, "a:1", MINE, no(YESTERDAY))
    shop.gallra("check")
    shop.gallra("run")
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": False, "sms": True}


def test_a_no_to_one_list_says_nothing_of_another_at_the_same_service(tmp_path: Path) -> None:
    shop = Mailed(tmp_path)
    shop.list.said(Kind.SUBSCRIBER, "a:1", MINE, no(YESTERDAY))
    shop.list.said(Kind.SUBSCRIBER, "b:1", MINE, yes())
    shop.gallra("check")
    shop.gallra("run")
    assert shop.list.says("b:1", Kind.SUBSCRIBER) == {"email": True}


def test_without_the_approval_it_waits_with_its_line_and_the_run_says_so(tmp_path: Path) -> None:
    shop = both(tmp_path, yes(), no(YESTERDAY), standing=False)
    said = shop.gallra("run")
    assert said.code == 4
    assert "gallra approve" in said.out
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": True}


def test_the_approval_holds_to_its_last_day(tmp_path: Path) -> None:
    shop = both(tmp_path, yes(), no(YESTERDAY))
    text = shop.file.read_text(encoding="utf-8").replace("until = 2027-10-31", "until = 2026-11-20")
    shop.file.write_text(text, encoding="utf-8")
    assert shop.gallra("run").code == 4
    assert shop.shop.says("1", Kind.CUSTOMER) == {"email": True}


@pytest.mark.parametrize(("until", "what"), [
    ("2027-10-31", ""), ("2027-01-01", "objections_ends"), ("2026-11-20", "objections_ended"),
])  # fmt: skip
def test_the_approval_of_objections_is_listed_before_it_ends(tmp_path: Path, until: str, what: str) -> None:
    shop = Mailed(tmp_path)
    text = shop.file.read_text(encoding="utf-8").replace("until = 2027-10-31", f"until = {until}")
    shop.file.write_text(text, encoding="utf-8")
    found = status_of(shop.ready().open()).objections
    assert (found.what if found else "") == what


def test_a_whole_list_that_says_no_is_held_to_the_limits(tmp_path: Path) -> None:
    shop = Mailed(tmp_path)
    text = shop.file.read_text(encoding="utf-8").replace("percent = 100.0", "percent = 20.0")
    shop.file.write_text(text, encoding="utf-8")
    for number in range(20):
        shop.shop.said(Kind.CUSTOMER, str(number), f"p{number}@kund.example", yes())
        shop.list.said(Kind.SUBSCRIBER, f"a:{number}", f"p{number}@kund.example", no(date(2026, 11, 1)))
    shop.gallra("check")
    said = shop.gallra("run")
    assert said.code == 4
    assert all(shop.shop.says(str(number), Kind.CUSTOMER)["email"] for number in range(20))
    assert "would end 20 mailings at once" in said.out
    line = said.out.split("gallra approve ")[1].split("`")[0].split(" --by")[0]
    more = ("--first-run",) if "--first-run" in said.out else ()
    assert shop.gallra("approve", line, "--by", "Disa Demo", "--role", "owner", *more).code == 0
    assert shop.gallra("apply", "--plan", line).code == 0
    assert not any(shop.shop.says(str(number), Kind.CUSTOMER)["email"] for number in range(20))


def test_a_run_counts_in_its_line_what_it_finished_of_an_objection_that_was_half_done(mailed: Mailed) -> None:
    """One that stood half done still when the run had begun: its service answers again only then."""
    fault = RemoteError("mailchimp answered 500", adapter="mailchimp", operation="unsubscribe")
    with mock.patch.object(mailed.list, "_write", side_effect=fault):
        mailed.objects()
    opened = mailed.open()
    with opened.ledger.begin() as connection:
        [half] = Plans(opened.ledger).begun(connection, scopes=(OBJECTION,))
    with mock.patch.object(run, "_finish_begun"):
        said = mailed.gallra("run")
    assert mailed.list.says("a:1", Kind.SUBSCRIBER) == {"email": False}
    assert f"of plan {half.plan.code}" in said.out
    assert "Verified:" in said.out
