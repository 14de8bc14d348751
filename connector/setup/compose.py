"""From answers to a settings file that explains itself and loads, and the accountant's letter."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connector.about.tables import Recipient, is_list, is_secret, is_table
from connector.errors import SettingsError
from connector.records import Value
from connector.registry import channel_of, shop_systems
from connector.settings.settings import joined, keys_to_fill_in
from connector.setup.keys import key_files
from connector.setup.letter import accountant_letter
from connector.setup.questions import PROMISES, UNSURE, Answers, faults, heard
from connector.setup.recipients import Known, named_recipients
from connector.setup.wording import Language, Wording, slug


class Draft(Value, frozen=True, kw_only=True):
    """What init writes: the file's name and text, the letter's, and the secrets that are needed."""

    shop_id: str
    secrets: tuple[str, ...] = ()
    settings: str
    letter: str
    keys: str = ""


def in_files(made: Draft, keys: Iterable[str]) -> str:
    """The settings with these secrets of the shop system read from files beside it, not from variables."""
    text = made.settings
    for key in keys:
        env = f'{key} = {{ env = "{_variable({"shop_id": made.shop_id}, key.upper())}" }}'
        text = text.replace(env, f'{key} = {{ file = "{made.shop_id}-{key}.secret" }}', 1)
    return text


def variables(made: Draft, typed: Mapping[str, str]) -> dict[str, str]:
    """The shop system's secrets by the variables that the settings read them from."""
    return {_variable({"shop_id": made.shop_id}, key.upper()): text for key, text in typed.items()}


def draft(answers: Answers, *, language: Language, today: date, keys: str = "") -> Draft:
    """The settings file and the letter. Raises SettingsError with every answer that will not do.

    With `keys`, a company's name, every secret has a file of its own: of many shops, no two are mixed up.
    An answer `promises` names the file of what the shop's privacy policy promises, beside the settings.
    """
    wrong = faults(answers)
    if wrong:
        raise SettingsError([f"{name}: {fault.of(language)}" for name, fault in wrong.items()])
    full = heard(answers)
    full["shop_id"] = full["shop_id"] or slug(full["shop_name"])
    full[_KEYS], full[PROMISES] = keys, answers.get(PROMISES, "")
    return Draft(
        keys=keys,
        shop_id=full["shop_id"],
        secrets=secrets_of(full),
        settings=_settings(full, language, today),
        letter=accountant_letter(full, language=language, today=today),
    )


def quoted(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _settings(answers: Answers, language: Language, today: date) -> str:
    parts = [
        _head(language, today),
        _shop(answers, language),
        _platform(answers, language),
        _company(answers, language),
        _accountant(answers, language, today),
        _archive(answers, language, today),
        _policy(answers, language),
        _recipients(answers, language),
        _ledger(answers, language),
        _attest(answers, language, today),
        _rest(language),
    ]
    return "\n".join(part for part in parts if part)


def _says(language: Language, sv: str, en: str) -> str:
    """A comment of one or more lines."""
    return "".join(f"# {line}\n" for line in Wording(sv=sv, en=en).of(language).split("\n"))


def _filled(key: str, answer: str, example: str, language: Language) -> str:
    """A line with the answer, or one to fill in."""
    if answer:
        return f"{key} = {quoted(answer)}\n"
    hint = "fyll i" if language == "sv" else "fill in"
    return f"# {key} = {quoted(example)}  # {hint}\n"


def _variable(answers: Answers, name: str) -> str:
    return f"GALLRA_{answers['shop_id'].upper().replace('-', '_')}_{name}"


_KEYS = "keys"
"""Beside the answers: whose keys they are; empty where variables hold the shop's and one pair is there."""


def _secret(key: str, answers: Answers, name: str) -> str:
    if answers[_KEYS]:
        return f'{key} = {{ file = "{answers["shop_id"]}-{name.lower()}.key" }}\n'
    return f'{key} = {{ env = "{_variable(answers, name)}" }}\n'


def _head(language: Language, today: date) -> str:
    return _says(
        language,
        f"Skriven av gallra init {today}. Ändra fritt; gallra check visar alla fel på en gång.\n"
        "Hemligheter står aldrig här, bara var de finns: env, file eller command.",
        f"Written by gallra init {today}. Change freely; gallra check shows every fault at once.\n"
        "Secrets never stand here, only where they are: env, file or command.",
    )


def _shop(answers: Answers, language: Language) -> str:
    text = "[shop]\n" + _says(
        language,
        "Butikens identitet för alltid: ändra den aldrig, inte ens om adressen ändras.",
        "The shop's identity for ever: never change it, even if the address changes.",
    )
    text += f"id = {quoted(answers['shop_id'])}\nname = {quoted(answers['shop_name'])}\n"
    text += f'language = "{language}"\n'
    if answers["till"] == "yes":
        text += _says(
            language,
            "Köp i butikens kassa räknas som utlämnade när de betalats.",
            "Sales at the shop's till count as handed over when paid.",
        )
        text += "till = true\n"
    return text


def _platform(answers: Answers, language: Language) -> str:
    name = answers["platform"]
    text = f'[platform]\nname = "{name}"\n'
    system = next((one for one in shop_systems() if one.name == name), None)
    if system is None or system.platform is None:
        names, keys = [f'"{one.name}"' for one in shop_systems()], keys_to_fill_in()
        return text + _says(
            language,
            f"Fyll i name = {joined(names, 'eller')}, {joined(keys, 'och')} innan butiken kan läsas.",
            f"Fill in name = {joined(names, 'or')}, {joined(keys, 'and')} before the shop can be read.",
        )
    text += _filled("url", answers["url"], "https://shop.example", language)
    what = system.to_fill_in
    text += _says(language, f"{system.title}: {what.sv}.", f"{system.title}: {what.en}.") if what else ""
    text += "".join(_secret(key, answers, key.upper()) for key in secrets_of(answers))
    return text + _says(
        language,
        "delete_orders = true: ordrar som aldrig betalades får raderas hela; annars bara personen i dem.",
        "delete_orders = true: orders that were never paid may go whole; else only the person in them.",
    )


def secrets_of(answers: Answers) -> tuple[str, ...]:
    """The keys of the shop system that hold secrets; none where it is not known."""
    table = next((one.platform for one in shop_systems() if one.name == answers["platform"]), None)
    return tuple(key for key in table.needs if is_secret(table, key)) if table else ()


def _company(answers: Answers, language: Language) -> str:
    text = "[company]\n" + _says(
        language,
        "Den personuppgiftsansvarige, som står på brev och protokoll.",
        "The controller, named on letters and protocols.",
    )
    text += _filled("name", answers["company"], "Exempelbutiken AB", language)
    number = answers["organisation_number"]
    text += _filled("organisation_number", number, "NNNNNN-NNNN", language)
    text += _filled("contact", answers["contact"], "dataskydd@butiken.example", language)
    text += _filled("address", answers["address"], "Storgatan 1, 111 22 Exempelstad", language)
    return text + _years(answers, language) + _oss(answers, language)


def _years(answers: Answers, language: Language) -> str:
    text = _says(
        language,
        "Räkenskapsåren bestämmer hur länge namn och fakturaadress sparas (bokföringslagen 7:2).\n"
        "from: året då det första slutade. Korta, långa eller omlagda år: before = [[start, slut]].",
        "Financial years decide how long name and billing address stay (Bookkeeping Act 7:2).\n"
        "from: the year in which the first one ended. Short, long or moved ones: before = [[start, end]].",
    )
    ends, first = answers["year_end"], answers["first_year"]
    line = f'financial_years = {{ ends = "{ends}", from = {first or 2014} }}\n'
    if first:
        return text + line
    return text + "# " + line


def _oss(answers: Answers, language: Language) -> str:
    oss = answers["oss"]
    text = _says(
        language,
        "OSS-registrering: [] betyder aldrig, [[2021-07-01]] från den dagen.\n"
        "Utan svar sparas adresser i andra EU-länder i tio år, och ingen order ändras.",
        "OSS registration: [] means never, [[2021-07-01]] from that day.\n"
        "Without an answer, addresses in other EU countries are kept for ten years, and no order is changed.",
    )
    if oss == "no":
        return text + "oss = []\n"
    return text + (f"# oss = [[{date(2021, 7, 1)}]]\n" if oss == UNSURE else f"oss = [[{oss}]]\n")


def _accountant(answers: Answers, language: Language, today: date) -> str:
    """No field of an order goes before the letter's answer stands here, or the owner's choice."""
    text = _says(
        language,
        "Svaret på brevet till redovisningskonsulten. Inget på en order ändras innan det står här:\n"
        "ta bort # framför det första stycket; eller, om ägaren väljer att inte vänta, det andra.",
        "The answer to the letter to the accountant. Nothing on an order is changed before it stands here:\n"
        "take away the # before the first part; or, if the owner chooses not to wait, the second.",
    )
    return text + _ACCOUNTANT.format(by=quoted(answers["by"]), today=today)


_ACCOUNTANT = """\
# [accountant.answer]
# by = "…"
# on = {today}
# order_is_underlag = true
# archive = "…"
#
# [accountant.without]
# by = {by}
# role = "owner"
# on = {today}
# reason = "…"
"""


def _archive(answers: Answers, language: Language, today: date) -> str:
    """Nothing is archived elsewhere until a named person has looked up ten orders of that year."""
    text = _says(
        language,
        "Underlaget räknas som liggande i butiken. För ett år vars verifikationer finns i ett arkiv:\n"
        "slå upp tio order där, och ta sedan bort # framför raderna nedan.",
        "The vouchers count as lying in the shop. For a year whose vouchers lie in an archive:\n"
        "look ten orders up there, then take away the # before the lines below.",
    )
    if answers["underlag"] == "elsewhere":
        text += _says(
            language,
            "Svaret var elsewhere: tills ett år står här räknas det ändå som liggande i butiken.",
            "The answer was elsewhere: until a year stands here it still counts as lying in the shop.",
        )
    return text + _ARCHIVE.format(year=today.year - 1, by=quoted(answers["by"]), today=today)


_ARCHIVE = """\
# [[archive.elsewhere]]
# year = {year}
# by = {by}
# role = "…"
# on = {today}
# sampled = 10
"""


def _policy(answers: Answers, language: Language) -> str:
    named = answers[PROMISES]
    return (
        "[policy]\n"
        + _says(
            language,
            "Gallringsplanen och dess version. En ny version kräver nytt godkännande.",
            "The retention schedule and its version. A new version needs a new approval.",
        )
        + 'preset = "swedish-webshop"\nversion = "2026.2"\n'
        + (f"promises = {quoted(named)}\n" if named else "")
        + _says(
            language,
            'Egna lagringstider: [policy.rules."T-03"] och sedan period = "38 months".',
            'Periods of your own: [policy.rules."T-03"], then period = "38 months".',
        )
    )


def _recipients(answers: Answers, language: Language) -> str:
    named = named_recipients(answers["recipients"])
    if not named:
        return ""
    text = _says(
        language,
        "Mottagarna. Utan nyckel får de brev; med nyckel (ta bort #) talar Gallra med deras API.",
        "The recipients. Without a key they get letters; with one (take away #) Gallra uses their API.",
    )
    return text + "\n".join(_recipient(name, known, answers, language) for name, known in named.items())


def _recipient(name: str, known: Known, answers: Answers, language: Language) -> str:
    text = f"[recipients.{name}]\n"
    if known.table is None:
        text += f'title = {quoted(known.title)}\ncode = "{known.code}"\nrole = "{known.role}"\n'
    else:
        text += "".join(f"# {line}\n" for line in _keys(name, known.table, answers))
    if known.role == "controller":
        text += _where_letters_go(name, language)
        text += _filled("email", "", "dataskydd@mottagaren.example", language)
    return text


def _where_letters_go(name: str, language: Language) -> str:
    """Where the recipient itself takes in a notice, as its adapter has read; empty where nobody has."""
    channel = channel_of(name)
    place = channel.address or channel.form
    if not place:
        return ""
    return _says(
        language,
        f"Utan email går brevet hit: {place}",
        f"Without email the letter goes here: {place}",
    )


def _keys(name: str, table: type[Recipient], answers: Answers) -> Iterator[str]:
    """The lines that give a recipient an API: its secrets first, then what it needs besides."""
    for key in table.needs:
        if is_secret(table, key):
            yield _secret(key, answers, f"{name.upper().replace('-', '_')}_{key.upper()}").rstrip()
    for key in table.needs:
        if not is_secret(table, key):
            yield f"{key} = {_open(table, key)}"


def _open(table: type[Recipient], key: str) -> str:
    """What stands for a value that is to be filled in."""
    if is_table(table, key):
        return '{ name = "…" }'
    return '["…"]' if is_list(table, key) else '"…"'


def _ledger(answers: Answers, language: Language) -> str:
    files = key_files(answers[_KEYS])
    return (
        "[ledger]\n"
        + _says(
            language,
            "Tre egna nycklar: en förseglar mottagarnas uppgifter, en kopplar ihop personer, en visar om\n"
            "någon har ändrat i liggaren.\n"
            "gallra init --keys skriver dem bredvid den här filen. Ha en kopia, och byt dem aldrig.\n"
            'Flera butiker i ett företag delar nycklar, och path = "…" om de ska dela liggare.',
            "Three keys of your own: one seals what recipients need, one joins persons, one shows whether\n"
            "somebody changed the ledger.\n"
            "gallra init --keys writes them beside this file. Keep a copy, and never change them.\n"
            'Shops of one company share the keys, and path = "…" where they are to share a ledger.',
        )
        + "".join(f'{setting} = {{ file = "{file}" }}\n' for setting, file in files.items())
    )


_NONE_OF = {"gift_cards": "H6", "subscriptions": "H7"}


def _attest(answers: Answers, language: Language, today: date) -> str:
    """The word of who answered that the shop has nothing of the kind."""
    said = [hold for question, hold in _NONE_OF.items() if answers[question] == "no"]
    text = _says(
        language,
        "Det butiken inte har. H6: presentkort och tillgodohavanden. H7: prenumerationer och förköp.\n"
        "Det som inte står här väntar tills uppgiften kan läsas.",
        "What the shop has none of. H6: gift cards and store credit. H7: subscriptions and pre-orders.\n"
        "What does not stand here waits until it can be read.",
    )
    if not said:
        return text
    entries = [f'    {{ hold = "{hold}", by = {quoted(answers["by"])}, on = {today} }},\n' for hold in said]
    return text + "[attest]\nnone = [\n" + "".join(entries) + "]\n"


def _rest(language: Language) -> str:
    return (
        "[letters]\n"
        + _says(
            language,
            "Brev om löpande gallring samlas per månad: monthly, at_once eller yearly.",
            "Letters on routine weeding are gathered by month: monthly, at_once or yearly.",
        )
        + 'period = "monthly"\n\n[limits]\n'
        + _says(
            language,
            "Bromsar för en körning: poster, procent av ett slag, gånger den förra körningen.",
            "Brakes on one run: records, percent of a kind, times the last run.",
        )
        + "records = 500\npercent = 5\njump = 5\n\n[schedule]\n"
        + _says(language, "Måndagar 03.15, för gallra serve.", "Mondays at 03:15, for gallra serve.")
        + '# cron = "15 3 * * 1"\n'
    )
