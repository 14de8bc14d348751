"""The balancing of interests (Art. 6(1)(f)): a sheet for each row, and which are unfinished."""

from collections.abc import Container, Iterable, Iterator
from datetime import date

from connector.policy import Policy
from connector.policy.file_format import Purpose, Rule
from connector.records import Kind, Value
from connector.report.articles import bases_of, in_swedish
from connector.report.paper.model import Part
from connector.report.policy_text import Line, period_words, register, rule_lines
from connector.report.processing.model import RecipientRow
from connector.report.shared import Both, both
from connector.settings import Settings
from connector.settings.tables import Balancing
from connector.views.activities import activities
from connector.views.papers.said import code, field_names, gap, joined, line, lines, same, table, to_fill_in

ELSEWHERE = "rests_elsewhere"
"""The outcome of a row with a choice that was found to rest on the other basis."""
INTEREST = "i"
"""The schedule's letter for a legitimate interest."""
ARTICLE_6_1_F = "6(1)(f)"


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
        interest=table("interests").get(purpose.id) or code("purpose", purpose.id),
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
    attested = table("attested")
    for one in policy.attestations:
        if one.id in attested:
            yield Row(
                rule=one.id,
                purpose="",
                title=both(one.title.sv, one.title.en),
                interest=attested[one.id],
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
    return next((one.people for one in activities() if rule in one.rules), line("balancing.customers"))


def _given(settings: Settings, rule: str, purpose: str) -> Balancing | None:
    own = [one for one in settings.balancing if one.rule == rule and one.purpose in (None, purpose)]
    return own[-1] if own else None


def said_open(rows: Iterable[Row]) -> tuple[Both, ...]:
    """What a paper says of unfinished balancings: one line, the rows by id; nothing where there is none."""
    ids = ", ".join(dict.fromkeys(row.rule for row in rows))
    if not ids:
        return ()
    return (line("balancing.unfinished", ids=ids),)


def sheet(row: Row, today: date) -> Part:
    """One sheet: the facts filled in, the weighing and the outcome left to a person."""
    facts = (
        (line("balancing.interest"), row.interest),
        (line("balancing.data"), row.fields),
        (line("balancing.people"), row.people),
        (line("balancing.kept_for_the_interest"), row.how_long),
        (line("balancing.law"), row.law),
        (line("balancing.recipients"), row.recipients if row.recipients.sv else both("–", "–")),
        *_choice(row),
        (line("balancing.state"), _state(row, today)),
        *((question, _answer(row, place)) for place, question in enumerate(lines("balancing.questions"))),
    )
    name = "-".join(part for part in ("balancing", row.rule, row.purpose, row.also) if part).lower()
    return Part(
        id=name,
        title=both(f"{row.rule} {row.title.sv}", f"{row.rule} {row.title.en}"),
        facts=facts,
        signature=(
            line("balancing.weighed_by"), line("balancing.date"), line("balancing.review_by"),
        ),
    )  # fmt: skip


def _choice(row: Row) -> tuple[tuple[Both, Both], ...]:
    """What is to be chosen first, where the row may rest on something else."""
    if not row.instead:
        return ()
    other = line(f"instead.{row.instead}")
    said = line("balancing_choice.choose", other=other, elsewhere=ELSEWHERE)
    return ((line("balancing_choice.legal_basis"), said),)


def _answer(row: Row, place: int) -> Both:
    """What was weighed, and how it came out, where somebody has said so; else a line to fill in."""
    weighing = len(lines("balancing.questions")) - 2
    if row.given is None or place < weighing:
        return to_fill_in()
    if place == weighing:
        return same(row.given.weighing)
    return line(f"outcomes.{row.given.outcome}")


def _state(row: Row, today: date) -> Both:
    if row.given is None:
        return line("balancing_state.open")
    who = f"{row.given.by}, {row.given.on}"
    if today > row.given.review:
        return line("balancing_state.to_be_reviewed_since", review=row.given.review, who=who)
    return line("balancing_state.weighed_review_by", who=who, review=row.given.review)
