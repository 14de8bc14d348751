"""A service of somebody else's package: its description and its builder are all that Gallra needs of it."""

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from connector import registry
from connector.calendar import STOCKHOLM
from connector.errors import PolicyError, SettingsError
from connector.machine.resources import config_text
from connector.policy import load_policy
from connector.ports import Act, Delivery
from connector.records import Field, Kind, Outcome, Ref, Wave
from connector.report.dry_run.consequences import irreversible
from connector.report.dry_run.model import RecipientView
from connector.report.words import Words, catalogue
from connector.settings import Settings, load_settings, model, resolve_secrets, resolved
from connector.settings.promises import Promise
from connector.settings.schema import settings_schema
from connector.setup import draft, questions
from connector.shop import Shop, open_shop
from connector.views.letters import channel
from connector.views.lint.texts import recipients
from connector.views.papers.schedule import plan_rows
from connector.views.processing import recipients_of
from connector.views.promises.mentions import Mentions
from tests.unit.third_party_texts import ABOUT, BUILDER, DEPOT, HELD, POINTS, TEXTS

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=STOCKHOLM)
pytest_plugins = ["pytester"]

SHOP = """\
[shop]
id = "egg"
name = "Egg"
[recipients.courier]
depots = ["north"]
key = { env = "COURIER_KEY" }
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The made-up package on the path, as pip would leave it; gone again afterwards."""
    _write(
        tmp_path / "site" / "made_up",
        {
            "__init__.py": "", "about.py": ABOUT, "builder.py": BUILDER, "depot.py": DEPOT,
            "test_held.py": HELD,
        },
    )  # fmt: skip
    _write(
        tmp_path / "site" / "made_up",
        {
            "about.sv.toml": TEXTS.format(
                "fraktsedeln", "En raderad fraktsedel kommer inte tillbaka.", "omdömestjänst"
            ),
            "about.en.toml": TEXTS.format(
                "the waybill", "A waybill that was erased does not come back.", "review service"
            ),
            "about.settings.toml": '"recipients.courier.depots" = "The depots that carry for the shop."\n',
        },
    )
    metadata = "Metadata-Version: 2.1\nName: made-up\nVersion: 1\n"
    _write(
        tmp_path / "site" / "made_up-1.dist-info", {"METADATA": metadata, "entry_points.txt": POINTS.lstrip()}
    )
    monkeypatch.syspath_prepend(tmp_path / "site")
    _read_anew()
    yield tmp_path
    _read_anew()
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_up"]:
        del sys.modules[name]


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _read_anew() -> None:
    for kept in (
        registry._all_installed, registry._installed, registry._coded, registry.described,
        registry.descriptions, model.model_of, model._recipients, catalogue, recipients,
    ):  # fmt: skip
        kept.cache_clear()


@pytest.fixture
def shop(installed: Path) -> Shop:
    (installed / "shop.toml").write_text(SHOP, encoding="utf-8")
    return open_shop(installed / "shop.toml", environ={"COURIER_KEY": "k"}, clock=lambda: NOON)


def load(folder: Path, text: str) -> Settings:
    (folder / "shop.toml").write_text(text, encoding="utf-8")
    return load_settings(folder / "shop.toml", environ={"COURIER_KEY": "k"}, today=TODAY)


def test_its_keys_are_loaded_with_their_defaults_and_its_secret_is_never_shown(shop: Shop) -> None:
    own = {key: shown for key, shown, _ in resolved(shop.settings) if key.startswith("recipients.courier.")}
    assert own["recipients.courier.title"] == "Budbilen AB"
    assert own["recipients.courier.depots"] == "[north]"
    assert own["recipients.courier.key"] == "env COURIER_KEY"


def test_every_fault_in_its_table_is_told_at_once_with_its_line(installed: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(installed, SHOP + 'colour = "red"\nsends = ["nmae"]\n[recipients.couriers]\n')
    assert [line.partition(": ")[0] for line in caught.value.faults] == [
        "shop.toml:7", "shop.toml:8", "shop.toml:9",
    ]  # fmt: skip
    assert "Did you mean courier?" in caught.value.faults[2]


def test_it_is_told_through_its_own_builder_with_what_its_table_says(shop: Shop) -> None:
    (told,) = shop.recipients
    one = Delivery(
        id=1, act=Act.ERASE, kind=Kind.ORDER, handle="waybill", value="W1", planned=TODAY,
        ref=Ref(adapter="shop", kind=Kind.ORDER, id="1"),
    )  # fmt: skip
    assert [receipt.outcome for receipt in told.processor.push([one])] == [Outcome.DONE]
    given = told.processor.settings  # type: ignore[attr-defined]
    assert (given["depots"], given["key"]) == (["north"], "k")


def test_without_its_key_it_is_told_by_letter_at_the_address_that_it_ships(installed: Path) -> None:
    settings = load(installed, '[shop]\nid = "egg"\nname = "Egg"\n[recipients.courier]\n')
    assert settings.processors() == (("courier", "letter"),)
    assert channel(settings, "courier").address == "integritet@budbilen.example"


def test_init_offers_it_and_writes_a_file_that_loads_with_its_keys(installed: Path) -> None:
    made = draft({"shop_name": "Egg", "by": "Ada", "recipients": "Budbilen AB"}, language="sv", today=TODAY)
    assert '# depots = ["…"]' in made.settings
    filled_in = made.settings.replace("# key =", "key =").replace('# depots = ["…"]', 'depots = ["Solna"]')
    settings = load(installed, filled_in)
    assert settings.recipients_by_api() == ("courier",)


REVIEWED = """\
[shop]
id = "egg"
name = "Egg"
[recipients.stars]
[recipients.others]
title = "Andra omdömen"
code = "RV"
role = "controller"
"""


def a_policy(folder: Path, code: str) -> Path:
    """The preset, of which one rule passes on to this kind of recipient too."""
    text = config_text("policies", "swedish-webshop.toml")
    assert text is not None
    named = text.replace('recipients = ["', f'recipients = ["{code}", "', 1)
    (folder / "own.toml").write_text(named, "utf-8")
    return folder / "own.toml"


def test_a_kind_of_recipient_of_its_own_is_told_by_letter_and_named_by_rules_promises_and_texts(
    installed: Path,
) -> None:
    settings = load(installed, REVIEWED)
    assert settings.processors() == (("stars", "letter"), ("others", "letter"))
    letter = registry.build_processor("letter", settings.adapter_settings("others", {}), clock=lambda: NOON)
    assert {(one.handle, *one.fields) for one in letter.interests} == {("waybill", Field.EMAIL)}
    codes = registry.recipient_codes()
    policy = load_policy(a_policy(installed, "RV"), context=settings.context(), codes=codes)
    told = [row.recipients.sv for row in plan_rows(settings, policy)]
    assert any("Andra omdömen" in those for those in told)
    assert recipients()["RV"].sv == "omdömestjänst (RV)"
    assert Mentions([promise("AD")]).of_kind("RV")
    assert promise("RV").recipients == ("RV",)


def promise(code: str) -> Promise:
    """One that speaks of recipients of this kind."""
    given = {"id": "S1-01", "sv": "Vi delar.", "en": "We share.", "verdict": ["E"], "how": "text"}
    return Promise.model_validate({**given, "about": "recipient", "names": [code], "recipients": [code]})


def test_a_kind_of_recipient_that_nobody_has_is_refused_in_a_shop_and_in_a_rule(installed: Path) -> None:
    with pytest.raises(SettingsError, match=r"recipients.others.code: .*Write 'SH', .* or 'RV'"):
        load(installed, REVIEWED.replace('"RV"', '"XX"'))
    context, codes = load(installed, SHOP).context(), registry.recipient_codes()
    with pytest.raises(PolicyError, match=r"XX is no kind of recipient. Use one of SH, .*, RV\."):
        load_policy(a_policy(installed, "XX"), context=context, codes=codes)


def test_the_papers_and_the_policy_text_name_it(shop: Shop) -> None:
    policy = load_policy("swedish-webshop", context=shop.settings.context())
    assert "Budbilen AB" in {row.name for row in recipients_of(shop.settings)}
    told = [row.recipients.sv for row in plan_rows(shop.settings, policy)]
    assert any("Budbilen AB" in recipients for recipients in told)


def test_the_reports_say_in_its_own_words_what_it_knows_a_record_by_and_what_is_final(shop: Shop) -> None:
    view = RecipientView(
        name="courier", code="PN", role=shop.recipients[0].processor.role, act=Act.ERASE, count=1,
        handle="waybill", irreversible=True,
    )  # fmt: skip
    (code,) = irreversible(Wave.TRACES, (), recipients=(view,))
    assert Words("sv").code("irreversible", code) == "En raderad fraktsedel kommer inte tillbaka."
    assert Words("en").code("handle", view.handle) == "the waybill"


def test_a_shop_system_brings_its_own_keys_and_what_they_may_be(installed: Path) -> None:
    text = '[shop]\nid = "egg"\nname = "Egg"\n[platform]\nname = "stall"\nbatch = "large"\n'
    settings = load(installed, text + 'url = "https://egg.example"\nlicence = { env = "COURIER_KEY" }\n')
    assert settings.require_platform().name == "stall"
    assert settings.adapter_settings("stall", resolve_secrets(settings)) == {
        "url": "https://egg.example", "connections": 2, "timezone": "Europe/Stockholm",
        "delete_orders": False, "batch": "large", "licence": "k",
    }  # fmt: skip
    with pytest.raises(SettingsError, match="licence: is missing, and stall needs it"):
        load(installed, text).require_platform()


def test_init_offers_its_shop_system_and_says_what_its_keys_are(installed: Path) -> None:
    offered = next(question for question in questions() if question.id == "platform")
    assert offered.choices[-2:] == ("stall", "unknown")
    made = draft({"shop_name": "Egg", "by": "Ada", "platform": "stall"}, language="en", today=TODAY)
    assert "Marknadsstånd: the licence." in made.settings
    assert 'licence = { env = "GALLRA_EGG_LICENCE" }' in made.settings


def test_a_package_that_cannot_describe_itself_is_named_with_what_to_do(installed: Path) -> None:
    (installed / "site" / "made_up" / "about.py").write_text("import nothing_of_this_name\n", "utf-8")
    sys.modules.pop("made_up.about", None)
    with pytest.raises(SettingsError, match=r"courier.*cannot describe itself"):
        load(installed, SHOP)


def held(installed: Path, pytester: pytest.Pytester, which: str) -> tuple[list[str], set[str], set[str]]:
    """The tests of one class of the package's own that passed, were skipped and failed, by name."""
    file = installed / "site" / "made_up" / "test_held.py"
    ran = pytester.inline_run("-q", "-p", "no:cacheprovider", f"{file}::{which}")
    passed, skipped, failed = ran.listoutcomes()
    said = [str(one.longrepr[2]) for one in skipped if isinstance(one.longrepr, tuple)]
    reasons = {one.split("`")[1] for one in said if "`" in one}  # else: what its adapter has no part in
    return [one.nodeid for one in passed], reasons, {one.nodeid.partition("::test_")[2] for one in failed}


def test_its_recipient_is_held_to_the_suite_and_what_its_stand_in_lacks_is_skipped_by_name(
    installed: Path, pytester: pytest.Pytester
) -> None:
    passed, lacking, failed = held(installed, pytester, "TestCourier")
    assert failed == set()
    assert len(passed) >= 14
    assert lacking == {"busy", "down", "misuse", "cached", "forget", "answer"}


def test_a_recipient_that_says_done_of_all_it_is_asked_is_caught(
    installed: Path, pytester: pytest.Pytester
) -> None:
    _, _, failed = held(installed, pytester, "TestHasty")
    assert failed == {
        "a_second_push_finds_everything_gone_stopped_or_written",
        "a_busy_or_silent_service_loses_no_delivery[silent]",
        "an_answer_lost_after_the_work_was_done_is_made_good",
        "a_refused_key_stops_the_recipient_and_never_its_letters",
        "no_secret_handle_or_address_stands_in_a_log_a_receipt_or_an_error",
        "another_person_s_object_proves_nothing_and_nothing_of_it_is_written",
    }


def test_its_keys_stand_in_the_schema_for_editors_with_their_meaning(installed: Path) -> None:
    courier = settings_schema()["properties"]["recipients"]["properties"]["courier"]["properties"]
    assert courier["depots"]["description"] == "The depots that carry for the shop."
    assert courier["depots"]["type"] == "array"
    assert courier["title"]["description"] == "The recipient's name on letters."
