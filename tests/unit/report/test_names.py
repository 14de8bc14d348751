"""Places, findings and bases: what can be said in words is, the rest is shown as it is."""

import pytest

from connector.report.shared_tables import basis_words
from connector.report.tables import place_name, surprise_name
from connector.report.words import Words

SV = Words("sv")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("refund_reason", "orsak till återbetalning"),
        ("meta:_faktura_mejl", "eget fält _faktura_mejl"),
        ("merge_fields.BDAY", "merge_fields.BDAY"),
        ("wordpress_user:17", "WordPress > Användare: radera konto 17"),
        ("a sentence of an adapter: as it is", "a sentence of an adapter: as it is"),
    ],
)
def test_a_place_keeps_its_key_and_translates_the_rest(place: str, expected: str) -> None:
    assert place_name(place, SV) == expected


def test_a_finding_in_an_unknown_field_names_what_was_found() -> None:
    assert surprise_name("unknown_key:email", SV) == "Okänt fält: e-postadress"


def test_a_finding_without_a_type_is_one_word() -> None:
    assert surprise_name("personal_number", SV) == "Personnummer"


def test_letters_of_legal_bases_are_spelled_out() -> None:
    assert basis_words("c,i", SV) == "Avtal, berättigat intresse"


@pytest.mark.parametrize("basis", ["BFL 5:7, 7:2; KKL 4:14, 5:2", "Dataskyddslagen 3:10", ""])
def test_a_swedish_law_is_quoted_as_the_policy_writes_it(basis: str) -> None:
    assert basis_words(basis, SV) == basis


@pytest.mark.parametrize(
    ("basis", "swedish"),
    [
        ("GDPR 5(1)(e), 6(1)(b), (f)", "artikel 5.1 e, 6.1 b och f i GDPR"),
        ("KKL 5:2; GDPR 6(1)(b)", "KKL 5:2; artikel 6.1 b i GDPR"),
        ("GDPR 17(1)(b)–(c), 21(3)", "artikel 17.1 b–c, 21.3 i GDPR"),
    ],
)
def test_articles_are_quoted_as_each_language_writes_them(basis: str, swedish: str) -> None:
    assert (basis_words(basis, SV), basis_words(basis, Words("en"))) == (swedish, basis)
