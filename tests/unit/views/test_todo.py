"""The work list: every task by record and number, closed by a person, read back, in the next protocol."""

import csv
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Exit
from connector.ports import Listener
from connector.records import Field
from connector.shop import open_shop
from connector.views.todo import todo
from tests.unit.stages.opened import ENVIRON, Opened


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    for id in ("1", "2", "3"):
        made.memory.order(id, tags="vip")
    for words in ("check", "pull", "plan"):
        assert made.gallra(words).code == Exit.DONE
    return made


def listed(shop: Opened) -> dict[int, dict[str, Any]]:
    """The tasks by number."""
    return {one["number"]: one for one in shop.gallra("todo", "--json").json["tasks"]}


def ran(shop: Opened) -> Opened:
    """Approved, erased and read back."""
    code = str(shop.gallra("show", "--json").json["digest"])[:8]
    shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner")
    for words in ("apply", "verify"):
        assert shop.gallra(words).code == Exit.DONE
    return shop


def clear(shop: Opened, *ids: str) -> None:
    """A person takes the tags away in the shop."""
    for id in ids:
        held = shop.memory.of(id)
        held.values.pop(Field.TAGS, None)


def test_each_task_names_its_record_its_place_what_is_there_and_since_when(shop: Opened) -> None:
    tasks = listed(shop)
    assert {one["label"] for one in tasks.values()} == {"#1", "#2", "#3"}
    assert sorted(tasks) == [1, 2, 3]
    assert all(one["place"] == "whole_record" and one["fields"] == ["tags"] for one in tasks.values())
    assert all(one["since"] for one in tasks.values())


def test_a_task_keeps_its_number_from_run_to_run(shop: Opened) -> None:
    before = {one["id"]: number for number, one in listed(shop).items()}
    ran(shop).memory.order("0", tags="vip")
    for words in ("pull", "plan"):
        assert shop.gallra(words).code == Exit.DONE
    after = {one["id"]: number for number, one in listed(shop).items()}
    assert after == before | {"0": 4}


def test_what_is_done_leaves_the_list_and_is_read_back_as_gone(shop: Opened) -> None:
    clear(shop, "1")
    assert shop.gallra("todo", "done", "1", "--by", "Disa Demo").code == Exit.DONE
    assert sorted(listed(shop)) == [2, 3]
    assert shop.gallra("pull").code == Exit.DONE
    assert sorted(listed(shop)) == [2, 3]
    [done] = shop.gallra("todo", "--json").json["done"]
    assert (done["number"], done["done_by"], done["seen"]) == (1, "Disa Demo", "gone")


@pytest.mark.parametrize("verb", ["pull", "verify"])
def test_what_is_said_to_be_done_and_is_still_there_opens_again_and_that_is_said(
    shop: Opened, verb: str
) -> None:
    ran(shop).gallra("todo", "done", "2", "--by", "Disa Demo")
    said = shop.gallra(verb)
    assert "Task 2" in said.err
    assert "Disa Demo" in said.err
    assert listed(shop)[2]["again"]


def test_a_range_and_a_place_close_what_they_span_and_no_more(shop: Opened) -> None:
    assert shop.gallra("todo", "done", "1-40", "--place", "elsewhere", "--by", "Disa Demo").code == Exit.ERROR
    assert sorted(listed(shop)) == [1, 2, 3]
    said = shop.gallra("todo", "done", "2-40", "--place", "whole_record", "--by", "Disa Demo")
    assert said.out.startswith("Done: 2 tasks")
    assert sorted(listed(shop)) == [1]


def test_a_number_that_is_not_on_the_list_is_refused_and_nothing_is_recorded(shop: Opened) -> None:
    said = shop.gallra("todo", "done", "1", "77", "--by", "Disa Demo")
    assert (said.code, "77" in said.err) == (Exit.ERROR, True)
    assert sorted(listed(shop)) == [1, 2, 3]


def test_a_task_that_was_called_done_by_mistake_is_taken_back(shop: Opened) -> None:
    shop.gallra("todo", "done", "3", "--by", "Disa Demo")
    assert shop.gallra("todo", "reopen", "3", "--by", "Disa Demo").code == Exit.DONE
    assert listed(shop)[3]["again"] is None


def test_nothing_is_to_be_done_to_a_record_on_hold(shop: Opened) -> None:
    words = ("--reason", "Claim", "--owner", "Disa Demo", "--review", "6 months")
    assert shop.gallra("hold", "add", "--order", "#2", *words).code == Exit.DONE
    body = shop.gallra("todo", "--json").json
    assert [one["id"] for one in body["tasks"]] == ["1", "3"]
    assert body["held"] == 1


def test_a_task_of_a_record_that_is_gone_is_nobodys(shop: Opened) -> None:
    ran(shop)
    held = shop.memory.of("1")
    del shop.memory.held[held.ref]
    shop.gallra("pull", "--full")
    assert "1" not in {one["id"] for one in listed(shop).values()}


def test_the_list_needs_no_key_of_any_service(shop: Opened) -> None:
    without = {name: value for name, value in ENVIRON.items() if name not in ("EGG_KEY", "EGG_SECRET")}
    opened = open_shop(shop.file, environ=without, clock=shop.clock)
    assert len(todo(opened).tasks) == 3


def test_the_table_has_a_line_a_task_with_headers_in_the_language(shop: Opened, tmp_path: Path) -> None:
    path = tmp_path / "todo.csv"
    shop.gallra("todo", "--csv", str(path), "--html", str(tmp_path / "todo.html"), "-l", "sv")
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert header[:4] == ["Nr", "Plats", "Slag", "Post"]
    assert len(rows) == 3
    assert "gallra todo done 1-3 --place whole_record" in (tmp_path / "todo.html").read_text(encoding="utf-8")


def test_what_is_left_and_what_was_done_stand_in_the_protocol(shop: Opened) -> None:
    ran(shop)
    clear(shop, "1")
    shop.gallra("todo", "done", "1", "--by", "Disa Demo")
    body = shop.gallra("report", "--json").json
    [place] = body["tasks"]
    assert (place["place"], place["count"]) == ("whole_record", 2)
    assert [one["number"] for one in body["tasks_done"]] == [1]
    assert "To do by hand in the shop: 2" in " ".join(shop.gallra("report").out.split())


def test_show_says_of_the_services_what_plan_said_listeners_too(shop: Opened) -> None:
    heard = Listener(id="webhook:7", name="Lager", kind="webhook", hears="order.updated")
    shop.memory.listeners = (heard,)
    planned = shop.gallra("plan", "--json").json
    shown = shop.gallra("show", "--json").json
    assert [one["name"] for one in shown["listeners"]] == ["Lager (webhook:7)"]
    for name in ("listeners", "own_retention", "problems", "by_hand", "shop"):
        assert shown[name] == planned[name]
