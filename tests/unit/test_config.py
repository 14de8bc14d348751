"""The shipped shops, companies and promises: complete, loadable, and true to the schedule."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.calendar import add_months, claims_end
from connector.errors import SettingsError
from connector.ledger.expiry import LOG_MONTHS
from connector.policy import Policy, ShopContext, load_policy
from connector.policy.file_format import Period, read_period
from connector.registry import build_processor
from connector.settings import Settings, load_settings
from connector.settings.promises import Promise, load_promises
from tests.support import REPOSITORY

CONFIG = REPOSITORY / "config"
SHOPS = {
    "mommees": ("S0", 30),
    "liten-mindre-minst": ("S1", 31),
    "cookstore": ("S2", 31),
    "dittoo": ("S3", 19),
    "smultronsites": ("S4", 34),
}


def shop(name: str) -> Settings:
    return load_settings(CONFIG / "shops" / f"{name}.toml", environ={})


def promises(name: str) -> tuple[Promise, ...]:
    return load_promises(CONFIG / "promises" / f"{name}.toml")


def policy(settings: Settings) -> Policy:
    return load_policy(
        settings.policy.source, context=settings.context(), overrides=settings.policy.overrides()
    )


def every_promise() -> list[Promise]:
    return [promise for name in SHOPS for promise in promises(name)]


def test_the_five_shops_are_shipped_and_no_other() -> None:
    assert {path.stem for path in (CONFIG / "shops").glob("*.toml")} == set(SHOPS)
    assert {path.stem for path in (CONFIG / "promises").glob("*.toml")} == set(SHOPS)


@pytest.mark.parametrize("name", SHOPS)
def test_a_shipped_shop_loads_and_keeps_its_identity(name: str) -> None:
    assert shop(name).shop.id == name


@pytest.mark.parametrize("name", SHOPS)
def test_a_shipped_shop_takes_its_limits_from_the_agency(name: str) -> None:
    place = shop(name).place("limits", "records")
    assert place is not None
    assert place.file == "../companies/agency.toml"


@pytest.mark.parametrize("name", SHOPS)
def test_a_shipped_shop_says_what_is_to_fill_in_before_it_can_be_read(name: str) -> None:
    settings = shop(name)
    with pytest.raises(SettingsError, match=r"Write name|Add it"):
        settings.require_platform()
    assert {"company.financial_years", "company.oss"} <= {key for key, _ in settings.unanswered()}


@pytest.mark.parametrize("name", SHOPS)
def test_the_policy_of_a_shipped_shop_loads_with_its_own_periods(name: str) -> None:
    assert policy(shop(name)).version == "2026.2"


@pytest.mark.parametrize("name", SHOPS)
def test_the_promises_of_a_shipped_shop_are_found_from_its_file(name: str) -> None:
    path = shop(name).policy.promises
    assert path is not None
    assert load_promises(path) == promises(name)


@pytest.mark.parametrize("name", SHOPS)
def test_every_recipient_of_a_shipped_shop_can_be_told(name: str, tmp_path: Path) -> None:
    settings = shop(name)
    for recipient, adapter in settings.processors():
        table = settings.adapter_settings(recipient, {})
        table["letter"]["folder"] = str(tmp_path)
        processor = build_processor(adapter, table, clock=lambda: datetime.now(UTC))
        assert processor.name == recipient
        assert processor.recipient == settings.recipient(recipient).code


RECIPIENTS = {
    "mommees": {"mailchimp", "google-analytics", "hotjar"},
    "liten-mindre-minst": {"klarna", "postnord", "shopify-payments", "google-analytics"},
    "cookstore": set(),
    "dittoo": {"payson", "mondido", "one-com", "google-ads"},
    "smultronsites": set(),
}


@pytest.mark.parametrize("name", SHOPS)
def test_a_shipped_shop_names_the_recipients_its_policy_names(name: str) -> None:
    assert set(shop(name).recipients.named()) == RECIPIENTS[name]


@pytest.mark.parametrize("path", sorted((CONFIG / "shops").glob("*.toml")), ids=lambda path: path.stem)
def test_every_commented_recipient_of_a_shipped_shop_loads(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    commented = re.findall(r"^# \[recipients\.([a-z-]+)\]$", text, re.MULTILINE)
    tables = [f'[recipients.{name}]\ncode = "{_code(name)}"\nrole = "controller"\n' for name in commented]
    copy = tmp_path / "shop.toml"
    copy.write_text('[shop]\nid = "x"\nname = "x"\n' + "".join(tables), encoding="utf-8")
    assert set(load_settings(copy, environ={}).recipients.named()) == set(commented)


def _code(name: str) -> str:
    return {"mailchimp": "MC", "klarna": "KL", "postnord": "PN", "fortnox": "BK"}.get(name, "PA")


def test_there_are_145_promises_and_no_two_share_an_id() -> None:
    ids = [promise.id for promise in every_promise()]
    assert len(ids) == len(set(ids)) == 145


@pytest.mark.parametrize("name", SHOPS)
def test_the_promises_of_a_shop_are_numbered_without_a_gap(name: str) -> None:
    prefix, count = SHOPS[name]
    expected = [f"{prefix}-{number:02d}" for number in range(1, count + 1)]
    assert [promise.id for promise in promises(name)] == expected


def test_every_rule_a_promise_names_stands_in_the_schedule(shared: Path) -> None:
    schedule = (shared / "law" / "schedule.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| (T-\d\d[a-z]?) \|", schedule, re.MULTILINE))
    assert len(known) > 40
    named = {rule for promise in every_promise() for rule in promise.rules}
    assert named - known == set()


def test_every_rule_a_promise_names_stands_in_the_preset() -> None:
    own = policy(shop("mommees"))
    known = {rule.id for rule in own.rules} | {row.id for row in own.attestations}
    named = {rule for promise in every_promise() for rule in promise.rules}
    assert named - known == set()


SCHEDULE = [
    "T-01",
    "T-02",
    "T-03",
    "T-04",
    "T-05",
    "T-06",
    "T-07",
    "T-08",
    "T-09",
    "T-10",
    "T-11",
    "T-12",
    "T-13",
    "T-14",
    "T-15",
    "T-16",
    "T-17",
    "T-18",
    "T-20",
    "T-21",
    "T-22",
    "T-23",
    "T-24",
    "T-25",
    "T-26",
    "T-30",
    "T-31",
    "T-32",
    "T-33",
    "T-34",
    "T-35",
    "T-36",
    "T-37",
    "T-37b",
    "T-38",
    "T-39",
    "T-50",
    "T-51",
    "T-55",
    "T-56",
    "T-60",
    "T-61",
    "T-62",
    "T-63",
    "T-64",
    "T-70",
]
"""Every row of the retention schedule: orders, accounts, newsletter, the rest."""


_LETTERS = {"a": {"s"}, "b": {"c"}, "c": {"l"}, "f": {"i", "p"}}


def test_every_basis_that_a_rule_cites_has_a_purpose_that_rests_on_it() -> None:
    for rule in load_policy("swedish-webshop", context=ShopContext()).rules:
        cited = re.search(r"GDPR [^;]*6\(1\)(\([abcf]\)(?:, \([abcf]\))*)", rule.basis)
        own = {one.legal_basis for one in rule.purpose}
        for letter in re.findall("[abcf]", cited[1]) if cited else ():
            assert own & _LETTERS[letter], f"{rule.id} {rule.kind} cites 6(1)({letter})"


def test_every_row_of_the_schedule_stands_in_the_preset_as_a_rule_or_as_an_attestation() -> None:
    own = policy(shop("mommees"))
    assert sorted({rule.id for rule in own.rules} | {row.id for row in own.attestations}) == SCHEDULE


def test_the_rows_counted_here_are_those_of_the_schedule_s_text(shared: Path) -> None:
    text = (shared / "law" / "schedule.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (T-\d\d[a-z]?) \|", text, re.MULTILINE) == SCHEDULE


CARRIED = {"T-16": "T-23", "T-20": "T-23"}
"""A rule that passes on what another row names too: saved cards end with the account, and wait for H7."""
_WITHIN = {"PA": {"PA", "KL"}}
"""Klarna and Kustom keep saved payment methods as other payment services do."""
_LEFT = {("T-10", "order"): {"BK"}, ("T-15", "coupon"): {"HD"}}
"""What a rule governs a part of its row alone: own words (lines stay, T-10), a greeting on a card."""


def test_each_rule_is_passed_on_to_whom_its_row_of_the_schedule_names(shared: Path) -> None:
    text = (shared / "law" / "schedule.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (T-\d\d[a-z]?) \|.*\| ([^|]+) \|$", text, re.MULTILINE))
    for rule in load_policy("swedish-webshop", context=ShopContext()).rules:
        named = set(re.findall(r"\b(SH|PN|KL|BK|HD|MC|PA|AD|AN)\b", rows[rule.id].partition("(")[0]))
        named |= {"SH"} if rows[rule.id] == "review app" else set()
        if rule.id in CARRIED:
            more = re.findall(r"\b(PA)\b", rows[CARRIED[rule.id]])
            named |= {one for code in more for one in _WITHIN[code]}
        left = _LEFT.get((rule.id, rule.kind), set())
        assert set(rule.recipients) == named - left, (rule.id, rule.kind)


def test_what_ends_a_saved_card_waits_for_a_running_contract() -> None:
    own = load_policy("swedish-webshop", context=ShopContext())
    assert set(CARRIED) <= own.after_contract


def test_no_row_is_both_a_rule_and_an_attestation() -> None:
    own = policy(shop("mommees"))
    assert {rule.id for rule in own.rules} & {row.id for row in own.attestations} == set()


def test_gallra_itself_carries_its_log_and_keeps_no_trace_of_the_erased() -> None:
    own = policy(shop("mommees"))
    carried = {row.id: row.period for row in own.attestations if row.carried_by == "gallra"}
    assert set(carried) == {"T-37b", "T-62", "T-63"}
    assert carried["T-62"] == f"{LOG_MONTHS // 12} years"


def test_the_verdicts_are_those_of_the_list_of_promises(shared: Path) -> None:
    text = (shared / "law" / "promises.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (S\d-\d\d) \|.*\| ([EPAL/]+)(?: \([^|]*\))? \|$", text, re.MULTILINE)
    listed = {name: frozenset(verdict.split("/")) for name, verdict in rows}
    assert len(listed) == 143
    own = {promise.id: frozenset(promise.verdict) for promise in every_promise()}
    assert {id_: verdict for id_, verdict in own.items() if id_ not in READ_LATER} == listed


READ_LATER = {"S2-31", "S4-34"}
"""Promises found in the policies after the list was made: choosing cookies in the browser."""


def test_a_promise_that_law_or_fact_contradicts_comes_with_better_words() -> None:
    for promise in every_promise():
        assert (promise.advice is not None) == ("L" in promise.verdict or promise.id in MISQUOTED), promise.id


MISQUOTED = {"S3-07"}
"""Promises that are kept by rules while their text misquotes the law."""


def test_a_promise_that_a_rule_carries_names_its_rule_and_clock() -> None:
    for promise in every_promise():
        if promise.how == "rule":
            assert promise.rules, promise.id
            assert promise.clock, promise.id


def test_the_words_of_a_promise_differ_by_language_and_end_without_a_stop() -> None:
    for promise in every_promise():
        assert promise.sv != promise.en, promise.id
        assert not promise.sv.endswith("."), promise.id


@pytest.mark.parametrize(
    ("name", "id_", "period"),
    [
        ("liten-mindre-minst", "S1-03", (10, "years")),
        ("liten-mindre-minst", "S1-09", (2, "weekdays")),
        ("liten-mindre-minst", "S1-16", (36, "months")),
        ("dittoo", "S3-16", (36, "months")),
        ("mommees", "S0-01", (0, "days")),
        ("mommees", "S0-06", None),
    ],
)
def test_the_numbers_that_the_policies_give_are_the_promises_bounds(
    name: str, id_: str, period: tuple[int, str] | None
) -> None:
    promise = next(promise for promise in promises(name) if promise.id == id_)
    assert promise.latest_period() == period


def _end(start: date, period: Period) -> date:
    if period.unit == "claims":
        return claims_end(start)
    if period.unit == "months":
        return add_months(start, period.number)
    return start + timedelta(days=period.number)


def _bound(start: date, latest: tuple[int, str]) -> date:
    number, unit = latest
    months = {"months": number, "years": 12 * number}.get(unit)
    return start + timedelta(days=number) if months is None else add_months(start, months)


KEPT = ("S1-07", "S1-28", "S1-29", "S3-16")
"""The promises with a number that no law overrides and a rule carries."""


@pytest.mark.parametrize("id_", KEPT)
@pytest.mark.parametrize("start", [date(2024, 2, 29), date(2025, 1, 31), date(2025, 12, 1)])
def test_a_shop_acts_within_the_number_it_promises(id_: str, start: date) -> None:
    name = next(name for name, (prefix, _) in SHOPS.items() if id_.startswith(prefix))
    promise = next(promise for promise in promises(name) if promise.id == id_)
    settings = shop(name)
    latest = promise.latest_period()
    assert latest is not None
    rules = [rule for rule in policy(settings).rules if rule.id in promise.rules]
    assert rules
    wait = timedelta(days=1 + settings.policy.run_slack_days)
    for purpose in (purpose for rule in rules for purpose in rule.purpose):
        assert _end(start, read_period(purpose.period)) + wait <= _bound(start, latest), purpose.id


def test_no_other_promise_has_a_number_that_a_rule_must_keep() -> None:
    numbered = [promise for promise in every_promise() if promise.latest and "L" not in promise.verdict]
    assert tuple(promise.id for promise in numbered if promise.how in {"rule", "worklist"}) == KEPT


def test_every_recipient_that_a_policy_names_stands_in_its_shop_s_file() -> None:
    for name in SHOPS:
        named = {one for promise in promises(name) for one in promise.names if one.islower()}
        assert named == set(shop(name).recipients.named()), name


def test_promises_with_faults_are_refused_with_every_line(tmp_path: Path) -> None:
    path = tmp_path / "promises.toml"
    path.write_text(
        'shop = "x"\n[[promise]]\nid = "S9-01"\nsv = "a"\nen = "b"\nverdict = ["X"]\nhow = "rule"\n'
        'about = "order"\nlatest = "soon"\nrules = ["T3"]\n',
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        load_promises(path)
    assert [line.split(": ")[0] for line in caught.value.faults] == [
        "promises.toml:6",
        "promises.toml:9",
        "promises.toml:10",
    ]


def test_two_promises_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "promises.toml"
    one = '[[promise]]\nid = "S9-01"\nsv = "a"\nen = "b"\nverdict = ["E"]\nhow = "text"\nabout = "policy"\n'
    path.write_text(f'shop = "x"\n{one}{one}', encoding="utf-8")
    with pytest.raises(SettingsError, match="stands twice"):
        load_promises(path)


def test_google_is_the_processor_of_customer_lists_that_a_shop_uploads() -> None:
    assert shop("dittoo").recipient("google-ads").role == "processor"


@pytest.mark.parametrize("name", SHOPS)
def test_a_shipped_shop_names_the_key_that_shows_whether_its_ledger_was_changed(name: str) -> None:
    ledger = shop(name).ledger
    named = {str(one) for one in (ledger.key, ledger.subject_key, ledger.seal_key)}
    assert len(named - {"None"}) == 3


NO_API = {"one-com"}
"""A host of mail: its mailbox is no recipient's API."""
_KEYS = "key|lists|agent|merchant|account|audience|property|organization|client|user|password"
_LEFT_OPEN = re.compile(rf"^# ((?:{_KEYS}) = .*)$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted((CONFIG / "shops").glob("*.toml")), ids=lambda path: path.stem)
def test_no_recipient_of_a_shipped_shop_is_told_by_letter_alone_where_it_has_an_api(
    path: Path, tmp_path: Path
) -> None:
    """Once what stands open beside each is filled in."""
    text = path.read_text(encoding="utf-8")
    tables = text[text.find("\n[recipients.") :] if "\n[recipients." in text else ""
    filled = re.sub(r"(?m)^# \[.*$", "", _LEFT_OPEN.sub(lambda found: found[1].replace("…", "17"), tables))
    copy = tmp_path / "shop.toml"
    copy.write_text(f'[shop]\nid = "x"\nname = "x"\n{filled}', "utf-8")
    settings = load_settings(copy, environ={})
    assert set(settings.recipients.named()) == RECIPIENTS[path.stem]
    assert {name for name, adapter in settings.processors() if adapter == "letter"} <= NO_API
    called = set(settings.recipients_by_api())
    assert {name for name, one in settings.recipients.named().items() if one.needs} == called
