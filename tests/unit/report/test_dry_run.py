"""What the dry run says, and in what order."""

import re
from dataclasses import dataclass
from datetime import date

import msgspec
import pytest

from connector.places.never_kept import NEVER
from connector.ports import Act, Problem, Role
from connector.records import Field, Kind
from connector.report.blocks import Bullets, Command, Document, Paragraph, Share, Table
from connector.report.drawn import sheet, terminal
from connector.report.dry_run.brief import compose_brief
from connector.report.dry_run.document import compose
from connector.report.dry_run.going import all_irreversible
from connector.report.dry_run.model import DryRun, KeptView, LimitView, RecipientView, Stands, StepsDone
from connector.report.shared import LANGUAGES
from connector.report.tables import field_name
from connector.report.words import Words
from tests.unit.report.examples import APPROVAL, DRY_RUN, EMPTY_DRY_RUN


@dataclass(frozen=True)
class Found:
    """The tables of one section, by the heading of their first column."""

    document: Document

    def tables(self, section: str) -> list[Table]:
        """Tables of a section."""
        blocks = next(each for each in self.document.sections if each.id == section).blocks
        return [block for block in blocks if isinstance(block, Table)]


def changed(**fields: object) -> DryRun:
    """The example with some fields replaced."""
    return msgspec.structs.replace(DRY_RUN, **fields)


def number(text: str) -> int:
    """A shown number, back."""
    return int(re.sub(r"\D", "", text) or 0)


def show(view: DryRun, language: str = "sv") -> str:
    """The text of a dry run on one very wide terminal."""
    return terminal(view, language=language, width=300, colour=False)


def short(view: DryRun, language: str = "sv") -> str:
    """What a terminal shows where not all is asked for."""
    return sheet.terminal(compose_brief(view, language), width=300, colour=False)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("sv", "Inget har ändrats eller raderats."),
        ("en", "Nothing has been changed or deleted."),
    ],
)
def test_the_first_thing_said_is_that_nothing_has_changed(language: str, sentence: str) -> None:
    assert compose(DRY_RUN, language).title == sentence


def test_the_answers_stand_in_the_fixed_order() -> None:
    order = [section.id for section in compose(DRY_RUN, "sv").sections]
    assert order == [
        "going", "staying", "noticing", "knowing", "telling", "cost", "difference", "approval",
    ]  # fmt: skip


def test_what_cannot_be_undone_stands_before_what_is_noticed() -> None:
    text = show(DRY_RUN)
    assert text.index("Det här går inte att ångra") < text.index("Efteråt märker du")


def test_the_gravest_of_what_cannot_be_undone_comes_first() -> None:
    going = compose(DRY_RUN, "sv").sections[0]
    bullets = next(block for block in going.blocks if isinstance(block, Bullets))
    assert "Mailchimp" in bullets.items[0]
    assert "kassan" in bullets.items[0]


def test_the_parts_of_the_bar_sum_to_all_records() -> None:
    share = compose(DRY_RUN, "sv").sections[0].blocks[0]
    assert isinstance(share, Share)
    assert sum(segment.value for segment in share.segments) == 5000


def test_the_fields_of_the_waves_sum_to_the_total_shown() -> None:
    waves = Found(compose(DRY_RUN, "sv")).tables("going")[0]
    plain = [number(row.cells[2].text) for row in waves.rows if row.role == "plain"]
    assert sum(plain) == number(waves.rows[-1].cells[2].text) == 315


def test_each_row_and_column_of_the_kinds_sums() -> None:
    kinds = Found(compose(DRY_RUN, "en")).tables("going")[1]
    numbers = [[number(cell.text) for cell in row.cells[1:]] for row in kinds.rows]
    *rows, totals = numbers
    assert [sum(column) for column in zip(*rows, strict=True)] == totals
    assert all(sum(row[:-1]) == row[-1] for row in numbers)


def test_the_timeline_shows_each_year_with_the_sum_of_its_waves() -> None:
    years = Found(compose(DRY_RUN, "sv")).tables("staying")[-1]
    shown = {row.cells[0].text: number(row.cells[2].text) for row in years.rows}
    counted: dict[str, int] = {}
    for each in DRY_RUN.timeline:
        counted[str(each.year)] = counted.get(str(each.year), 0) + each.count
    assert shown == counted


def test_keeps_show_reason_basis_and_dates() -> None:
    text = show(DRY_RUN)
    assert "Bokföringslagen eller annan lag kräver det" in text
    assert "2026-12-31 – 2033-12-31" in text
    assert "Rättslig förpliktelse" in text


def kept(rule: str, field: Field | None, reason: str, count: int) -> KeptView:
    """Something that stays."""
    return KeptView(rule=rule, field=field, reason=reason, count=count, kind=Kind.CUSTOMER)


def kept_rows(*views: KeptView) -> list[str]:
    """The first cell of each row of the table of what stays."""
    table = Found(compose(changed(kept=views), "en")).tables("staying")[0]
    return [row.cells[0].text for row in table.rows]


def test_the_law_stands_first_and_running_purposes_last_among_the_reasons_to_keep() -> None:
    rows = kept_rows(
        kept("T-02", Field.EMAIL, "purpose", 1),
        kept("T-08", Field.PERSONAL_NUMBER, "clock_unknown", 1),
        kept("T-01", Field.NAME, "floor", 1),
    )
    assert rows == [
        "The bookkeeping act or another law requires it", "Name",
        "The date it counts from cannot be read", "Personal number",
        "The data is still needed", "E-mail",
    ]  # fmt: skip


def test_fields_that_a_rule_keeps_alike_share_a_row() -> None:
    fields = (Field.NAME, Field.EMAIL, Field.IP_ADDRESS)
    rows = kept_rows(*(kept("T-01", field, "floor", 5) for field in fields))
    assert rows[1:] == ["Name, e-mail, IP address"]


def test_fields_with_different_counts_keep_their_own_rows() -> None:
    rows = kept_rows(kept("T-01", Field.NAME, "floor", 5), kept("T-01", Field.EMAIL, "floor", 4))
    assert rows[1:] == ["Name", "E-mail"]


def test_a_whole_record_that_stays_stands_for_its_fields() -> None:
    rows = kept_rows(kept("T-20", Field.NAME, "purpose", 44), kept("T-20", None, "purpose", 44))
    assert rows[1:] == ["Whole account"]


def test_the_fields_of_a_wave_stand_with_the_whole_records_first_and_then_by_number() -> None:
    waves = Found(compose(DRY_RUN, "en")).tables("going")[0]
    first = [row.cells[0].text for row in waves.rows[1:5]]
    assert first == ["Whole order", "IP address", "Browser", "Door code"]


def test_an_unknown_hold_is_named_as_something_gallra_cannot_see() -> None:
    text = show(DRY_RUN)
    assert text.index("Det här kan Gallra inte se") < text.index("Betalningstvist pågår")


@pytest.mark.parametrize(
    ("language", "title", "sum_"),
    [
        ("sv", "Kunder som handlat igen (Shopify)", "1\xa0118"),
        ("en", "Customers who bought again (Shopify)", "1,118"),
    ],
)
def test_who_keeps_everything_by_buying_again_stands_with_both_counts(
    language: str, title: str, sum_: str
) -> None:
    shown = show(DRY_RUN, language)
    assert title in shown
    assert re.search(rf"{sum_}\b", shown)
    assert re.search(r"\b37\b", shown)


def test_a_platform_that_erases_each_order_alone_says_nothing_of_buying_again() -> None:
    assert "handlat igen" not in show(changed(kept_together=()))


def test_a_recipient_that_cannot_be_undone_stands_first() -> None:
    recipients = Found(compose(DRY_RUN, "sv")).tables("telling")[0]
    assert recipients.rows[0].cells[0].text == "Mailchimp"
    assert "går inte att ångra" in recipients.rows[0].cells[1].note


def test_a_controller_asked_to_erase_is_shown_as_notified() -> None:
    klarna = RecipientView(name="Klarna", code="KL", role=Role.CONTROLLER, act=Act.ERASE, count=1)
    table = Found(compose(changed(recipients=(klarna,)), "en")).tables("telling")[0]
    assert table.rows[0].cells[1].text == "notified"


def test_a_listener_that_nobody_has_judged_says_so() -> None:
    assert re.search(r"lager\.example\s+när en order ändras\s+inte bedömd", show(DRY_RUN))


def test_an_exceeded_limit_is_named_with_its_value_and_bound() -> None:
    limit = LimitView(name="share", value=7.5, allowed=5, exceeded=True, kind=Kind.ORDER)
    warnings = compose(changed(limits=(limit,), first_run=False), "sv").warnings
    assert warnings is not None
    assert warnings.items[0] == "Andel av posterna (ordrar): 7,5 %, gränsen är 5 %."


def test_limits_are_not_said_to_be_kept_when_one_is_exceeded() -> None:
    limit = LimitView(name="records", value=700, allowed=500, exceeded=True)
    assert "är hållna" in show(DRY_RUN)
    assert "är hållna" not in show(changed(limits=(limit,)))


def test_a_first_run_over_the_limits_says_how_to_go_on() -> None:
    limit = LimitView(name="records", value=700, allowed=500, exceeded=True)
    assert "--first-run" in show(changed(limits=(limit,), first_run=True))
    assert "--first-run" not in show(changed(limits=(limit,), first_run=False))


@pytest.mark.parametrize(
    ("name", "setting"), [("records", "records"), ("share", "percent"), ("jump", "jump")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_later_run_over_a_limit_names_the_setting_and_its_file_and_no_line_that_is_refused(
    name: str, setting: str, language: str
) -> None:
    limit = LimitView(name=name, value=700, allowed=500, exceeded=True, kind=Kind.ORDER)
    file = "/srv/kallans.toml"
    over = changed(limits=(limit,), first_run=False, file=file, approve_command="")
    for text in (show(over, language), short(over, language)):
        assert f"{setting} " in text.replace("\n", " ")
        assert "[limits]" in text
        assert file in text
        assert "gallra approve" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stands", Stands)
def test_a_dry_run_says_first_what_became_of_the_plan_and_blocked_only_of_one_that_waits(
    stands: Stands, language: str
) -> None:
    limit = LimitView(name="records", value=700, allowed=500, exceeded=True)
    steps = StepsDone(done=3, of=8)
    document = compose(changed(stands=stands, limits=(limit,), steps=steps), language)
    unchanged = Words(language).say("dry_run.nothing_changed")
    assert (document.title == unchanged) is stands.touched_nothing
    assert stands.touched_nothing or "3" in document.title
    assert (document.warnings is not None) is stands.waits
    assert (stands is Stands.PROPOSED) == (document.lead[0] == Words(language).say("dry_run.lead")) or (
        stands in (Stands.EXPIRED, Stands.OTHER_POLICY)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_blanked_is_said_to_be_gone_for_good_only_where_no_copy_is_kept(language: str) -> None:
    for_good = Words(language).code("irreversible", "redacted")
    none, kept = changed(undo_days=0), changed(undo_days=14, never_copied=tuple(NEVER))
    for said in (show, short):
        assert for_good in said(none, language)
        assert "gallra undo" not in said(none, language)
        assert for_good not in said(kept, language)
        assert f"gallra undo {DRY_RUN.code}" in said(kept, language)
        assert "2026-12-06" in said(kept, language)


def test_what_is_never_copied_is_named_among_what_cannot_be_undone() -> None:
    view = changed(undo_days=14, never_copied=tuple(NEVER))
    (never,) = [one for one in all_irreversible(view, Words("sv")) if "blankas" in one]
    for field in NEVER:
        assert field_name(field, Words("sv")).lower() in never.lower()


def test_a_problem_that_stops_the_plan_stands_before_the_first_section() -> None:
    problem = Problem(severity="error", code="x", en="The key may only read.", sv="Nyckeln får bara läsa.")
    text = show(changed(problems=(problem,)))
    assert text.index("Nyckeln får bara läsa.") < text.index("1. Det här skulle försvinna")


def test_a_plan_without_problems_has_no_warning() -> None:
    assert compose(DRY_RUN, "sv").warnings is None


def test_the_command_to_approve_is_shown_until_someone_has_approved() -> None:
    before = [type(block) for block in compose(DRY_RUN, "sv").sections[-1].blocks]
    after = [
        type(block)
        for block in compose(changed(approval=APPROVAL, stands=Stands.APPROVED), "sv").sections[-1].blocks
    ]
    assert Command in before
    assert Command not in after


def test_an_approval_shows_who_in_what_role_for_whom_and_until_when() -> None:
    text = show(changed(approval=APPROVAL))
    for part in ("Maja Testsson", "ekonomiansvarig", "Källans Handel AB", "2026-11-29 06:02"):
        assert part in text


def test_the_full_digest_and_the_short_code_are_shown() -> None:
    text = show(DRY_RUN)
    assert DRY_RUN.digest in text
    assert DRY_RUN.code == DRY_RUN.digest[:8]


def test_a_digest_with_its_algorithm_in_front_gives_the_same_code() -> None:
    assert changed(digest=f"sha256:{DRY_RUN.digest}").code == DRY_RUN.code


def test_the_first_run_says_that_it_begins_with_one_record() -> None:
    assert "en enda post" in show(DRY_RUN)
    assert "en enda post" not in show(changed(first_run=False))


def test_a_first_dry_run_has_nothing_to_compare_with() -> None:
    section = compose(changed(difference=()), "sv").sections[6]
    assert section.blocks == (Paragraph(text="Det finns ingen tidigare förhandsgranskning att jämföra med."),)


def test_an_unchanged_plan_says_that_nothing_differs() -> None:
    same = tuple(msgspec.structs.replace(each, before=each.now) for each in DRY_RUN.difference)
    assert "Inget skiljer sig" in show(changed(difference=same))


def test_a_plan_with_nothing_due_says_so() -> None:
    quiet = tuple(
        msgspec.structs.replace(
            each, totals=msgspec.structs.replace(each.totals, delete=0, redact=0, nothing_due=10)
        )
        for each in DRY_RUN.kinds
    )
    assert "Det finns inget att gallra just nu." in show(changed(kinds=quiet, waves=()))


def test_a_long_run_is_estimated_in_hours() -> None:
    cost = msgspec.structs.replace(DRY_RUN.cost, minutes=150.0)
    assert "ungefär 2 timmar" in show(changed(cost=cost))


def test_an_empty_dry_run_still_answers_every_question() -> None:
    assert all(section.blocks for section in compose(EMPTY_DRY_RUN, "sv").sections)


def test_a_round_says_of_which_kinds_its_records_are_and_the_code_that_wave_takes() -> None:
    first = msgspec.structs.replace(DRY_RUN.waves[0], records=3, kinds={Kind.CUSTOMER: 2, Kind.ORDER: 1})
    lines = compose_brief(changed(waves=(first, *DRY_RUN.waves[1:])), "sv").sections[0].blocks[1]
    assert isinstance(lines, Bullets)
    assert lines.items[0].startswith(f"Omgång 1 ({first.wave}): ")
    assert lines.items[0].endswith("3 poster (2 kundkonton, 1 order)")


def test_a_part_of_a_plan_is_approved_by_the_codes_of_its_rounds() -> None:
    assert f"--wave och omgångens kod, flera med --wave för varje: {DRY_RUN.waves[0].wave}, " in show(DRY_RUN)


def test_a_limit_in_per_cent_says_that_it_is_rounded_up_to_whole_records() -> None:
    limit = LimitView(name="share", value=60, allowed=10, exceeded=True, kind=Kind.REVIEW)
    said = show(changed(limits=(limit,), percent=5))
    assert "Gränsen är 5 % av varje slag" in said
    assert "uppåt till hela poster" in said


def test_what_to_look_into_says_on_which_day_it_was_counted() -> None:
    view = changed(shown_on=date(2026, 11, 22))
    told = str(compose_brief(view, "sv").sections[1].blocks)
    assert "fynd vid visningen 2026-11-22" in told


def test_a_year_s_sum_over_rounds_is_not_called_a_number_of_records() -> None:
    assert "Summa av omgångarna" in str(compose(DRY_RUN, "sv").sections)


def test_numbers_for_a_hand_say_what_each_document_counts() -> None:
    for language, sentence in (
        ("sv", "gallra todo det som återstår i dag"),
        ("en", "gallra todo what is left today"),
    ):
        assert sentence in str(compose(DRY_RUN, language).sections)
