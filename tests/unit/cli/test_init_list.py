"""`gallra init --from`: many shops from one list, all of them or none."""

from datetime import date
from pathlib import Path

import pytest

from connector.errors import GallraError, SettingsError
from connector.settings import load_settings
from connector.setup.from_list import drafts, write

TODAY = date(2026, 11, 22)
CSV = """\
shop_name;platform;url;company;by;recipients;language
Äggboden;woocommerce;https://agg.example;Ägg & Höns AB;Ada Ek;klarna, mailchimp;sv
Hönsgården;woocommerce;https://hons.example;Ägg & Höns AB;Ada Ek;;sv
Linne och Lin;shopify;https://linne-och-lin.myshopify.com;Linne AB;Bo Ek;klarna;en
"""
TOML = """\
[all]
by = "Ada Ek"
till = false
recipients = ["klarna", "postnord"]

[[shop]]
shop_name = "Äggboden"
url = "https://agg.example"

[[shop]]
shop_name = "Hönsgården"
platform = "shopify"
url = "https://hons.myshopify.com"
"""


def _listed(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _fault(folder: Path, text: str, name: str = "list.csv") -> str:
    with pytest.raises(GallraError) as refused:
        drafts(_listed(folder, text, name), language="en", today=TODAY)
    return str(refused.value)


@pytest.mark.parametrize(("name", "text", "ids"), [
    ("list.csv", CSV, ["aggboden", "honsgarden", "linne-och-lin"]),
    ("list.toml", TOML, ["aggboden", "honsgarden"]),
])  # fmt: skip
def test_every_shop_of_a_list_becomes_a_file_that_loads(
    tmp_path: Path, name: str, text: str, ids: list[str]
) -> None:
    made = drafts(_listed(tmp_path, text, name), language="sv", today=TODAY)
    write(made, tmp_path / "shops")
    loaded = [load_settings(tmp_path / "shops" / f"{id_}.toml", environ={}, today=TODAY) for id_ in ids]
    assert [one.shop.id for one in loaded] == ids


def test_shops_of_one_company_share_its_keys_and_no_others(tmp_path: Path) -> None:
    write(drafts(_listed(tmp_path, CSV), language="sv", today=TODAY), tmp_path)
    keys = sorted(path.name for path in tmp_path.glob("*.key"))
    companies, names = ("agg-hons-ab", "linne-ab"), ("seal", "subject", "vault")
    assert keys == [f"{company}-{name}.key" for company in companies for name in names]
    assert len({path.read_text("utf-8") for path in tmp_path.glob("*.key")}) == 6


def test_what_all_shops_share_is_written_once(tmp_path: Path) -> None:
    made = drafts(_listed(tmp_path, TOML, "list.toml"), language="sv", today=TODAY)
    assert all("[recipients.postnord]" in one.settings for one in made)


def test_each_shop_speaks_its_own_language(tmp_path: Path) -> None:
    made = drafts(_listed(tmp_path, CSV), language="sv", today=TODAY)
    assert ['language = "en"' in one.settings for one in made] == [False, False, True]


def test_every_fault_of_every_row_is_told_with_its_line(tmp_path: Path) -> None:
    text = "shop_name,platform,by\nA,abacus,Ada\n,woocommerce,Bo\n"
    told = _fault(tmp_path, text)
    assert "list.csv:2: platform" in told
    assert "list.csv:3: shop_name" in told
    assert "Nothing was written" in told


def test_a_column_that_is_no_question_is_told_of(tmp_path: Path) -> None:
    assert "list.csv:2: colour is no question" in _fault(tmp_path, "shop_name,by,colour\nA,Ada,red\n")


def test_two_shops_of_one_id_are_refused(tmp_path: Path) -> None:
    assert "list.csv:3: shop_id: a" in _fault(tmp_path, "shop_name,by\nA,Ada\na,Bo\n")


def test_an_empty_list_says_what_belongs_there(tmp_path: Path) -> None:
    assert "lists no shop" in _fault(tmp_path, "shop_name,by\n")


def test_a_shop_that_is_there_is_left_alone_and_no_other_is_written(tmp_path: Path) -> None:
    (tmp_path / "honsgarden.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(GallraError, match=r"honsgarden\.toml exists"):
        write(drafts(_listed(tmp_path, CSV), language="sv", today=TODAY), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["honsgarden.toml", "list.csv"]


def test_a_list_with_a_mark_and_windows_line_ends_reads_the_same(tmp_path: Path) -> None:
    plain = drafts(_listed(tmp_path, CSV), language="sv", today=TODAY)
    marked = "\ufeff" + CSV.replace("\n", "\r\n")
    assert drafts(_listed(tmp_path, marked, "b.csv"), language="sv", today=TODAY) == plain


def test_a_fault_is_one_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        drafts(_listed(tmp_path, "shop_name\nA\n"), language="sv", today=TODAY)
