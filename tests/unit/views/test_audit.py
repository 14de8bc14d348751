"""`gallra audit` proves a ledger offline, names the first break, and says what it could not check."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from connector.identity import make_keyer
from tests.engine_support import SUBJECT_KEY, MemoryShop
from tests.unit.stages.opened import Opened


class Bare(MemoryShop):
    """A shop that nobody may ask."""

    def __getattribute__(self, name: str) -> object:
        if name in {"check", "pull", "fetch", "apply"}:
            raise AssertionError(f"an audit asked the shop to {name}")
        return super().__getattribute__(name)


@pytest.fixture(name="ran", scope="module")
def _ran(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A run with its protocol; from here on the shop is not to be asked."""
    shop = Opened(tmp_path_factory.mktemp("ran"))
    shop.ran("1")
    assert shop.gallra("report").code == 0
    shop.memory = Bare(make_keyer(SUBJECT_KEY), name="woocommerce")
    return shop


@pytest.fixture(name="unchanged", autouse=True)
def _unchanged(ran: Opened) -> Iterator[None]:
    """Every file is put back as it was."""
    places = [ran.file, *(path for path in ran.folder.rglob("*") if path.is_file())]
    before = {path: path.read_bytes() for path in places}
    yield
    for path, content in before.items():
        path.write_bytes(content)


def by_hand(shop: Opened, statement: str) -> None:
    engine = create_engine(f"sqlite:///{shop.folder / 'gallra.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("SELECT 1")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def papers(shop: Opened) -> Path:
    return shop.folder / "reports"


def test_a_whole_ledger_is_said_to_be_whole(ran: Opened) -> None:
    said = ran.gallra("audit", "verify")
    assert said.code == 0, said.err
    assert said.out.strip().splitlines()[-1].startswith("Audit: whole; ")


def test_a_protocol_names_the_head_of_the_chain_it_was_written_under(ran: Opened) -> None:
    made = json.loads((papers(ran) / ran.protocols[0]).read_text(encoding="utf-8"))
    engine = create_engine(f"sqlite:///{ran.folder / 'gallra.sqlite'}")
    with engine.connect() as connection:
        digests = connection.exec_driver_sql("SELECT digest FROM event").scalars().all()
    engine.dispose()
    assert made["head"] in digests


def test_the_first_break_is_named_and_ends_with_its_own_code(ran: Opened) -> None:
    by_hand(ran, "UPDATE step SET record = 99 WHERE seq = 0")
    said = ran.gallra("audit", "verify")
    assert said.code == 5
    assert "Audit: broken at steps [1]: is otherwise than the chain says" in said.out
    assert ran.gallra("audit", "verify", "--json").json["exit"]["code"] == 5


@pytest.mark.parametrize("verb", ["apply", "push", "verify", "run", "report"])
def test_nothing_is_written_from_a_ledger_that_was_changed_by_hand(ran: Opened, verb: str) -> None:
    by_hand(ran, "UPDATE plan SET state = 'begun'")
    said = ran.gallra(verb)
    assert said.code == 5
    assert "changed by hand" in said.out + said.err


def test_an_approval_that_nobody_gave_runs_nothing(ran: Opened) -> None:
    by_hand(
        ran,
        "INSERT INTO approval (plan, wave, digest, person, role, on_behalf, evidence, standing, first_run, "
        "at) SELECT plan, 'accounts', digest, 'Mallory', 'owner', '', '', 0, 1, at FROM approval LIMIT 1",
    )
    said = ran.gallra("apply")
    assert (said.code, "knows nothing of it" in said.err) == (5, True)


def test_without_the_key_it_says_what_it_could_not_check(ran: Opened) -> None:
    ran.file.write_text(
        ran.file.read_text(encoding="utf-8").replace("EGG_SEAL", "EGG_NONE"), encoding="utf-8"
    )
    said = ran.gallra("audit", "verify")
    assert said.code == 3
    assert "Not checked: whether the seal vouches" in said.err
    assert "whole as far as could be checked" in said.out


def test_a_sealed_ledger_whose_key_is_named_no_more_runs_nothing_and_status_says_so(ran: Opened) -> None:
    lines = ran.file.read_text(encoding="utf-8").splitlines()
    ran.file.write_text("\n".join(x for x in lines if "seal_key" not in x), encoding="utf-8")
    assert ran.gallra("apply").code == 4
    assert "names no ledger.seal_key" in ran.gallra("status").out


def test_a_protocol_that_was_altered_is_a_break(ran: Opened) -> None:
    path = papers(ran) / ran.protocols[0]
    path.write_text(path.read_text(encoding="utf-8").replace("Disa Demo", "Mallory Demo"), encoding="utf-8")
    said = ran.gallra("audit", "verify")
    assert (said.code, "Audit: broken at protocol egg-2026-001" in said.out) == (5, True)


def test_a_protocol_without_its_signature_or_its_file_is_said_not_to_be_checked(ran: Opened) -> None:
    (papers(ran) / "protocol-egg-2026-001.sshsig").unlink()
    assert "no signature of protocol egg-2026-001" in ran.gallra("audit", "verify").err
    (papers(ran) / ran.protocols[0]).unlink()
    said = ran.gallra("audit", "verify")
    assert (said.code, "no file in the reports folder of protocol" in said.err) == (3, True)


def test_one_order_s_fate_is_told_with_who_approved_it_and_what_came_of_it(ran: Opened) -> None:
    said = ran.gallra("audit", "show", "1")
    assert said.code == 0
    for word in ("order #1", "approved by Disa Demo (owner)", "closed: done", "read back: clean"):
        assert word in said.out
    assert ran.gallra("audit", "show", "77").code == 1


def test_an_older_ledger_goes_on_unsealed_status_says_how_to_seal_it_and_it_is_sealed(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    named = shop.file.read_text(encoding="utf-8")
    shop.file.write_text(named.replace('seal_key = { env = "EGG_SEAL" }\n', ""), encoding="utf-8")
    shop.ran("1")
    assert "not sealed: what is changed in it by hand goes unseen" in shop.gallra("status").out
    assert shop.gallra("ledger", "seal", "--by", "Disa Demo").code == 4
    assert (tmp_path / "seal.key").is_file()
    shop.file.write_text(
        named.replace('seal_key = { env = "EGG_SEAL" }', f'seal_key = {{ file = "{tmp_path}/seal.key" }}'),
        encoding="utf-8",
    )
    assert shop.gallra("apply").code == 4
    sealed = shop.gallra("ledger", "seal", "--by", "Disa Demo")
    assert (sealed.code, "not proven" in sealed.out) == (0, True)
    assert shop.gallra("apply").code == 0
    assert "sealed at upgrade, not proven" in shop.gallra("audit", "verify").out
