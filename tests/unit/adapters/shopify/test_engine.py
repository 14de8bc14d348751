"""A shop on Shopify from check to verify, with the commands a merchant types."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.ledger import new_key
from sandbox import Sandbox
from tests.sandbox_support import SandboxShop

FILE = """\
[shop]
id = "linne"
name = "Linne"
[platform]
name = "shopify"
url = "{url}"
token = {{ env = "LINNE_TOKEN" }}
[company]
name = "Linne AB"
organisation_number = "556677-8899"
contact = "dataskydd@linne.example"
financial_years = {{ ends = "12-31", from = {first_year} }}
oss = [[2021-07-01]]
[accountant.answer]
by = "Rut Revisor"
on = 2026-11-01
order_is_underlag = true
archive = "the shop's orders"
[ledger]
path = "gallra.sqlite"
key = {{ file = "vault.key" }}
subject_key = {{ file = "subject.key" }}
[limits]
records = 100000
percent = 100.0
[policy.rules."T-20"]
waive_warning = true
"""
LISTENER = '\n[[listener]]\nid = "{id}"\nmark = "harmless"\nby = "Disa Demo"\non = {today}\n'


class ShopifyShop(SandboxShop):
    """A shop's folder over the stand-in Shopify."""

    @property
    def environ(self) -> dict[str, str]:
        """The token and the file."""
        return {"LINNE_TOKEN": self.box.shopify.token, "GALLRA_SHOP": str(self.file)}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopifyShop]:
    """A shop of 200 orders, applied and verified."""
    folder = tmp_path_factory.mktemp("linne")
    with Sandbox(orders=200, customers=50) as box:
        box.shopify.use_plan("Enterprise")
        made = ShopifyShop(box, folder)
        write(made)
        for words in (("check",), ("pull",), ("plan",)):
            said = made.gallra(*words)
            assert said.code == 0, (words, said.out[-400:], said.err[-400:])
        assert made.approve("--first-run").code == 0
        mark(made)
        yield made


def write(shop: ShopifyShop) -> None:
    """The shop's file and its keys."""
    text = FILE.format(url=shop.box.shopify.url, first_year=date.today().year - 13)
    shop.file.write_text(text, encoding="utf-8")
    for name in ("vault.key", "subject.key"):
        (shop.folder / name).write_text(new_key(), encoding="utf-8")
        (shop.folder / name).chmod(0o600)


def mark(shop: ShopifyShop) -> None:
    """Every listener marked harmless, as a person does after a trial."""
    listeners = shop.gallra("check", "--json").json["services"]["shopify"]["listeners"]
    with shop.file.open("a", encoding="utf-8") as file:
        for one in listeners:
            file.write(LISTENER.format(id=one["id"], today=date.today().isoformat()))


def addresses(box: Sandbox) -> set[str]:
    """Every e-mail address of the shop's orders, read while they are there."""
    shop = box.shopify.shop
    rows = (shop.orders.read(number) for number in shop.world.sketches)
    return {row["email"] for row in rows if row["email"]}


def test_what_was_applied_is_read_back_clean_and_nothing_personal_was_kept(shop: ShopifyShop) -> None:
    people = addresses(shop.box)
    assert people
    applied = shop.gallra("apply")
    assert "records touched" in applied.out
    verified = shop.gallra("verify")
    assert verified.code == 0
    assert "0 with data left" in verified.out
    assert shop.box.shopify.shop.mails == []
    said = "".join(one.out + one.err for one in shop.heard).encode()
    kept = shop.ledger_bytes() + said + reports(shop.folder)
    assert not [person for person in people if person.encode() in kept]


def reports(folder: Path) -> bytes:
    """Every file that the commands wrote, the keys left out."""
    return b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".key"
    )


def test_the_report_counts_those_who_keep_all_of_it_by_buying_again(shop: ShopifyShop) -> None:
    kept = shop.gallra("show", "--json").json["kept_together"]
    assert [one["platform"] for one in kept] == ["shopify"]
    assert kept[0]["customers"] >= kept[0]["past"] > 0
    page = next(shop.folder.rglob("dry-run-*.html")).read_text(encoding="utf-8")
    assert "Kunder som handlat igen (Shopify)" in page
