"""One number in every form that people write it in: the word before, what joins them, the number itself."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from connector.detect import Type, detect

CASES = Path(__file__).parents[2] / "cases" / "detect" / "forms.toml"
FORMS: dict[str, dict[str, list[str]]] = tomllib.loads(CASES.read_text("utf-8"))
JOINED = (
    " ",
    ": ",
    ":",
    "=",
    "\n",
    ":\n",
    "\t",
    " - ",
    " – ",
    "&nbsp;",
    "\xa0",
    "</b> ",
    "</td><td>",
    "<br>",
)
"""What stands between a word and its number."""
GLUED = ("", "_", "-", "\u2011", "\u200b")
ENDINGS = ("", " tack!", ", Anna", "\nHälsningar Bo", "</p>", ". Mvh", ";", ")")

Way = tuple[Type, str, str]


def completed(number: str) -> str:
    """The number with its last digit, where the form leaves it open."""
    digits = "".join(str(int(letter)) for letter in number if letter.isdecimal())
    return number.replace("?", luhn.calc_check_digit(digits[-9:] if len(digits) in (9, 11) else digits))


def found(text: str) -> list[tuple[Type, str]]:
    return [(each.type, text[each.start : each.end]) for each in detect(text, key="customer_note")]


def ways_of(kind: str) -> st.SearchStrategy[Way]:
    words, written = FORMS[kind]["words"], FORMS[kind]["written"]
    return st.tuples(st.just(Type(kind)), st.sampled_from(words), st.sampled_from(written).map(completed))


ways = st.sampled_from(sorted(FORMS)).flatmap(ways_of)


def test_every_type_has_its_forms() -> None:
    assert set(FORMS) == set(Type)


@given(way=ways, joint=st.sampled_from(JOINED))
def test_every_form_is_found_whole_after_every_word_for_it(way: Way, joint: str) -> None:
    kind, word, number = way
    assert found(f"{word}{joint}{number}") == [(kind, number)]


@given(way=ways, joint=st.sampled_from(GLUED))
def test_a_number_glued_to_its_word_is_found(way: Way, joint: str) -> None:
    kind, word, number = way
    if word[-1].isalpha() and number[0].isdecimal() and number[1:3].isdecimal():
        assert found(f"Hej {word}{joint}{number}") == [(kind, number)]


@given(way=ways, ending=st.sampled_from(ENDINGS))
def test_what_follows_a_number_leaves_it_whole(way: Way, ending: str) -> None:
    kind, word, number = way
    assert (kind, number) in found(f"{word}: {number}{ending}")
