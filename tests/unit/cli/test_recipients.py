"""`gallra recipient list` and `check`, typed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.about.tables import is_secret
from connector.cli.recipients import _FAILED
from connector.ports import Act, Processor, Tracker
from connector.ports.disclosing import CopiesOut
from connector.registry import described, kinds_of, read_recipient, recipients
from connector.testing.recorded import Recording
from tests.sandbox_support import typed
from tests.support import REPOSITORY
from tests.unit.adapters.described.told import CASES, case
from tests.unit.docs.capability_rows import processors

PAGE = (REPOSITORY / "docs" / "described.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```(toml|json)\n((?:format|\{\"keys).*?)```", PAGE, re.DOTALL))
SHOP = """\
[shop]
id = "egg"
name = "Egg"
language = "LANGUAGE"
[recipients.acme]
description = "acme.toml"
account = "7"
key = { env = "NOBODY_SET_THIS" }
[recipients.hotjar]
[recipients.klarna]
"""

NEVER = "; by no rule of the policy: only where a person asks to be erased"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.toml").write_text(case("acme"), "utf-8")
    (tmp_path / "shop.toml").write_text(SHOP.replace("LANGUAGE", "en"), "utf-8")
    return tmp_path


def test_the_list_says_what_is_done_how_it_is_read_back_and_what_is_only_told(folder: Path) -> None:
    told = typed("recipient", "list", str(folder / "shop.toml"))
    assert told.code == 0, told.err
    assert told.out.splitlines() == [
        "klarna: orders by Klarna's order id: told by letter; cannot be read back",
        "hotjar: customer accounts by the account's id: told by letter; cannot be read back" + NEVER,
        "acme: customer accounts by the account's id: told by letter; cannot be read back",
        "acme: customer accounts by the e-mail address: erased; looked for again",
        "acme: orders by the order number: erased; its state is read again" + NEVER,
        "acme: customer accounts by the account's id: stopped; its state is read again",
    ]


def test_the_list_speaks_the_shop_s_language(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLRA_LANGUAGE", "sv")
    (folder / "shop.toml").write_text(SHOP.replace("LANGUAGE", "sv"), "utf-8")
    told = typed("recipient", "list", str(folder / "shop.toml"))
    assert "acme: kundkonton via e-postadressen: raderas; söks igen" in told.out


def test_a_sound_description_is_checked_and_a_fault_is_told_with_its_place(folder: Path) -> None:
    told = typed("recipient", "check", str(folder / "acme.toml"))
    assert (told.code, "acme" in told.out) == (0, True), told.err
    (folder / "acme.toml").write_text(case("acme").replace("api.acme.example/v2", "evil.test/v2"), "utf-8")
    told = typed("recipient", "check", str(folder / "acme.toml"))
    assert told.code == 1
    assert "acme.toml: base: leads to a host that hosts does not name." in told.err


def test_a_shop_whose_description_is_of_another_name_is_refused(folder: Path) -> None:
    text = SHOP.replace("[recipients.acme]", "[recipients.other]")
    (folder / "shop.toml").write_text(text, "utf-8")
    told = typed("recipient", "list", str(folder / "shop.toml"))
    assert told.code == 1
    assert "recipients.acme" in told.err


def test_a_description_of_one_that_gallra_knows_is_refused(folder: Path) -> None:
    named = SHOP.replace("[recipients.klarna]", '[recipients.klarna]\ndescription = "acme.toml"')
    (folder / "shop.toml").write_text(named, "utf-8")
    assert typed("recipient", "list", str(folder / "shop.toml")).code == 1


def test_a_check_against_a_recording_counts_what_holds(folder: Path) -> None:
    recorded = CASES / "acme.recorded.jsonl"
    told = typed("recipient", "check", str(folder / "acme.toml"), "--recorded", str(recorded), "--json")
    assert told.code == 0, told.out + told.err
    assert '"failed": []' in told.out
    assert re.search(r'"passed": [12]\d', told.out)


def test_the_names_of_what_does_not_hold_are_found_in_what_pytest_prints() -> None:
    printed = (
        "FAILED test_of_file.py::TestRecipient::test_a_second_push - x\nERROR a.py::TestRecipient::test_b\n"
    )
    assert _FAILED.findall(printed) == ["a_second_push", "b"]


def test_the_example_of_the_page_is_sound_and_its_recording_is_of_it() -> None:
    one = read_recipient(BLOCKS["toml"], file="described.md")
    recording = Recording(BLOCKS["json"])
    assert one.name == "acme"
    assert set(recording.head["keys"]) == set(one.keys)
    assert len(recording.answers) == 5


def every_recipient() -> str:
    """A shop's file that names every recipient with an adapter, each with made-up keys."""
    lines = ['[shop]', 'id = "egg"', 'name = "Egg"']
    for about in recipients():
        table = about.recipient
        assert table is not None
        lines.append(f"[recipients.{about.name}]")
        for key in table.needs:
            made_up = '{ env = "NOBODY_SET_THIS" }' if is_secret(table, key) else '"17"'
            lines.append(f"{key} = {made_up}")
    text = "\n".join([*lines, ""])
    text = text.replace('folders = "17"', 'folders = { support = "INBOX" }')
    return text.replace('lists = "17"', 'lists = ["17"]\nstores = ["18"]')


def test_the_list_holds_what_each_adapter_does_and_how_it_reads_that_back(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(every_recipient(), "utf-8")
    listed = typed("recipient", "list", str(tmp_path / "shop.toml"), "--json")
    assert listed.code == 0, listed.err
    shown: dict[str, set[tuple[str, str, str, str]]] = {}
    for one in listed.json["recipients"]:
        row = (one["kind"], one["handle"], one["what"], one["read_back"])
        shown.setdefault(one["name"], set()).add(row)
    for name, processor in processors():
        if name != "letter":
            assert shown[name] == set(own_rows(name, processor)), name
    carried = {("customer", "customer", "carried", "platform")}
    assert shown["shopify-payments"] == carried


def own_rows(name: str, processor: Processor) -> Iterator[tuple[str, str, str, str]]:
    """What an adapter says of itself, as rows of the list."""
    one = described().get(name)
    backs = {
        (_ACTS[does.act], str(does.kind), does.handle): does.read_back.by
        for does in (one.does if one else ()) if does.read_back is not None
    }  # fmt: skip
    for each in processor.interests:
        if name in ("klarna", "kustom") and each.act is Act.ERASE:
            continue  # only with clean_references
        told = (str(each.act), str(each.kind), each.handle)
        back = "letter" if each.act is Act.NOTIFY else backs.get(told, "again")
        yield (str(each.kind), each.handle, str(each.act), back)
    yield from ((str(kind), "own_id", "own", "again") for kind in kinds_of(name))
    if isinstance(processor, CopiesOut):
        yield from (("order", handle, "export", "none") for handle in processor.copies_by)
    if isinstance(processor, Tracker):
        yield ("order", "tracking_number", "track", "none")
    for does in one.does if one else ():
        if does.act == "carried":
            yield (str(does.kind), does.handle, "carried", "platform")


_ACTS = {"erase": "erase", "rectify": "erase", "stop": "stop", "unsubscribe": "stop"}


def test_what_the_shop_system_erases_is_shown_with_the_day_of_the_last_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connector.views import recipients

    (tmp_path / "shop.toml").write_text(
        '[shop]\nid = "egg"\nname = "Egg"\n[recipients.shopify-payments]\n', "utf-8"
    )
    file = str(tmp_path / "shop.toml")
    carried = (
        "shopify-payments: customer accounts by the account's id: carried by the shop system's own erasure"
    )
    assert typed("recipient", "list", file).out.startswith(carried)
    monkeypatch.setattr(recipients, "_accepted", lambda shop, platform: ["2027-01-02", "2027-03-04"])
    assert "; accepted, the last of 2 by 2027-03-04" in typed("recipient", "list", file).out
