"""What is known of consents is read person by person, and never the whole index anew for some of them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from connector.ledger.consents import _saying
from connector.records import Kind
from tests.unit.stages.objecting import MINE, Mailed, yes


@pytest.mark.parametrize("people", [1, 30, 900, 5_000])
def test_what_persons_say_is_read_by_their_own_index_however_many_they_are(
    tmp_path: Path, people: int
) -> None:
    shop = Mailed(tmp_path)
    shop.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"))
    shop.ready()
    opened = shop.open()
    asked: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    with opened.ledger.begin() as connection:
        event.listen(opened.ledger.engine, "before_cursor_execute", note)
        found = _saying(connection, opened.ledger.shop, given=True, people=range(1, people + 1))
        event.remove(opened.ledger.engine, "before_cursor_execute", note)
        assert [one.ref.id for one in found] == ["1"]
        for statement, values in asked:
            plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
            lines = [row[3] for row in plan.fetchall()]
            assert any("record_subject" in line for line in lines), lines
