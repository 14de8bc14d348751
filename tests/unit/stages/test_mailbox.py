"""A shop with its mailbox beside it: read, planned, removed, read back, and a person's mail on request."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.imap.line import Session
from adapters.imap.platform import Mailbox
from connector.errors import Exit
from connector.ledger.requests import Register
from connector.records import Kind
from connector.stages.requests.access import access, asked_by
from sandbox.box import Sandbox
from sandbox.imap.mailbox import INFO, OWN, SUPPORT, Letter
from tests.sandbox_support import SandboxShop, make_shop
from tests.unit.adapters.told import no_wait

TABLE = """
[recipients.imap]
host = "127.0.0.1"
port = {port}
security = "none"
user = "{user}"
password = {{ env = "DEMO_IMAP_PASSWORD" }}
folders = {{ support = "INBOX/Kundtjänst", info = "INBOX/Info" }}
customers_only = ["support"]
own = ["@sandbutiken.example"]

[policy.rules."T-60"]
periods = {{ claims = "34 months" }}

[limits]
records = 100000
percent = 100
jump = 1000
"""
OLD = datetime.now(UTC) - timedelta(days=1100)
NEW = datetime.now(UTC) - timedelta(days=200)
STRANGER = "ny@okand.example"
WHO = ("--by", "Disa Demo")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Mailbox.__init__.__kwdefaults__, "sleep", no_wait)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, customers=12, orders=40) as running:
        for folder in running.imap.shop.folders.values():
            folder.mails.clear()
        yield running


@pytest.fixture
def shop(box: Sandbox, tmp_path: Path) -> SandboxShop:
    """A shop with a mailbox in which nothing lies yet."""
    made = make_shop(box, tmp_path / "shop")
    table = TABLE.format(port=box.imap.port, user=box.imap.user)
    made.file.write_text(made.file.read_text(encoding="utf-8") + table, encoding="utf-8")
    return made


def buyer(box: Sandbox) -> str:
    """Who has bought, and has no order that is open or under return by the address."""
    orders = box.woocommerce.shop.orders.values()
    status: dict[str, set[str]] = {}
    for order in orders:
        status.setdefault(str(order["billing"]["email"]).lower(), set()).add(str(order["status"]))
    return next(address for address, found in status.items() if found == {"completed"})


def put(
    box: Sandbox, sender: str, sent: datetime, *, folder: str = SUPPORT, flags: Any = (), **more: Any
) -> int:
    letter = Letter(sender=sender, sent=sent, number=f"m{box.imap.shop.folders[folder].next_uid}", **more)
    uid: int = box.imap.shop.folders[folder].add(letter.written(), sent, flags).uid
    return uid


def states(shop: SandboxShop) -> dict[str, str]:
    """What the plan says of each message, by its name in the ledger."""
    with closing(sqlite3.connect(shop.folder / "gallra.sqlite")) as ledger:
        chosen = "select json_extract(body, '$.label'), state, holds from record"
        rows = ledger.execute(f"{chosen} where adapter = 'imap' and gone = 0").fetchall()
    return {label: f"{state} {holds}".strip() for label, state, holds in rows}


def planned(shop: SandboxShop) -> dict[str, str]:
    for word in ("check", "pull", "plan"):
        said = shop.gallra(word)
        assert said.code == Exit.DONE, (said.out[-600:], said.err[-600:])
    return states(shop)


def left(box: Sandbox, folder: str = SUPPORT) -> set[int]:
    return {mail.uid for mail in box.imap.shop.folders[folder].mails}


def test_old_mail_of_a_buyer_goes_and_new_mail_and_open_cases_stay(box: Sandbox, shop: SandboxShop) -> None:
    whose = buyer(box)
    old, new = put(box, whose, OLD), put(box, whose, NEW)
    flagged = put(box, whose, OLD, flags=["\\Flagged"])
    found = planned(shop)
    assert found[f"support/{old}"] == "delete"
    assert found[f"support/{new}"] == "nothing_due"
    assert found[f"support/{flagged}"] == "held H2"


def test_mail_without_an_order_goes_after_a_year(box: Sandbox, shop: SandboxShop) -> None:
    old = put(box, STRANGER, datetime.now(UTC) - timedelta(days=500))
    assert planned(shop)[f"support/{old}"] == "delete"


def test_in_a_folder_that_is_not_declared_only_a_customers_plain_message_goes(
    box: Sandbox, shop: SandboxShop
) -> None:
    whose = buyer(box)
    plain = put(box, whose, OLD, folder=INFO)
    invoice = put(box, "faktura@grossist.example", OLD, folder=INFO)
    attached = put(box, whose, OLD, folder=INFO, attached=True)
    linked = put(box, whose, OLD, folder=INFO, text="Se https://x.example/kvitto\n")
    found = planned(shop)
    assert found[f"info/{plain}"] == "delete"
    assert {found[f"info/{one}"] for one in (invoice, attached, linked)} == {"held H10"}


def test_what_is_approved_is_removed_and_read_back_and_nothing_of_anybody_is_kept(
    box: Sandbox, shop: SandboxShop
) -> None:
    whose = buyer(box)
    old = put(box, f"Hemlig Avsändare <{whose}>", OLD, subject="Mycket privat")
    new = put(box, whose, NEW)
    planned(shop)
    assert shop.approve("--first-run").code == Exit.DONE
    shop.mark_listeners()
    for word in ("apply", "push", "verify"):
        assert shop.gallra(word).code == Exit.DONE
    assert left(box) == {new}
    assert box.imap.shop.misuse == []
    assert shop.gallra("pull").code == Exit.DONE
    assert set(states(shop)) == {f"support/{new}"}
    said = "".join(one.out + one.err for one in shop.heard).encode() + shop.ledger_bytes()
    assert not [one for one in ("Hemlig", "Mycket privat", "kundtjanst@") if one.encode() in said]
    assert old not in left(box)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("command", ["mark", "expunge"])
def test_an_apply_that_dies_at_a_write_ends_the_same_when_it_is_run_again(
    box: Sandbox, shop: SandboxShop, command: str, done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose = buyer(box)
    gone = {put(box, whose, OLD) for _ in range(3)}
    stays = put(box, whose, NEW)
    planned(shop)
    assert shop.approve("--first-run").code == Exit.DONE
    shop.mark_listeners()
    write = getattr(Session, command)

    def dies(session: Session, uids: Sequence[int]) -> None:
        if done:
            write(session, uids)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Session, command, dies)
        with suppress(KeyboardInterrupt):
            assert shop.gallra("apply").code != Exit.DONE
    assert shop.gallra("apply").code == Exit.DONE
    assert left(box) == {stays}
    assert len(box.imap.shop.expunged) == len(gone)
    assert box.imap.shop.misuse == []
    assert shop.gallra("verify").code == Exit.DONE


def test_a_mail_server_that_fails_all_through_is_taken_up_by_the_next_plan(
    box: Sandbox, shop: SandboxShop
) -> None:
    for _ in range(3):
        put(box, buyer(box), OLD)
    planned(shop)
    assert shop.approve("--first-run").code == Exit.DONE
    shop.mark_listeners()
    box.imap.faults.add("cut_after", "UID STORE", times=3)
    assert shop.gallra("apply").code in (Exit.PARTIAL, Exit.TRY_LATER)
    shop.gallra("apply")  # what had begun is settled; what could not be read is due in the next plan
    planned(shop)
    assert shop.approve().code == Exit.DONE
    assert shop.gallra("apply").code == Exit.DONE
    assert left(box) == set()


def test_a_mail_server_that_is_away_ends_its_own_part_alone(box: Sandbox, shop: SandboxShop) -> None:
    old = put(box, buyer(box), OLD)
    planned(shop)
    box.imap.server.stop()
    assert shop.gallra("pull").code == Exit.PARTIAL
    assert shop.gallra("plan").code == Exit.DONE
    assert states(shop)[f"support/{old}"] != "delete"


def test_a_renumbered_folder_holds_nobody_s_orders_and_nothing_is_removed_by_an_old_number(
    box: Sandbox, shop: SandboxShop
) -> None:
    old = put(box, buyer(box), OLD)
    before = planned(shop)
    assert before[f"support/{old}"] == "delete"
    assert shop.approve("--first-run").code == Exit.DONE
    shop.mark_listeners()
    box.imap.shop.folders[SUPPORT].renumber()
    assert shop.gallra("apply").code in (Exit.DONE, Exit.PARTIAL)
    assert left(box) == {old + 1000}
    assert [mail.flags for mail in box.imap.shop.folders[SUPPORT].mails] == [set()]
    assert shop.gallra("pull", "--full").code in (Exit.DONE, Exit.PARTIAL)
    assert "renumbered" in shop.gallra("unread", "list").out
    assert len(shop.gallra("unread", "list", "--json").json["unread"]) == 1
    planned(shop)
    assert states(shop) == {f"support/{old}": "held", f"support/{old + 1000}": "delete"}


def test_messages_that_cannot_be_read_hold_nothing_but_themselves(box: Sandbox, shop: SandboxShop) -> None:
    put(box, buyer(box), OLD)
    put(box, "a@x.example, b@x.example", OLD)  # nobody's
    planned(shop)
    before = of_the_shop(shop)
    box.imap.shop.folders[SUPPORT].renumber()
    assert shop.gallra("pull", "--full").code in (Exit.DONE, Exit.PARTIAL)
    assert len(shop.gallra("unread", "list", "--json").json["unread"]) == 2
    assert shop.gallra("plan").code == Exit.DONE
    assert before
    assert of_the_shop(shop) == before


def of_the_shop(shop: SandboxShop) -> list[tuple[str, ...]]:
    """What the plan says of every record that is no message."""
    with closing(sqlite3.connect(shop.folder / "gallra.sqlite")) as ledger:
        chosen = "select kind, remote_id, state, holds from record"
        return ledger.execute(f"{chosen} where adapter != 'imap' order by 1, 2").fetchall()


def test_without_uidplus_what_is_due_is_a_task_for_a_hand(box: Sandbox, shop: SandboxShop) -> None:
    old = put(box, buyer(box), OLD)
    box.imap.faults.add("no_uidplus", times=-1)
    assert planned(shop)[f"support/{old}"] == "delete"
    assert shop.approve("--first-run").code == Exit.DONE
    shop.mark_listeners()
    assert shop.gallra("apply").code == Exit.DONE
    assert left(box) == {old}
    said = shop.gallra("todo", "--json")
    assert "imap_message" in said.out
    assert f"support/{old}" in said.out


# A person's mail on request ------------------------------------------------------------------


def opened(shop: SandboxShop, kind: str, whose: str) -> str:
    said = shop.gallra("request", "open", kind, "--person", *WHO, stdin=f"{whose}\n")
    assert said.code == Exit.DONE, said.err
    code = said.out.split()[1]
    sent = shop.gallra("request", "identify", code, "--send").out.strip()
    assert shop.gallra("request", "identify", code, "--code", sent, *WHO).code == Exit.DONE
    return code


def test_a_request_to_erase_takes_the_person_s_own_mail_and_asks_of_what_others_stand_in(
    box: Sandbox, shop: SandboxShop
) -> None:
    mine = put(box, "Anna <anna@kund.example>", NEW)
    likeness = put(box, "Johanna <johanna@kund.example>", NEW)  # IMAP's own search would find her by `anna@`
    shared = put(box, "Bo <bo@kund.example>", NEW, more={"Cc": "anna@kund.example"})
    answer = put(box, "kundtjanst@sandbutiken.example", NEW, to="anna@kund.example")
    planned(shop)
    code = opened(shop, "erase", "anna@kund.example")
    drawn = shop.gallra("request", "decide", code, "--json")
    assert drawn.code == Exit.DONE, drawn.err
    assert {one["label"] for one in drawn.json["records"]} == {f"support/{mine}", f"support/{answer}"}
    asked = [one["id"].split(":")[2] for one in drawn.json["scope"]["asked_refs"]]
    assert asked == [str(shared)]
    plan = drawn.json["plan"]
    said = shop.gallra("approve", plan, *WHO, "--role", "owner", "--first-run")
    assert said.code == Exit.DONE, said.err
    shop.mark_listeners()
    assert shop.gallra("apply", "--plan", plan).code == Exit.DONE
    assert left(box) == {likeness, shared}


def test_a_request_to_see_shows_the_person_s_mail_and_masks_others(box: Sandbox, shop: SandboxShop) -> None:
    put(box, "Anna <anna@kund.example>", NEW, subject="Var är paketet?", text="Hej från Anna\n",
        more={"Cc": "Bo Berg <bo@kund.example>"})  # fmt: skip
    put(box, "Johanna <johanna@kund.example>", NEW, text="Något annat\n", to=f"{OWN}, anna@kund.example")
    planned(shop)
    code = opened(shop, "access", "anna@kund.example")
    made = shop.open()
    with made.ledger.begin() as connection:
        row = Register(made.ledger).get(connection, code)
    found = access(made, asked_by(made, row))
    assert [one.why for one in found.questions if one.where == "imap"] == ["beside_another"]
    messages = [one for one in found.copies if one.ref.kind is Kind.SUPPORT_MESSAGE]
    assert len(messages) == 1
    texts = " ".join(item.text for item in messages[0].items)
    assert "anna@kund.example" in texts
    assert "bo@kund.example" not in texts
    assert "Bo Berg" not in texts
    assert "Något annat" not in texts
    made.ledger.engine.dispose()
