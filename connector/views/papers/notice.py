"""The proposed privacy policy, whole (Art. 13): what the shop's file does not say is marked with its key."""

from collections.abc import Iterable, Iterator
from datetime import date

from connector.policy import Policy
from connector.report.paper.model import Part
from connector.report.processing.model import ActivityView, RecipientRow, RecordOfProcessing
from connector.report.shared import Both, both
from connector.settings import Settings
from connector.views.papers.balancing import open_rows, rows_on_interest
from connector.views.papers.said import code, codes, gap, given, joined, same

LAWFUL: dict[str, Both] = {
    "c": both("avtalet med dig (artikel 6.1 b)", "the contract with you (Article 6(1)(b))"),
    "l": both("rättslig förpliktelse (artikel 6.1 c)", "legal obligation (Article 6(1)(c))"),
    "i": both("berättigat intresse (artikel 6.1 f)", "legitimate interest (Article 6(1)(f))"),
    "s": both("ditt samtycke (artikel 6.1 a)", "your consent (Article 6(1)(a))"),
    "p": both(
        "marknadsföringslagen 19 § andra stycket, för dig som är kund",
        "Marketing Act, section 19, second paragraph, as you are a customer",
    ),
}
"""The bases of Article 6 in the words of a policy."""


def before(settings: Settings, policy: Policy, record: RecordOfProcessing) -> Iterator[Part]:
    """What stands ahead of the time limits: who, why, on what basis, to whom, and where to."""
    yield _controller(settings)
    yield Part(
        id="notice_purposes",
        title=both("Varför vi använder dina uppgifter", "Why we use your data"),
        facts=tuple((one.title, _purpose(one)) for one in record.activities if one.bases),
    )
    yield _interests(settings, policy, record.made_at.date())
    yield _must_give(settings)
    yield _recipients(record)
    yield _transfers(record)


def after(settings: Settings) -> Iterator[Part]:
    """What stands behind the time limits: what stays, the rights, objection apart, decisions, complaint."""
    yield _stays()
    yield _rights(settings)
    yield _objection(settings)
    decisions = settings.company.automated_decisions
    yield Part(
        id="notice_automated",
        title=both("Automatiserade beslut", "Automated decisions"),
        text=(given(decisions, "company.automated_decisions"),),
    )
    yield _complaint()


def _controller(settings: Settings) -> Part:
    company = settings.company
    facts = [
        (both("Företag", "Company"), given(company.name, "company.name")),
        (
            both("Organisationsnummer", "Organisation number"),
            given(company.organisation_number, "company.organisation_number"),
        ),
        (both("Adress", "Address"), given(company.address, "company.address")),
        (both("Kontakt", "Contact"), given(company.contact, "company.contact")),
    ]
    others = (
        (both("Dataskyddsombud", "Data protection officer"), company.data_protection_officer),
        (both("Företrädare i EU", "Representative in the EU"), company.representative),
        (both("Gemensamt ansvarig", "Joint controller"), company.joint_controller),
    )
    facts += [(name, same(value)) for name, value in others if value]
    title = both("Vem som ansvarar för dina uppgifter", "Who is responsible for your data")
    return Part(id="notice_controller", title=title, facts=tuple(facts))


def _purpose(one: ActivityView) -> Both:
    bases = joined((LAWFUL[letter] for letter in one.bases), ", ")
    return both(
        f"{one.purpose.sv}. Rättslig grund: {bases.sv}.", f"{one.purpose.en}. Legal basis: {bases.en}."
    )


def _interests(settings: Settings, policy: Policy, today: date) -> Part:
    unfinished = {row.rule for row in open_rows(settings, policy, today)}
    by_interest: dict[str, list[str]] = {}
    words: dict[str, Both] = {}
    for row in rows_on_interest(settings, policy):
        words[row.interest.sv] = row.interest
        by_interest.setdefault(row.interest.sv, []).append(row.rule)
    items = [
        joined((words[key], _open_mark(set(rules) & unfinished)), " ") for key, rules in by_interest.items()
    ]
    return Part(
        id="notice_interests",
        title=both("Våra berättigade intressen", "Our legitimate interests"),
        text=(
            both(
                "Där vi stöder oss på ett berättigat intresse är intresset:",
                "Where we rely on a legitimate interest, the interest is:",
            ),
        ),
        items=tuple(items),
    )


def _open_mark(rules: Iterable[str]) -> Both:
    ids = ", ".join(sorted(rules))
    if not ids:
        return both("", "")
    return both(f"[öppet: intresseavvägning för {ids}]", f"[open: balancing for {ids}]")


def _must_give(settings: Settings) -> Part:
    fields = settings.company.must_be_given
    named = codes("field", fields) if fields else gap("company.must_be_given")
    return Part(
        id="notice_must_give",
        title=both("Vad du måste lämna", "What you must give"),
        text=(
            both(
                f"För att handla behöver du lämna: {named.sv}. Utan dem kan vi inte ta emot eller leverera "
                "din beställning. Annat är frivilligt.",
                f"To buy you need to give: {named.en}. Without them we cannot take or deliver your order. "
                "Anything else is voluntary.",
            ),
        ),
    )


def _recipients(record: RecordOfProcessing) -> Part:
    return Part(
        id="notice_recipients",
        title=both("Vilka som får dina uppgifter", "Who gets your data"),
        items=tuple(_recipient(one) for one in record.recipients),
    )


def _recipient(one: RecipientRow) -> Both:
    kind = code("recipient_code", one.code)
    if one.missing:
        return joined((kind, gap(one.missing)), ": ")
    role = {
        "processor": both("arbetar för vår räkning", "works on our behalf"),
        "controller": both("ansvarar själv för sin användning", "is responsible for its own use"),
    }[one.role]
    what = codes("field", one.fields) if one.fields else both("", "")
    named = both(f"{one.name} ({kind.sv})", f"{one.name} ({kind.en})")
    return joined((joined((named, role), ", "), what), ": ")


def _transfers(record: RecordOfProcessing) -> Part:
    outside = [one for one in record.recipients if one.third_country is not False and not one.missing]
    items = tuple(_transfer(one) for one in outside)
    none = both(
        "Vi för inte över uppgifter till länder utanför EU och EES.",
        "We transfer no data to countries outside the EU and the EEA.",
    )
    unnamed = any(one.missing for one in record.recipients)
    return Part(
        id="notice_transfers",
        title=both("Överföring utanför EU och EES", "Transfers outside the EU and the EEA"),
        text=() if items else ((gap("recipients"),) if unnamed else (none,)),
        items=items,
    )


def _transfer(one: RecipientRow) -> Both:
    if not one.country:
        return joined((same(one.name), gap(f"{one.keys}.country")), ": ")
    safeguard = given(one.safeguard, f"{one.keys}.safeguard")
    return both(
        f"{one.name}: {one.country}, med stöd av {safeguard.sv}. Du kan få en kopia av skyddet.",
        f"{one.name}: {one.country}, on the ground of {safeguard.en}. You can get a copy of the safeguard.",
    )


def _stays() -> Part:
    return Part(
        id="notice_stays",
        title=both("Vad som finns kvar efteråt", "What stays afterwards"),
        items=(
            both(
                "Ordernumret, beloppen, momsen, det du köpte och datumen: för bokföringen.",
                "The order number, the amounts, the VAT, what you bought and the dates: for the books.",
            ),
            both(
                "Ditt namn, så länge bokföringslagen binder det.",
                "Your name, as long as the Bookkeeping Act binds it.",
            ),
            both(
                "Leveranslandet och de tre första siffrorna i postnumret.",
                "The country of delivery and the first three digits of the postcode.",
            ),
            both(
                "Ett fingeravtryck av din adress, om du har tackat nej till utskick: så att vi "
                "inte skriver till dig igen.",
                "A fingerprint of your address, if you have said no to mailings: so that we do "
                "not write to you again.",
            ),
        ),
        text=(
            both(
                "När en uppgift tas bort ur en beställning finns beställningen kvar. Den är då "
                "pseudonymiserad, inte anonym:",
                "When a field is removed from an order, the order stays. It is then "
                "pseudonymised, not anonymous:",
            ),
        ),
    )


def _rights(settings: Settings) -> Part:
    contact = given(settings.company.contact, "company.contact")
    return Part(
        id="notice_rights",
        title=both("Dina rättigheter", "Your rights"),
        text=(
            both(
                f"Skriv till {contact.sv}. Det är gratis, och vi svarar inom en månad. Du har rätt att:",
                f"Write to {contact.en}. It is free, and we answer within one month. You have the right to:",
            ),
        ),
        items=_RIGHTS,
    )


_RIGHTS = (
    both(
        "få veta vad vi har om dig och få en kopia (artikel 15)",
        "know what we hold about you and get a copy (Article 15)",
    ),
    both("få det rättat eller kompletterat (artikel 16)", "have it corrected or completed (Article 16)"),
    both(
        "få det raderat, utom det som lagen kräver att vi sparar (artikel 17)",
        "have it erased, save what the law obliges us to keep (Article 17)",
    ),
    both("få användningen begränsad (artikel 18)", "have its use restricted (Article 18)"),
    both(
        "få ut det du har lämnat i ett format som en maskin kan läsa, och flytta det (artikel 20)",
        "get what you have given in a format that a machine can read, and move it (Article 20)",
    ),
    both(
        "invända mot det som vilar på ett berättigat intresse (artikel 21.1)",
        "object to what rests on a legitimate interest (Article 21(1))",
    ),
    both(
        "när som helst återkalla ett samtycke; det som skett dessförinnan förblir lagligt (artikel 7.3)",
        "withdraw a consent at any time; what was done before stays lawful (Article 7(3))",
    ),
)  # fmt: skip


def _objection(settings: Settings) -> Part:
    """Set apart from the other rights, as Article 21(4) demands."""
    contact = given(settings.company.contact, "company.contact")
    return Part(
        id="notice_objection",
        title=both(
            "Du kan alltid säga nej till direktmarknadsföring", "You can always say no to direct marketing"
        ),
        text=(
            both(
                f"Säg nej i utskicket eller skriv till {contact.sv}, när som helst och utan "
                f"skäl. Då slutar vi "
                "använda dina uppgifter för all direktmarknadsföring, och profilering för den "
                "(artikel 21.2–21.4).",
                f"Say no in the mailing or write to {contact.en}, at any time and without a "
                f"reason. We then stop "
                "using your data for any direct marketing, and profiling for it (Article 21(2)–(4)).",
            ),
        ),
    )


def _complaint() -> Part:
    return Part(
        id="notice_complaint",
        title=both("Klagomål", "Complaints"),
        text=(
            both(
                "Du kan klaga hos Integritetsskyddsmyndigheten (IMY), imy.se, eller hos "
                "dataskyddsmyndigheten i det EU- eller EES-land där du bor eller arbetar (artikel 77).",
                "You can complain to the Swedish Authority for Privacy Protection (IMY), imy.se, or to "
                "the authority of the EU or EEA country where you live or work (Article 77).",
            ),
        ),
    )


def gaps(parts: Iterable[Part]) -> tuple[Both, ...]:
    """Every gap of the text, each once."""
    texts = [
        text for part in parts for text in (*part.text, *part.items, *(value for _, value in part.facts))
    ]
    found: dict[str, Both] = {}
    for text in texts:
        for swedish, english in zip(_marks(text.sv), _marks(text.en), strict=True):
            found.setdefault(swedish, both(swedish, english))
    return tuple(found.values())


def _marks(text: str) -> list[str]:
    return [f"[{part.partition(']')[0]}]" for part in text.split("[")[1:]]
