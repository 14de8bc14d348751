"""A promises file from a policy's text: what is proposed, from which sentence, and how often it is right."""

from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.cli.lawful import told
from connector.policy import ShopContext, load_policy
from connector.settings.promises import Promise, load_promises
from connector.text.sentences import changed, plain, sentences
from connector.views.promises.proposing import as_toml, kind_of_sentence, kinds, propose
from tests.support import REPOSITORY

POLICY = """\
<html><head><style>p { color: red }</style></head><body>
<h1>Integritetspolicy</h1>
<p>Vi sparar portkod när du lämnar den, t.ex. vid leverans. Orderuppgifter sparas för bokföring och tas
bort efter 10 år. Kortnummer sparas aldrig.</p>
<ul><li>Du kan klaga hos IMY</li><li>Vi säljer fina kläder</li></ul>
<p>Newsletter addresses: the address is erased when the subscription ends.</p></body></html>
"""


def test_a_text_is_cut_into_sentences_without_markup_headings_or_questions() -> None:
    assert sentences(POLICY + "<p>Varför sparar vi portkod?</p>") == (
        "Vi sparar portkod när du lämnar den, t.ex. vid leverans.",
        "Orderuppgifter sparas för bokföring och tas bort efter 10 år.",
        "Kortnummer sparas aldrig.",
        "Du kan klaga hos IMY",
        "Vi säljer fina kläder",
        "Newsletter addresses: the address is erased when the subscription ends.",
    )


def test_a_plain_text_that_is_folded_is_read_as_one_sentence() -> None:
    assert sentences("Vi sparar portkod\nnär du lämnar den.\n\nNyhetsbrev\n") == (
        "Vi sparar portkod när du lämnar den.",
    )


def test_every_field_that_a_sentence_names_is_proposed() -> None:
    found, _ = propose("Vi sparar namn, födelsedatum, personnummer och portkod.")
    assert {one.kind.id for one in found} == {
        "door_code", "personal_number", "birth_date", "contact_details",
    }  # fmt: skip


def test_each_promise_is_proposed_with_its_own_sentence() -> None:
    found, rest = propose(POLICY)
    by_kind = {one.kind.id: one for one in found}
    assert by_kind["door_code"].quote == "Vi sparar portkod när du lämnar den, t.ex. vid leverans."
    assert by_kind["order_years"].latest == "10 years"
    assert by_kind["card_never"].latest == "0 days"
    assert {"complaint", "unsubscribe_erases"} <= set(by_kind)
    assert "Vi säljer fina kläder" in rest


def test_the_file_loads_and_says_of_each_that_nobody_has_confirmed_it(tmp_path: Path) -> None:
    found, _ = propose(POLICY)
    path = tmp_path / "promises.toml"
    path.write_text(as_toml("sjatte", "S5", found, confirmed=[0]), encoding="utf-8")
    loaded = load_promises(path)
    assert [one.id for one in loaded] == [f"S5-{place:02d}" for place in range(1, len(found) + 1)]
    assert [one.proposed for one in loaded] == [False] + [True] * (len(found) - 1)
    assert [one.quote for one in loaded] == [one.quote for one in found]


def test_the_same_text_gives_the_same_file() -> None:
    assert as_toml("x", "S5", propose(POLICY)[0]) == as_toml("x", "S5", propose(POLICY)[0])


@pytest.mark.parametrize("kind", kinds(), ids=lambda one: one.id)
def test_every_kind_makes_a_promise_that_loads_and_names_rows_of_the_preset(kind, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from connector.views.promises.proposing import Proposal

    path = tmp_path / "one.toml"
    path.write_text(as_toml("x", "S5", [Proposal(kind=kind, quote='Ett "löfte"')]), encoding="utf-8")
    (loaded,) = load_promises(path)
    policy = load_policy("swedish-webshop", context=ShopContext())
    known = {rule.id for rule in policy.rules} | {row.id for row in policy.attestations}
    assert set(loaded.rules) <= known
    assert (loaded.advice is not None) == ("L" in loaded.verdict)
    assert kind.patterns["sv"]
    assert kind.patterns["en"]


def measured(language: str) -> Counter[str]:
    """Found, wrong and missed over the five shipped files, sentence by sentence in their own words."""
    counts: Counter[str] = Counter()
    for path in sorted((REPOSITORY / "config" / "promises").glob("*.toml")):
        for one in load_promises(path):
            kind = kind_of_sentence(getattr(one, language))
            counts["missed" if kind is None else "found" if same(kind.table, one) else "wrong"] += 1
    return counts


def same(table, one: Promise) -> bool:  # type: ignore[no-untyped-def]
    """Whether a proposal is about the same thing, or is carried the same way by a rule in common."""
    shared = bool(set(table.get("rules", ())) & set(one.rules))
    return table["about"] == one.about or (shared and table["how"] == one.how)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_over_the_five_policies_most_promises_are_found_and_few_are_wrong(language: str) -> None:
    counts = measured(language)
    assert counts.total() == 145
    assert counts["found"] >= 130
    assert counts["wrong"] <= 6


def test_a_change_names_the_sentences_that_went_and_came() -> None:
    assert changed(["A.", "B."], ["B.", "C."]) == (("A.",), ("C.",))


def test_entities_and_scripts_are_no_words_of_the_policy() -> None:
    assert "&amp;" not in plain("<script>x</script>a &amp; b")
    assert "x" not in plain("<script>x</script>a &amp; b")


def test_a_file_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    text, to = tmp_path / "policy.txt", tmp_path / "promises.toml"
    text.write_text("Portkod sparas vid köp.", encoding="utf-8")
    runner = CliRunner()
    asked = ["new", "--policy", str(text), "--to", str(to), "--for", "sjatte"]
    assert runner.invoke(told, asked).exit_code == 0
    assert 'quote = "Portkod sparas vid köp."' in to.read_text(encoding="utf-8")
    assert runner.invoke(told, asked).exit_code != 0
    assert app is not None


@pytest.mark.parametrize(
    ("sentence", "fields", "latest", "clock"),
    [
        ("Telefonnummer raderas 90 dagar efter leverans.", ("phone",), "90 days", "delivered"),
        (
            "Vi sparar din e-postadress i tre år efter ditt senaste köp.",
            ("email",),
            "3 years",
            "last_purchase",
        ),
        ("We store your phone number for 12 months after delivery.", ("phone",), "12 months", "delivered"),
        (
            "Vi sparar namn och adress i två år.",
            ("name", "billing_address", "shipping_address"),
            "2 years",
            "",
        ),
    ],
)
def test_a_sentence_about_some_fields_keeps_its_own_fields_and_time(
    sentence: str, fields: tuple[str, ...], latest: str, clock: str, tmp_path: Path
) -> None:
    (one,) = propose(sentence)[0]
    assert (one.latest, one.clock) == (latest, clock)
    path = tmp_path / "promises.toml"
    path.write_text(as_toml("x", "S5", [one]), encoding="utf-8")
    (loaded,) = load_promises(path)
    assert (set(loaded.fields), loaded.latest) == (set(fields), latest)
