"""The JSON twin and the CSV annex."""

import csv as comma_separated
import io
import json as plain_json
from collections.abc import Iterator
from datetime import date

import msgspec
import pytest

from connector.errors import Exit
from connector.plan import Totals
from connector.records import Action, Field, HoldId, Kind
from connector.report.drawn import csv, json
from connector.report.dry_run.model import DryRun
from connector.report.protocol.model import Protocol
from connector.report.shared import FORMAT_VERSION, AnnexRow
from tests.unit.report.examples import DRY_RUN, PROTOCOL


@pytest.mark.parametrize(
    ("view", "type_"), [(DRY_RUN, DryRun), (PROTOCOL, Protocol)], ids=["dry_run", "protocol"]
)
def test_json_reads_back_to_the_same_view(view: DryRun | Protocol, type_: type) -> None:
    assert msgspec.json.decode(json(view), type=type_) == view


def test_json_carries_its_version_document_and_sentence() -> None:
    document = plain_json.loads(json(DRY_RUN))
    assert document["format_version"] == FORMAT_VERSION == 1
    assert document["document"] == "dry_run"
    assert document["sentence"].endswith("of 5000 records; 2 by hand.")
    assert document["code"] == DRY_RUN.code


def test_json_writes_zeros_and_nulls_out() -> None:
    view = msgspec.structs.replace(DRY_RUN, kinds=())
    document = plain_json.loads(json(view))
    assert document["totals"] == {"records": 0} | dict.fromkeys(Totals.__struct_fields__, 0)
    assert document["approval"] is None


def test_the_exit_code_is_there_only_where_it_is_given() -> None:
    assert plain_json.loads(json(PROTOCOL, exit_code=Exit.DATA_LEFT))["exit_code"] == 6
    assert "exit_code" not in plain_json.loads(json(PROTOCOL))


ROW = AnnexRow(
    order_id="10412",
    kind=Kind.ORDER,
    field=Field.DOOR_CODE,
    rule="T-07",
    clock_from=date(2026, 8, 26),
    keep_through=date(2026, 9, 9),
    action=Action.REDACT,
    holds=(HoldId.OPEN_ORDER, HoldId.RETURN),
)


def lines(*rows: AnnexRow) -> list[list[str]]:
    """The annex read back by a CSV reader."""
    return list(comma_separated.reader(io.StringIO("".join(csv(rows, "sv")))))


def test_the_annex_has_the_columns_of_the_law_documents_and_the_kind_beside_the_id() -> None:
    head = "order_id,slag,fält,regel_id,tiden_räknas_från,sparas_till_och_med,åtgärd,spärrar\r\n"
    assert next(csv((), "sv")) == head


def test_the_headings_of_the_annex_are_in_the_shop_s_language_and_its_cells_in_none() -> None:
    swedish, english = (list(csv((ROW,), language)) for language in ("sv", "en"))
    assert english[0] == "order_id,kind,field,rule_id,counted_from,kept_through,action,holds\r\n"
    assert swedish[1:] == english[1:]


def test_a_row_of_the_annex_holds_codes_and_dates() -> None:
    dates = ["2026-08-26", "2026-09-09"]
    assert lines(ROW)[1] == ["10412", "order", "door_code", "T-07", *dates, "redact", "H1 H2"]


def test_a_whole_record_is_a_star_and_unknown_dates_are_empty() -> None:
    row = AnnexRow(order_id="9", kind=Kind.ORDER, field=None, rule="T-17")
    assert lines(row)[1] == ["9", "order", "*", "T-17", "", "", "", ""]


@pytest.mark.parametrize("order_id", ["=1+1", "@SUM(A1)", "+46", "-7"])
def test_an_order_number_cannot_become_a_formula(order_id: str) -> None:
    row = AnnexRow(order_id=order_id, kind=Kind.ORDER, field=None, rule="T-17")
    assert lines(row)[1][0] == f"'{order_id}"


def test_the_annex_is_streamed_row_by_row() -> None:
    taken = []

    def rows() -> Iterator[AnnexRow]:
        for number in range(1000):
            taken.append(number)
            yield ROW

    annex = csv(rows(), "sv")
    next(annex)
    next(annex)
    assert taken == [0]
