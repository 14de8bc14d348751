"""A value is changed in its own format, and nothing beside what was meant changes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.text.formats import Leaf, Uncut, leaves, rewritten

DUE = "198112189876"


def drop(leaf: Leaf) -> str:
    return leaf.text.replace(DUE, "")


def same(leaf: Leaf) -> str:
    return leaf.text


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
SCALARS = st.one_of(TEXTS, st.just(DUE), st.integers(), st.booleans(), st.none(), st.just(int(DUE)))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
STRUCTURES = st.lists(VALUES, max_size=4) | st.dictionaries(TEXTS | st.just(f"a {DUE}"), VALUES, max_size=4)


def php(value: Any) -> str:
    """A value as PHP serialises it."""
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if value is None:
        return "N;"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    rows = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    return f"a:{len(rows)}:{{{''.join(php(name) + php(inner) for name, inner in rows)}}}"


@given(STRUCTURES)
def test_json_stays_json_and_loses_what_was_due(value: Any) -> None:
    result = rewritten(json.dumps(value), drop, key="k")
    assert DUE not in json.dumps(json.loads(result))


@given(STRUCTURES)
def test_a_serialised_row_keeps_its_lengths_and_loses_what_was_due(value: Any) -> None:
    result = rewritten(php(value), drop, key="k")
    assert DUE not in result
    assert rewritten(result, same, key="k") == result


@given(STRUCTURES, st.sampled_from([json.dumps, lambda v: json.dumps(v, indent=1, ensure_ascii=False), php]))
def test_what_does_not_change_is_left_as_it_was_written(value: Any, written: Any) -> None:
    assert rewritten(written(value), same, key="k") == written(value)


@given(STRUCTURES, TEXTS)
def test_a_neighbour_keeps_its_value_and_its_name(value: Any, neighbour: str) -> None:
    before = {"gone": value, "stays": neighbour.replace(DUE, "")}
    assert json.loads(rewritten(json.dumps(before), drop))["stays"] == before["stays"]
    assert rewritten(before, drop)["stays"] == before["stays"]


@given(STRUCTURES)
def test_no_entry_is_lost_when_a_name_changes(value: Any) -> None:
    before = {f"a {DUE}": 1, "a ": 2, "b": value}
    assert len(json.loads(rewritten(json.dumps(before), drop))) == 3
    assert len(rewritten(before, drop)) == 3


@given(VALUES)
def test_reading_never_raises_and_sees_what_is_due(value: Any) -> None:
    for form in (value, json.dumps(value), php(value)):
        seen = any(DUE in leaf.text for leaf in leaves(form))
        assert seen == (DUE in json.dumps(value))


@pytest.mark.parametrize(
    "text",
    [
        'O:8:"stdClass":1:{s:3:"pnr";s:12:"198112189876";}',
        'a:1:{s:3:"pnr";s:99:"198112189876";}',
        'a:2:{s:3:"pnr";s:12:"198112189876";}',
        f'a:1:{{s:3:"pnr";s:12:"{DUE}";}}x;',
    ],
)
def test_a_row_that_cannot_be_taken_apart_waits_for_a_hand_as_a_whole(text: str) -> None:
    with pytest.raises(Uncut):
        rewritten(text, drop)
    assert any(DUE in leaf.text for leaf in leaves(text))


def test_an_integer_is_cleared() -> None:
    assert rewritten(int(DUE), drop) is None
    assert rewritten(f'{{"personnummer":{DUE}}}', drop) == '{"personnummer":null}'
    assert rewritten(f"a:1:{{i:0;i:{DUE};}}", drop) == "a:1:{i:0;N;}"


def test_json_inside_json_is_changed_inside() -> None:
    inner = json.dumps({"pnr": int(DUE)})
    assert json.loads(json.loads(rewritten(json.dumps({"body": inner}), drop))["body"]) == {"pnr": None}


def test_a_leaf_knows_every_name_it_stands_under() -> None:
    found = [leaf for leaf in leaves('{"a":[{"b":1},2]}', key="k") if not leaf.name]
    assert [(leaf.path, leaf.key, leaf.text) for leaf in found] == [("k a b", "b", "1"), ("k a", "a", "2")]
