"""The balancing of interests (Art. 6(1)(f)): a sheet for each row, and which are unfinished."""

from collections.abc import Container, Iterable, Iterator
from datetime import date

from connector.policy import Policy
from connector.policy.schema import Purpose, Rule
from connector.records import Kind, Value
from connector.report.articles import bases_of, in_swedish
from connector.report.paper.model import Part
from connector.report.policy_text import Line, period_words, register, rule_lines
from connector.report.processing.model import RecipientRow
from connector.report.shared import Both, both
from connector.settings import Settings
from connector.settings.tables import Balancing
from connector.views.activities import activities
from connector.views.papers.said import code, field_names, gap, joined, same

ELSEWHERE = "rests_elsewhere"
"""The outcome of a row with a choice that was found to rest on the other basis."""
INTEREST = "i"
"""The schedule's letter for a legitimate interest."""
ARTICLE_6_1_F = "6(1)(f)"

INTERESTS: dict[str, Both] = {
    "claims": both("att kunna möta reklamationer och rättsliga krav", "meeting complaints and legal claims"),
    "contact": both("att kunna nå den som skrivit ett omdöme", "reaching the person who wrote a review"),
    "delivery_proof": both("att kunna visa att paketet kom fram", "showing that the parcel arrived"),
    "finish_purchase": both(
        "att kunden kan slutföra ett påbörjat köp", "letting a customer finish a purchase"
    ),
    "fraud": both("att upptäcka och utreda bedrägerier", "finding and investigating fraud"),
    "history": both("att visa kunden sin egen köphistorik", "showing customers their own history"),
    "hygiene": both(
        "att inte skicka till adresser som slutat fungera", "not mailing addresses that are dead"
    ),
    "personalisation": both("att anpassa innehållet i kundkontot", "adapting the contents of the account"),
    "retry": both("att ett misslyckat köp kan göras om", "letting a failed purchase be made again"),
}
"""The interest behind each purpose, in words that a policy can state (Art. 13(1)(d))."""

ATTESTED: dict[str, Both] = {
    "T-32": both("att veta vilka utskick som läses", "knowing which mailings are read"),
    "T-36": both("att kunna visa att samtycke fanns", "being able to show that there was consent"),
    "T-37": both(
        "att den som tackat nej inte får fler utskick", "that who objected is sent nothing more"
    ),
    "T-51": both("att hålla butiken säker och felsöka den", "keeping the shop secure and debugging it"),
    "T-61": both("att kunna visa hur begäranden besvarats", "being able to show how requests were answered"),
    "T-62": both("att kunna visa vad som gallrats", "being able to show what was deleted"),
    "T-70": both("att hindra missbruk av nedladdningar", "preventing misuse of downloads"),
}  # fmt: skip
"""The interest behind rows that no rule carries out, where they rest on one or may (schedule §4)."""

OTHERS: dict[str, Both] = {
    "c": both("avtalet (artikel 6.1 b)", "the contract (Art. 6(1)(b))"),
    "l": both("en rättslig förpliktelse (artikel 6.1 c)", "a legal obligation (Art. 6(1)(c))"),
    "s": both("samtycke (artikel 6.1 a)", "consent (Art. 6(1)(a))"),
}
"""What such a row may rest on instead, where the schedule leaves the choice."""


class Row(Value, frozen=True, kw_only=True):
    """One row that rests on a legitimate interest; `done` is a finished balancing that came out for it.

    `also` is the kind of record, where it is another than an order; `instead` what the row may rest on as
    well, where the schedule leaves the choice to the shop.
    """

    rule: str
    purpose: str
    title: Both
    interest: Both
    fields: Both
    how_long: Both
    law: Both
    recipients: Both
    people: Both
    also: str = ""
    instead: str = ""
    given: Balancing | None = None

    def done(self, today: date) -> bool:
        """Whether somebody has weighed it, it came out for keeping, and its day of review has not passed.

        A row with a choice is done, too, where that person said that it rests on the other basis.
        """
        ends = ("prevails", ELSEWHERE) if self.instead else ("prevails",)
        return bool(self.given and self.given.outcome in ends and today <= self.given.review)


def rows_on_interest(
    settings: Settings, policy: Policy, recipients: Iterable[RecipientRow] = ()
) -> tuple[Row, ...]:
    """Every row of the policy that rests on a legitimate interest, rules that are off left out."""
    named = tuple(recipients)
    return tuple(_merged((*_of_rules(settings, policy, named), *_attested(settings, policy, named))))


def open_rows(settings: Settings, policy: Policy, today: date) -> tuple[Row, ...]:
    """The rows whose balancing is unfinished, due again, or came out against."""
    return tuple(row for row in rows_on_interest(settings, policy) if not row.done(today))


def _merged(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        key = (row.rule, row.purpose, row.fields.sv)
        if key not in seen:
            seen.add(key)
            yield row


def _of_rules(settings: Settings, policy: Policy, named: tuple[RecipientRow, ...]) -> Iterator[Row]:
    for rule in policy.rules:
        for purpose in rule.purpose:
            if purpose.legal_basis == INTEREST and not rule.optional:
                yield _row(settings, policy, rule, purpose, named)


def _row(
    settings: Settings, policy: Policy, rule: Rule, purpose: Purpose, named: tuple[RecipientRow, ...]
) -> Row:
    fields = purpose.fields or rule.fields
    lines = _weighed_lines(policy, rule, purpose)
    return Row(
        rule=rule.id,
        purpose=purpose.id,
        also="" if rule.kind is Kind.ORDER else str(rule.kind),
        title=both(rule.title.sv, rule.title.en),
        interest=INTERESTS.get(purpose.id) or code("purpose", purpose.id),
        fields=field_names(fields, rule.kind) if fields else code("field", f"whole_{rule.kind}"),
        how_long=joined(line.how_long for line in lines),
        law=_law_of_the_interest(rule.basis),
        recipients=_recipients(named, rule.recipients),
        people=_people(rule.id),
        given=_given(settings, rule.id, purpose.id),
    )


def _recipients(named: Iterable[RecipientRow], codes: Container[str]) -> Both:
    """Who gets the data, or the key that would name them."""
    own = (one for one in named if one.code in codes)
    return joined((gap(one.missing) if one.missing else same(one.name) for one in own), ", ")


def _weighed_lines(policy: Policy, rule: Rule, purpose: Purpose) -> tuple[Line, ...]:
    """How long the interest itself keeps the fields: what the law keeps longer rests on no balancing."""
    own = rule.model_copy(
        update={"purpose": (purpose,), "floor": (), "fields": purpose.fields or rule.fields}
    )
    alone = Policy(file=policy.file, rules=(own,), context=policy.context)
    return rule_lines(alone, [rule.id], [rule.kind], register())


_OF_FLOORS = ("GDPR ", "BFL ", "ML ")
"""Acts that give no interest: the books, VAT, and the GDPR, of which 6(1)(f) alone is meant."""


def _law_of_the_interest(basis: str) -> Both:
    """Article 6(1)(f), and the act that the interest follows from."""
    acts = tuple(part for part in bases_of(basis) if not part.startswith(_OF_FLOORS))
    return law("; ".join((f"GDPR {ARTICLE_6_1_F}", *acts)))


def _attested(settings: Settings, policy: Policy, named: tuple[RecipientRow, ...]) -> Iterator[Row]:
    for one in policy.attestations:
        if one.id in ATTESTED:
            yield Row(
                rule=one.id,
                purpose="",
                title=both(one.title.sv, one.title.en),
                interest=ATTESTED[one.id],
                fields=both(one.title.sv, one.title.en),
                how_long=period_words(one.period),
                law=_law_of_the_interest(one.basis),
                recipients=_recipients(named, _SEEN_BY.get(one.id, ())),
                people=_people(one.id),
                instead=_other_basis(one.legal_basis),
                given=_given(settings, one.id, ""),
            )


_SEEN_BY = {"T-51": ("AN",), "T-70": ("AN",), "T-32": ("MC",), "T-36": ("MC",), "T-37": ("MC",)}
"""The recipients of rows that no rule carries out, as the schedule's tables name them."""


def _other_basis(legal_basis: str) -> str:
    """The letter that stands beside the interest where either will do; empty where there is no choice."""
    letters = legal_basis.split("/")
    return next((one for one in letters if one != INTEREST), "") if len(letters) > 1 else ""


def law(basis: str) -> Both:
    """The paragraphs of a basis, without the principles of Article 5, as each language refers."""
    parts = bases_of(basis)
    return both("; ".join(map(in_swedish, parts)), "; ".join(parts))


def _people(rule: str) -> Both:
    return next((one.people for one in activities() if rule in one.rules), both("kunder", "customers"))


def _given(settings: Settings, rule: str, purpose: str) -> Balancing | None:
    own = [one for one in settings.balancing if one.rule == rule and one.purpose in (None, purpose)]
    return own[-1] if own else None


def said_open(rows: Iterable[Row]) -> tuple[Both, ...]:
    """What a paper says of unfinished balancings: one line, the rows by id; nothing where there is none."""
    ids = ", ".join(dict.fromkeys(row.rule for row in rows))
    if not ids:
        return ()
    return (
        both(
            f"Intresseavvägningen är inte färdig för {ids}: `gallra paper balancing`, sedan [[balancing]] "
            "i butikens fil.",
            f"The balancing of interests is unfinished for {ids}: `gallra paper balancing`, then "
            "[[balancing]] in the shop's file.",
        ),
    )


_QUESTIONS = (
    both("Behövs just de här uppgifterna, så länge, för intresset? Finns ett mildare sätt?",
         "Are these data, for this long, needed for the interest? Is there a milder way?"),
    both("Vad kan personen rimligen vänta sig, och vad betyder det för den enskilde?",
         "What can the person reasonably expect, and what does it mean for them?"),
    both("Vilka skydd minskar intrånget?", "Which safeguards lessen the intrusion?"),
    both("Vägning", "Weighing"),
    both("Utfall", "Outcome"),
)  # fmt: skip
_OUTCOMES = {
    "prevails": both("intresset väger över", "the interest prevails"),
    "does_not_prevail": both("intresset väger inte över", "the interest does not prevail"),
    ELSEWHERE: both("uppgifterna vilar på annan grund", "the data rest on another basis"),
}
EMPTY_LINE = both("[fylls i]", "[to be filled in]")


def sheet(row: Row, today: date) -> Part:
    """One sheet: the facts filled in, the weighing and the outcome left to a person."""
    facts = (
        (both("Intresse", "Interest"), row.interest),
        (both("Uppgifter", "Data"), row.fields),
        (both("Registrerade", "People"), row.people),
        (both("Lagringstid för intresset", "Kept for the interest"), row.how_long),
        (both("Lagrum", "Law"), row.law),
        (both("Mottagare", "Recipients"), row.recipients if row.recipients.sv else both("–", "–")),
        *_choice(row),
        (both("Läge", "State"), _state(row, today)),
        *((question, _answer(row, place)) for place, question in enumerate(_QUESTIONS)),
    )
    name = "-".join(part for part in ("balancing", row.rule, row.purpose, row.also) if part).lower()
    return Part(
        id=name,
        title=both(f"{row.rule} {row.title.sv}", f"{row.rule} {row.title.en}"),
        facts=facts,
        signature=(
            both("Avvägt av", "Weighed by"), both("Datum", "Date"), both("Ses över senast", "Review by"),
        ),
    )  # fmt: skip


def _choice(row: Row) -> tuple[tuple[Both, Both], ...]:
    """What is to be chosen first, where the row may rest on something else."""
    if not row.instead:
        return ()
    other = OTHERS[row.instead]
    said = both(
        f"Välj: {other.sv}, eller intresset. Vilar de på det första behövs ingen avvägning: skriv "
        f'outcome = "{ELSEWHERE}" i [[balancing]].',
        f"Choose: {other.en}, or the interest. On the former no balancing is needed: write "
        f'outcome = "{ELSEWHERE}" in [[balancing]].',
    )
    return ((both("Rättslig grund", "Legal basis"), said),)


def _answer(row: Row, place: int) -> Both:
    """What was weighed, and how it came out, where somebody has said so; else a line to fill in."""
    if row.given is None or place < len(_QUESTIONS) - 2:
        return EMPTY_LINE
    if place == len(_QUESTIONS) - 2:
        return same(row.given.weighing)
    return _OUTCOMES[row.given.outcome]


def _state(row: Row, today: date) -> Both:
    if row.given is None:
        return both("öppen", "open")
    who = f"{row.given.by}, {row.given.on}"
    if today > row.given.review:
        return both(
            f"ska ses över sedan {row.given.review} ({who})",
            f"to be reviewed since {row.given.review} ({who})",
        )
    return both(
        f"avvägd ({who}), ses över senast {row.given.review}",
        f"weighed ({who}), review by {row.given.review}",
    )
