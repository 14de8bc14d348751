"""Loading settings: merging, every fault at once, what the stages take."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from connector.errors import SettingsError
from connector.records import HoldId
from connector.settings import Settings, cautions, find_shops, load_settings, resolve_secrets, resolved

TODAY = date(2026, 11, 22)

SHOP = """\
[shop]
id = "egg"
name = "Egg"
[platform]
name = "woocommerce"
url = "https://egg.example"
key = { env = "EGG_KEY" }
secret = { env = "EGG_SECRET" }
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str, name: str = "shop.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def load(path: Path, **environ: str) -> Settings:
    return load_settings(path, environ=environ, today=TODAY)


def faults(path: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return caught.value.faults


def test_a_small_file_loads_with_defaults_for_the_rest(write: Write) -> None:
    settings = load(write(SHOP))
    assert settings.limits.records == 500
    assert settings.limits.percent == 5
    assert settings.letters.period == "monthly"
    assert settings.policy.preset == "swedish-webshop"
    assert settings.ledger.path.name == "egg.sqlite"


def test_a_shop_takes_from_its_company_and_the_company_from_its_agency(write: Write) -> None:
    write('[limits]\nrecords = 50\npercent = 2\n[alerts]\nmail = ["a@agency.example"]\n', "agency.toml")
    write('extends = "agency.toml"\n[company]\nname = "Egg AB"\n[limits]\npercent = 3\n', "company.toml")
    settings = load(write('extends = "company.toml"\n' + SHOP + "[limits]\njump = 9\n"))
    assert settings.company.name == "Egg AB"
    assert (settings.limits.records, settings.limits.percent, settings.limits.jump) == (50, 3, 9)
    assert settings.alerts.mail == ("a@agency.example",)


def test_a_list_replaces_the_list_it_extends(write: Write) -> None:
    write('[alerts]\nmail = ["a@agency.example", "b@agency.example"]\n', "agency.toml")
    settings = load(write('extends = "agency.toml"\n' + SHOP + '[alerts]\nmail = ["c@egg.example"]\n'))
    assert settings.alerts.mail == ("c@egg.example",)


def test_a_secret_replaces_the_source_it_extends(write: Write) -> None:
    write('[ledger]\nkey = { env = "OLD" }\n', "company.toml")
    settings = load(write('extends = "company.toml"\n' + SHOP + '[ledger]\nkey = { command = ["true"] }\n'))
    assert str(settings.ledger.key) == "command true"


def test_files_that_extend_each_other_are_refused_with_the_line(write: Write) -> None:
    write('[limits]\nrecords = 1\nextends = "x"\n', "odd.toml")
    write('\nextends = "shop.toml"\n', "company.toml")
    (line,) = faults(write('extends = "company.toml"\n' + SHOP))
    assert line.startswith("company.toml:2: extends: the files extend each other")


def test_a_file_to_extend_that_is_missing_is_named_by_its_line(write: Write) -> None:
    (line,) = faults(write('\n\nextends = "nowhere.toml"\n' + SHOP))
    assert line.startswith("shop.toml:3: extends: no such file.")


def test_a_missing_settings_file_is_a_settings_error(tmp_path: Path) -> None:
    (line,) = faults(tmp_path / "none.toml")
    assert "none.toml:1: file: cannot be read" in line
    assert str(tmp_path) not in line


def test_a_text_that_is_no_toml_is_refused_with_the_line(write: Write) -> None:
    (line,) = faults(write('[shop]\nid = "egg"\nname = Egg\n'))
    assert line.startswith("shop.toml:3: file: not TOML")


BAD = """\
extends = "company.toml"
[shop]
id = "Egg Shop"
nam = "Egg"
[platform]
name = "woocomerce"
url = "https://user:hunter2@egg.example"
key = "ck_hunter2"
[recipients.mailchip]
key = { env = "X" }
[recipients.klarna]
usr = "x"
[limits]
records = "5"
percent = 0
jmp = 1
[attest]
none = [
  { hold = "H12", by = "Ada", on = 2026-01-01 },
  { hold = "H6", by = "", on = 2026 },
]
[[listener]]
id = "webhook-1"
mark = "fine"
by = "Ada"
on = 2026-01-01
[schdule]
cron = "x"
[policy.rules."T-3"]
on = true
[policy.rules."T-03"]
period = "3 years"
"""


def test_every_fault_of_two_files_is_told_at_once_with_its_line(write: Write) -> None:
    write('[company]\norganisation_number = "556703-7486"\n[ledger]\nkey = "plain"\n', "company.toml")
    lines = faults(write(BAD))
    assert [line.split(": ")[:2] for line in lines] == [
        ["company.toml:2", "company.organisation_number"],
        ["company.toml:4", "ledger.key"],
        ["shop.toml:2", "shop.name"],
        ["shop.toml:3", "shop.id"],
        ["shop.toml:4", "shop.nam"],
        ["shop.toml:6", "platform.name"],
        ["shop.toml:7", "platform.url"],
        ["shop.toml:8", "platform.key"],
        ["shop.toml:9", "recipients.mailchip"],
        ["shop.toml:12", "recipients.klarna.usr"],
        ["shop.toml:14", "limits.records"],
        ["shop.toml:15", "limits.percent"],
        ["shop.toml:16", "limits.jmp"],
        ["shop.toml:19", "attest.none[0].hold"],
        ["shop.toml:20", "attest.none[1].by"],
        ["shop.toml:20", "attest.none[1].on"],
        ["shop.toml:24", "listener[0].mark"],
        ["shop.toml:27", "schdule"],
        ["shop.toml:29", "policy.rules.T-3"],
        ["shop.toml:32", "policy.rules.T-03.period"],
    ]


def test_every_fault_ends_with_what_to_do_and_shows_no_secret(write: Write) -> None:
    write("", "company.toml")
    lines = faults(write(BAD))
    assert all(line.rstrip().endswith((".", "?")) for line in lines)
    assert "hunter2" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[platfrm]\nname = 'unknown'\n", "platform"),
        ("[limits]\nrecord = 1\n", "records"),
        ("[letters.smtp]\nhots = 'x'\n", "host"),
        ("[recipients.klarna]\npasword = { env = 'X' }\n", "password"),
        ("[recipients.paysen]\nagent = 'x'\n", "payson"),
        ('[policy.rules."T-03"]\nperoid = "1 days"\n', "period"),
    ],
)
def test_an_unknown_key_is_refused_with_the_one_that_was_meant(write: Write, text: str, meant: str) -> None:
    extra = text if "[platfrm]" in text else SHOP + text
    assert any(f"Did you mean {meant}?" in line for line in faults(write(extra)))


def test_an_unknown_key_like_no_other_lists_the_known_ones(write: Write) -> None:
    (line,) = faults(write(SHOP + "[reports]\nzzz = 1\n"))
    assert line == "shop.toml:10: reports.zzz: unknown key. Take it out; known here: folder, url."


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://egg.example", "clear text"),
        ("https://egg.example?x=1", "query"),
        ("https://egg.example#x", "fragment"),
        ("https://u@egg.example", "user or password"),
        ("ftp://egg.example", "no web address"),
        ("egg.example", "no web address"),
        ("https://egg.example:port", "no web address"),
    ],
)
def test_an_address_that_could_leak_keys_is_refused(write: Write, url: str, word: str) -> None:
    (line,) = faults(write(SHOP.replace("https://egg.example", url)))
    assert line.startswith("shop.toml:6: platform.url: ")
    assert word in line


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_http_is_taken_on_this_machine(write: Write, host: str) -> None:
    url = f"http://{host}"
    assert load(write(SHOP.replace("https://egg.example", url))).platform.url == url


def test_http_is_taken_where_the_owner_says_insecure_and_is_a_caution(write: Write) -> None:
    text = SHOP.replace("https://egg.example", "http://egg.example") + "insecure = true\n"
    settings = load(write(text))
    (line,) = cautions(settings)
    assert line.startswith("shop.toml:9: platform.insecure:")


def test_an_unknown_platform_loads_but_cannot_be_required(write: Write) -> None:
    settings = load(write('[shop]\nid = "egg"\nname = "Egg"\n[platform]\nname = "unknown"\n'))
    with pytest.raises(SettingsError, match=r"shop\.toml:5: platform\.name: .* Write name = \"woocommerce\""):
        settings.require_platform()


def test_a_platform_without_its_keys_says_each_key_that_is_missing(write: Write) -> None:
    settings = load(write('[shop]\nid = "egg"\nname = "Egg"\n[platform]\nname = "woocommerce"\n'))
    with pytest.raises(SettingsError) as caught:
        settings.require_platform()
    named = [line.split(": ")[1] for line in caught.value.faults]
    assert named == ["platform.url", "platform.key", "platform.secret"]


def test_the_adapter_gets_its_table_with_secrets_as_plain_text(write: Write) -> None:
    text = SHOP + 'order_meta = { _code = "door_code" }\n'
    settings = load(write(text), EGG_KEY="k", EGG_SECRET="s")
    assert settings.adapter_settings("woocommerce", resolve_secrets(settings)) == {
        "url": "https://egg.example",
        "key": "k",
        "secret": "s",
        "rest_prefix": "wp-json",
        "insecure": False,
        "query_string_auth": False,
        "connections": 2,
        "batch": 50,
        "order_meta": {"_code": "door_code"},
        "customer_meta": {},
        "coupon_meta": {},
        "opt_in": {},
        "timezone": "Europe/Stockholm",
        "delete_orders": False,
    }


def test_a_recipient_with_its_key_is_told_by_api_and_without_it_by_letter(write: Write) -> None:
    text = SHOP + (
        '[recipients.mailchimp]\nkey = { env = "MC" }\nlists = ["a1"]\n'
        '[recipients.payson]\nagent = "4"\n'
        '[recipients.one-com]\ncode = "HD"\nrole = "processor"\n'
    )
    settings = load(write(text), MC="abc-us1", EGG_KEY="k", EGG_SECRET="s")
    secrets = resolve_secrets(settings)
    assert settings.recipients_by_api() == ("mailchimp",)
    assert settings.recipients_by_letter() == ("payson", "one-com")
    table = settings.adapter_settings("mailchimp", secrets)
    assert (table["key"], table["lists"], table["stores"]) == ("abc-us1", ["a1"], [])
    assert settings.platforms() == ("woocommerce", "mailchimp")
    assert settings.processors() == (
        ("mailchimp", "mailchimp"),
        ("payson", "payson"),
        ("one-com", "letter"),
    )


def test_a_mailchimp_without_its_key_is_told_by_letter(write: Write) -> None:
    settings = load(write(SHOP + "[recipients.mailchimp]\n"))
    assert settings.processors() == (("mailchimp", "letter"),)
    assert settings.platforms() == ("woocommerce",)


def test_the_letter_knows_both_sides_and_how_it_leaves(write: Write, tmp_path: Path) -> None:
    text = SHOP + (
        '[company]\nname = "Egg AB"\ncontact = "dpo@egg.example"\naddress = "Ägg 1"\n'
        '[recipients.one-com]\ntitle = "One.com"\ncode = "HD"\nrole = "processor"\n'
        'email = "dpo@mail.example"\nletters = "at_once"\nsends = ["name", "email"]\n'
        '[letters]\nfolder = "out"\n'
        '[letters.smtp]\nhost = "smtp.example"\nsender = "a@egg.example"\npassword = { env = "SMTP" }\n'
    )
    settings = load(write(text), SMTP="hush", EGG_KEY="k", EGG_SECRET="s")
    assert settings.adapter_settings("one-com", resolve_secrets(settings)) == {
        "sends": ["name", "email"],
        "letter": {
            "name": "one-com",
            "title": "One.com",
            "code": "HD",
            "role": "processor",
            "email": "dpo@mail.example",
            "period": "at_once",
            "folder": str(tmp_path / "out"),
            "keep_months": 36,
            "language": "sv",
            "shop": "Egg",
            "company": "Egg AB",
            "contact": "dpo@egg.example",
            "company_address": "Ägg 1",
            "smtp": {
                "host": "smtp.example",
                "port": 587,
                "sender": "a@egg.example",
                "security": "starttls",
                "password": "hush",
            },
        },
    }


def test_a_recipient_of_no_known_name_needs_a_code_and_a_role(write: Write) -> None:
    lines = faults(write(SHOP + '[recipients.acme]\ntitle = "Acme"\n'))
    assert [line.split(": ")[1] for line in lines] == ["recipients.acme.code", "recipients.acme.role"]


def test_the_context_holds_years_oss_and_the_holds_nobody_attested(write: Write) -> None:
    text = SHOP + (
        '[company]\nfinancial_years = { ends = "06-30", from = 2024 }\noss = [[2022-01-01, 2023-12-31]]\n'
        '[[archive.elsewhere]]\nyear = 2025\nby = "Ada"\nrole = "owner"\non = 2026-01-10\nsampled = 10\n'
        '[attest]\nnone = [{ hold = "H6", by = "Ada", on = 2026-01-01 }]\n'
    )
    context = load(write(text)).context(unreadable={HoldId.BALANCE, HoldId.SUBSCRIPTION})
    assert context.archived_years == ((date(2024, 7, 1), date(2025, 6, 30)),)
    assert context.financial_years.years[-1] == (date(2026, 7, 1), date(2027, 6, 30))
    assert context.oss == ((date(2022, 1, 1), date(2023, 12, 31)),)
    assert context.unknown_holds == {HoldId.SUBSCRIPTION}
    assert context.run_slack_days == 31


def test_unanswered_oss_counts_as_registered_from_the_first_day(write: Write) -> None:
    assert load(write(SHOP)).oss_periods() == ((date(2021, 7, 1), None),)


def test_oss_answered_with_never_is_never(write: Write) -> None:
    assert load(write(SHOP + "[company]\noss = []\n")).oss_periods() == ()


def test_what_is_not_answered_is_listed_with_what_to_write(write: Write) -> None:
    named = dict(load(write(SHOP)).unanswered())
    assert set(named) == {
        "company.name",
        "company.organisation_number",
        "company.contact",
        "company.financial_years",
        "company.oss",
        "accountant.answer",
        "ledger.key",
        "ledger.subject_key",
    }


ARCHIVED = """\
[[archive.elsewhere]]
year = {year}
by = "Ada"
role = "owner"
on = {on}
sampled = {sampled}
"""


@pytest.mark.parametrize(
    ("year", "on", "sampled", "word"),
    [
        (2019, "2026-01-10", 10, "no financial year ended in that year"),
        (2025, "2025-12-31", 10, "Look the orders up after that day"),
        (2025, "2026-01-10", 9, "at least 10"),
    ],
)
def test_an_archived_year_needs_an_ended_year_and_ten_orders(
    write: Write, year: int, on: str, sampled: int, word: str
) -> None:
    years = '[company]\nfinancial_years = { ends = "12-31", from = 2020 }\n'
    (line,) = faults(write(SHOP + years + ARCHIVED.format(year=year, on=on, sampled=sampled)))
    assert word in line


def test_an_archived_year_stands_once(write: Write) -> None:
    entry = ARCHIVED.format(year=2025, on="2026-01-10", sampled=10)
    (line,) = faults(write(SHOP + entry + entry))
    assert line.startswith("shop.toml:16: archive.elsewhere[1].year: 2025 stands twice.")


APPROVAL = """\
[approval]
by = "Ada"
role = "owner"
on_behalf = "Egg AB"
evidence = "minutes 12"
on = {on}
until = {until}
version = "2026.1"
waves = ["traces"]
"""


def test_a_standing_approval_lives_at_most_twelve_months(write: Write) -> None:
    (line,) = faults(write(SHOP + APPROVAL.format(on="2026-01-01", until="2027-01-02")))
    assert line.startswith("shop.toml:15: approval.until: is more than 12 months after")


def test_a_standing_approval_given_on_a_leap_day_may_end_on_the_28th(write: Write) -> None:
    settings = load(write(SHOP + APPROVAL.format(on="2024-02-29", until="2025-02-28")))
    assert settings.approval is not None


@pytest.mark.parametrize(
    ("today", "version", "word"),
    [
        (date(2026, 6, 1), "2026.1", ""),
        (date(2027, 1, 1), "2026.1", ""),
        (date(2027, 1, 2), "2026.1", "it ended 2027-01-01"),
        (date(2025, 12, 31), "2026.1", "it begins 2026-01-01"),
        (date(2026, 6, 1), "2026.2", "it was given for preset version 2026.1"),
    ],
)
def test_a_standing_approval_is_suspended_outside_its_days_and_version(
    write: Write, today: date, version: str, word: str
) -> None:
    approval = load(write(SHOP + APPROVAL.format(on="2026-01-01", until="2027-01-01"))).approval
    assert approval is not None
    reason = approval.suspended(today=today, version=version)
    assert reason.startswith(word)
    assert bool(reason) == bool(word)


@pytest.mark.parametrize("cron", ["15 3 * * 1", "*/5 * * * *", "0 4 1,15 * mon-fri", "0 3 * * 0-6"])
def test_a_cron_line_of_five_fields_is_taken(write: Write, cron: str) -> None:
    assert load(write(SHOP + f'[schedule]\ncron = "{cron}"\n')).schedule.cron == cron


@pytest.mark.parametrize("zone", ["Europe/Stokholm", "", "../etc"])
def test_a_time_zone_that_does_not_exist_is_refused(write: Write, zone: str) -> None:
    (line,) = faults(write(SHOP + f'timezone = "{zone}"\n'))
    assert line.startswith("shop.toml:9: platform.timezone: is no time zone.")


@pytest.mark.parametrize(
    "cron", ["15 3 * *", "every monday at three o'clock", "15 3 * * 1 2", "a/b * * * *", "61 3 * * *"]
)
def test_a_cron_line_of_another_shape_is_refused(write: Write, cron: str) -> None:
    (line,) = faults(write(SHOP + f'[schedule]\ncron = "{cron}"\n'))
    assert "five fields" in line


def test_an_organisation_number_is_written_with_its_hyphen(write: Write) -> None:
    text = SHOP + '[company]\norganisation_number = "5567037485"\n'
    assert load(write(text)).company.organisation_number == "556703-7485"


def test_relative_paths_count_from_the_file_that_names_them(write: Write, tmp_path: Path) -> None:
    write('[ledger]\npath = "books/egg.sqlite"\nkey = { file = "key.txt" }\n', "firm/company.toml")
    settings = load(write('extends = "firm/company.toml"\n' + SHOP + '[letters]\nfolder = "out"\n'))
    assert settings.ledger.path == tmp_path / "firm" / "books" / "egg.sqlite"
    assert settings.letters.folder == tmp_path / "out"
    assert settings.ledger.key is not None
    assert settings.ledger.key.file == tmp_path / "firm" / "key.txt"


def test_resolved_names_each_value_with_its_file_and_line(write: Write) -> None:
    write("[limits]\nrecords = 50\n", "agency.toml")
    settings = load(write('extends = "agency.toml"\n' + SHOP), EGG_KEY="topsecret", EGG_SECRET="topsecret")
    listed = {key: (value, origin) for key, value, origin in resolved(settings)}
    assert listed["limits.records"] == ("50", "agency.toml:2")
    assert listed["limits.percent"] == ("5.0", "default")
    assert listed["shop.id"] == ("egg", "shop.toml:3")
    assert listed["platform.key"] == ("env EGG_KEY", "shop.toml:8")
    assert "topsecret" not in str(listed)


def test_resolved_counts_the_years_through_the_next(write: Write) -> None:
    settings = load(write(SHOP + '[company]\nfinancial_years = { ends = "12-31", from = 2026 }\n'))
    listed = {key: value for key, value, _ in resolved(settings)}
    assert listed["company.financial_years"] == "2026-01-01/2026-12-31, 2027-01-01/2027-12-31"


def test_what_a_shop_overrides_of_a_rule_is_only_what_it_wrote(write: Write) -> None:
    settings = load(write(SHOP + '[policy.rules."T-03"]\nperiod = "38 months"\n'))
    assert settings.policy.overrides() == {"T-03": {"period": "38 months"}}


def test_settings_do_not_change_after_loading(write: Write) -> None:
    settings = load(write(SHOP))
    with pytest.raises(ValueError, match="frozen"):
        settings.limits.records = 9


def test_a_folder_holds_the_shops_and_what_cannot_be_read_but_no_companies(write: Write) -> None:
    folder = write(SHOP, "b.toml").parent
    write(SHOP, "a.toml")
    write('[company]\nname = "Egg AB"\n', "company.toml")
    write("no toml", "broken.toml")
    write("notes", "notes.txt")
    assert [path.name for path in find_shops(folder)] == ["a.toml", "b.toml", "broken.toml"]


def test_a_mail_server_without_encryption_is_a_caution(write: Write) -> None:
    smtp = '[letters.smtp]\nhost = "smtp.example"\nsender = "a@egg.example"\nsecurity = "none"\n'
    (line,) = cautions(load(write(SHOP + smtp)))
    assert line.startswith("shop.toml:12: letters.smtp.security:")


def test_the_path_of_a_ping_address_is_not_listed(write: Write) -> None:
    settings = load(write(SHOP + '[alerts.ping]\nok = "https://ping.example/1234-abcd"\n'))
    assert {key: value for key, value, _ in resolved(settings)}["alerts.ping.ok"] == "https://ping.example/…"


ODD_VALUES = ("7", "-1.5", "true", '""', '"odd"', "[]", "[[1]]", "{ x = 1 }", "2026-01-01", "12:00:00")


def keys(model: type[BaseModel], outer: str = "") -> Iterator[str]:
    """Every key of the settings, dotted, the tables themselves included."""
    for name, field in model.model_fields.items():
        yield outer + name
        if "tuple" in str(field.annotation):
            continue
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from keys(part, f"{outer}{name}.")


@pytest.mark.parametrize("key", sorted(set(keys(Settings)) - {"shop.id", "shop.name"}))
def test_any_value_at_any_key_loads_or_is_a_fault_in_plain_words(write: Write, key: str) -> None:
    for odd in ODD_VALUES:
        path = write(f'shop.id = "x"\nshop.name = "x"\n{key} = {odd}\n')
        if key == "shop":
            path = write(f"shop = {odd}\n")
        try:
            load(path)
        except SettingsError as error:
            for line in error.faults:
                assert re.fullmatch(r'shop\.toml:\d: [a-z_.\[\]0-9"]+: .{10,}[.?]', line), (odd, line)
                assert "validation" not in line
                assert "instance of" not in line
