"""A made-up Swedish shop's dry run and protocol, with numbers that sum."""

from datetime import UTC, date, datetime

from connector.plan import Totals
from connector.ports import Act, Problem, Role
from connector.records import Action, Field, HoldId, Kind, Outcome, Wave
from connector.report.dry_run import consequences
from connector.report.dry_run.model import (
    AlertView,
    Cost,
    DifferenceView,
    DryRun,
    DueView,
    FieldCount,
    KeptView,
    KindTotals,
    LimitView,
    ListenerView,
    RecipientView,
    SampleField,
    SampleView,
    WaveView,
)
from connector.report.protocol.model import (
    Deviation,
    Label,
    OutcomeCount,
    Protocol,
    ReadBack,
    RecipientResult,
    RuleResult,
    WaveResult,
)
from connector.report.shared import (
    ApprovalView,
    ByHandView,
    HoldView,
    KeptTogether,
    PolicyRef,
    Shop,
    SurpriseView,
)

ADMIN = "https://kallans.example/wp-admin/admin.php?page=wc-orders&action=edit&id={id}"
DIGEST = "7f3ac91e04b25d68a9d1c0f7e6b3524180cdbea9f1370c2e65d84b9a0f1e2d3c"
SHOP = Shop(
    name="Källans Te & Porslin",
    id="woo-4f9a2c",
    company="Källans Handel AB",
    organisation_number="556000-0000",
    platform="WooCommerce",
    version="9.8.5",
)
POLICY = PolicyRef(name="svensk-webbutik", version="2026.2", digest="b1946ac92492d2347c6235b4d2611184" * 2)

MAILCHIMP = RecipientView(
    name="Mailchimp",
    code="MC",
    role=Role.PROCESSOR,
    act=Act.ERASE,
    count=16,
    handle="email",
    irreversible=True,
)
RECIPIENTS = (
    RecipientView(
        name="PostNord",
        code="PN",
        role=Role.CONTROLLER,
        act=Act.NOTIFY,
        count=12,
        handle="tracking_number",
        letter_due=date(2026, 12, 1),
    ),
    RecipientView(
        name="Klarna", code="KL", role=Role.CONTROLLER, act=Act.NOTIFY, count=19, handle="klarna_order"
    ),
    MAILCHIMP,
)


def sample(label: str, identity: str, *fields: SampleField) -> SampleView:
    """One order to look at."""
    return SampleView(label=label, link=ADMIN.format(id=identity), kind=Kind.ORDER, fields=fields)


def due(field: Field, rule: str, clock: str, on: date, since: date) -> SampleField:
    """One field that is due."""
    return SampleField(field=field, rule=rule, action=Action.REDACT, clock=clock, on=on, since=since)


def counts(*pairs: tuple[Field, int]) -> tuple[FieldCount, ...]:
    """Fields that are cleared."""
    return tuple(FieldCount(field=field, action=Action.REDACT, count=count) for field, count in pairs)


def whole(count: int, kind: Kind) -> FieldCount:
    """Records that go whole."""
    return FieldCount(field=None, action=Action.DELETE, count=count, kind=kind)


def wave(
    wave: Wave, code: str, records: int, fields: tuple[FieldCount, ...], *samples: SampleView
) -> WaveView:
    """A wave with its consequences worked out."""
    told = (MAILCHIMP,) if wave is Wave.NEWSLETTER else ()
    return WaveView(
        wave=wave,
        code=code,
        records=records,
        steps=records,
        counts=fields,
        notices=consequences.notices(wave, fields),
        irreversible=consequences.irreversible(wave, fields, recipients=told),
        samples=samples,
    )


TRACES = wave(
    Wave.TRACES,
    "1c09be44",
    64,
    (*counts((Field.IP_ADDRESS, 58), (Field.USER_AGENT, 58), (Field.DOOR_CODE, 22)), whole(6, Kind.ORDER)),
    sample(
        "10412",
        "88121",
        due(Field.IP_ADDRESS, "T-09", "placed", date(2026, 8, 21), date(2026, 11, 20)),
        due(Field.DOOR_CODE, "T-07", "delivered", date(2026, 8, 26), date(2026, 9, 10)),
    ),
    sample("10398", "88007", due(Field.IP_ADDRESS, "T-09", "placed", date(2026, 8, 19), date(2026, 11, 18))),
)
PHONE = wave(
    Wave.PHONE_NOTES,
    "5d20a7f3",
    41,
    counts((Field.PHONE, 41), (Field.CUSTOMER_NOTE, 12), (Field.GIFT_RECIPIENT, 2)),
    sample("10377", "87915", due(Field.PHONE, "T-03", "delivered", date(2026, 8, 14), date(2026, 11, 13))),
)
ADDRESS = wave(
    Wave.EMAIL_ADDRESS,
    "e88f0b12",
    47,
    counts((Field.EMAIL, 47), (Field.SHIPPING_ADDRESS, 44)),
    sample(
        "7011",
        "41290",
        due(Field.EMAIL, "T-02", "delivered", date(2023, 8, 31), date(2026, 11, 15)),
        due(Field.SHIPPING_ADDRESS, "T-04", "delivered", date(2023, 8, 31), date(2026, 11, 15)),
    ),
)
ACCOUNTS = wave(Wave.ACCOUNTS, "90aa3c5e", 9, (whole(9, Kind.CUSTOMER),))
NEWSLETTER = wave(Wave.NEWSLETTER, "b7714de0", 16, (whole(16, Kind.SUBSCRIBER),))

KEPT = (
    *(
        KeptView(
            rule=rule,
            field=field,
            reason="floor",
            basis="l",
            count=412,
            earliest_through=date(2026, 12, 31),
            latest_through=date(2033, 12, 31),
        )
        for rule, field in (("T-01", Field.NAME), ("T-05", Field.BILLING_ADDRESS))
    ),
    KeptView(
        rule="T-02",
        field=Field.EMAIL,
        reason="claims",
        basis="c,i",
        count=1874,
        earliest_through=date(2026, 11, 23),
        latest_through=date(2030, 2, 5),
    ),
    KeptView(rule="T-20", field=None, kind=Kind.CUSTOMER, reason="warning_not_recorded", basis="c", count=37),
    KeptView(rule="T-01", field=Field.NAME, reason="financial_year_unknown", basis="l", count=11),
)

TIMELINE = tuple(
    DueView(year=year, wave=wave, count=count)
    for year, row in {
        2026: (212, 190, 88, 12, 20),
        2027: (840, 811, 640, 96, 210),
        2028: (120, 131, 702, 122, 180),
        2029: (0, 0, 655, 61, 90),
        2030: (0, 0, 88, 0, 0),
        2031: (0, 0, 402, 0, 0),
        2032: (0, 0, 611, 0, 0),
        2033: (0, 0, 745, 0, 0),
        2034: (0, 0, 398, 0, 0),
    }.items()
    for wave, count in zip(Wave, row, strict=True)
    if count
)

DRY_RUN = DryRun(
    shop=SHOP,
    policy=POLICY,
    made_at=datetime(2026, 11, 22, 5, 2, tzinfo=UTC),
    expires=datetime(2026, 11, 29, 5, 2, tzinfo=UTC),
    digest=DIGEST,
    first_run=True,
    kinds=(
        KindTotals(
            kind=Kind.ORDER,
            totals=Totals(delete=6, redact=118, held=2, kept_by_law=412, nothing_due=2662, by_hand=2),
        ),
        KindTotals(kind=Kind.CUSTOMER, totals=Totals(delete=9, held=1, nothing_due=840)),
        KindTotals(kind=Kind.SUBSCRIBER, totals=Totals(delete=16, nothing_due=934)),
    ),
    waves=(TRACES, PHONE, ADDRESS, ACCOUNTS, NEWSLETTER),
    limits=(
        LimitView(name="records", value=149, allowed=500, exceeded=False),
        LimitView(name="share", value=3.9, allowed=5, exceeded=False, kind=Kind.ORDER),
    ),
    kept=KEPT,
    holds=(
        HoldView(id=HoldId.RETURN, count=2, review=date(2027, 2, 20)),
        HoldView(id=HoldId.BALANCE, count=1, review=date(2027, 11, 22)),
    ),
    unknown_holds=(HoldView(id=HoldId.DISPUTE, count=9),),
    kept_together=(KeptTogether(platform="shopify", customers=1118, past=37),),
    surprises=(
        SurpriseView(
            code="personal_number", place="customer_note", count=4, samples=("10021", "9876", "9544", "9102")
        ),
        SurpriseView(code="door_code", place="shipping_address_2", count=22, samples=("10412", "10398")),
        SurpriseView(
            code="unknown_key:email", place="meta:_faktura_mejl", count=71, samples=("10388", "10213")
        ),
    ),
    alerts=(
        AlertView(code="paid_and_forgotten", count=14, samples=("6120", "6344", "6391")),
        AlertView(code="over_retention", count=47, samples=("7011", "7012", "7040")),
        AlertView(code="account_to_warn", count=37),
    ),
    listeners=(
        ListenerView(
            name="Fortnox för WooCommerce",
            kind="plugin",
            hears="order.updated",
            mark="tested",
            by="Maja Testsson",
            at=date(2026, 11, 18),
        ),
        ListenerView(name="lager.example", kind="webhook", hears="order.updated"),
    ),
    own_retention=(
        Problem(
            severity="warning",
            code="own_retention_completed",
            en="WooCommerce clears completed orders after 7 years, counted from the order. "
            "That is earlier than the law allows. Switch it off.",
            sv="WooCommerce tömmer själv slutförda ordrar efter 7 år, räknat från ordern. "
            "Det är tidigare än lagen tillåter. Stäng av det.",
        ),
    ),
    recipients=RECIPIENTS,
    by_hand=(ByHandView(field=Field.CUSTOM, place="refund_reason", count=2),),
    cost=Cost(requests=402, minutes=6.4, log_lines=310),
    timeline=TIMELINE,
    difference=(
        DifferenceView(wave=Wave.TRACES, before=51, now=64),
        DifferenceView(wave=Wave.PHONE_NOTES, before=44, now=41),
        DifferenceView(wave=Wave.EMAIL_ADDRESS, before=47, now=47),
        DifferenceView(wave=Wave.ACCOUNTS, before=9, now=9),
        DifferenceView(wave=Wave.NEWSLETTER, before=12, now=16),
    ),
    approve_command="gallra approve 7f3ac91e --shop kallans",
    tool_version="0.1.0",
)

APPROVAL = ApprovalView(
    by="Maja Testsson",
    role="ekonomiansvarig",
    on_behalf="Källans Handel AB",
    at=datetime(2026, 11, 22, 8, 40, tzinfo=UTC),
    valid_through=datetime(2026, 11, 29, 5, 2, tzinfo=UTC),
)


def result(
    rule: str,
    field: Field | None,
    count: int,
    oldest: str,
    youngest: str,
    basis: str,
    kind: Kind = Kind.ORDER,
) -> RuleResult:
    """What a rule did to a field, or to whole records."""
    return RuleResult(
        rule=rule,
        field=field,
        count=count,
        label=Label.DELETED if field is None else Label.REDACTED,
        oldest=date.fromisoformat(oldest),
        youngest=date.fromisoformat(youngest),
        basis=basis,
        kind=kind,
    )


def outcomes(wave: Wave, code: str, **counts: int) -> WaveResult:
    """How the steps of a wave ended."""
    ends = tuple(OutcomeCount(outcome=Outcome(name), count=count) for name, count in counts.items())
    return WaveResult(wave=wave, code=code, outcomes=ends)


PROTOCOL = Protocol(
    number="2026-014",
    shop=SHOP,
    policy=POLICY,
    started=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    ended=datetime(2026, 11, 22, 9, 7, tzinfo=UTC),
    digest=DIGEST,
    approval=APPROVAL,
    tool_version="0.1.0",
    rules=(
        result("T-09", Field.IP_ADDRESS, 56, "2025-01-04", "2026-08-23", "i"),
        result("T-09", Field.USER_AGENT, 56, "2025-01-04", "2026-08-23", "i"),
        result("T-07", Field.DOOR_CODE, 22, "2025-02-01", "2026-11-07", "c"),
        result("T-17", None, 6, "2026-03-02", "2026-10-20", "i"),
        result("T-03", Field.PHONE, 41, "2025-01-09", "2026-08-23", "c,i"),
        result("T-15", Field.CUSTOMER_NOTE, 12, "2025-01-09", "2026-08-20", "c"),
        result("T-15", Field.GIFT_RECIPIENT, 2, "2026-05-02", "2026-06-01", "c"),
        result("T-02", Field.EMAIL, 47, "2023-01-03", "2023-09-07", "c,i"),
        result("T-04", Field.SHIPPING_ADDRESS, 44, "2023-01-03", "2023-09-07", "c"),
        result("T-20", None, 9, "2023-05-01", "2024-11-20", "c", Kind.CUSTOMER),
        result("T-34", None, 16, "2025-06-01", "2026-10-22", "l,i", Kind.SUBSCRIBER),
    ),
    waves=(
        outcomes(Wave.TRACES, "1c09be44", done=62, stale=2),
        outcomes(Wave.PHONE_NOTES, "5d20a7f3", done=40, already_gone=1),
        outcomes(Wave.EMAIL_ADDRESS, "e88f0b12", done=47),
        outcomes(Wave.ACCOUNTS, "90aa3c5e", done=9),
        outcomes(Wave.NEWSLETTER, "b7714de0", done=16),
    ),
    recipients=(
        RecipientResult(
            name="Mailchimp", code="MC", role=Role.PROCESSOR, confirmed=16, accepted=12,
            accepted_due=date(2026, 12, 2),
        ),
        RecipientResult(name="Klarna", code="KL", role=Role.CONTROLLER, notified=19),
        RecipientResult(name="PostNord", code="PN", role=Role.CONTROLLER, notified=12),
    ),
    held=(HoldView(id=HoldId.RETURN, count=2, review=date(2027, 2, 20)),),
    deviations=(Deviation(outcome=Outcome.STALE, reason="changed", count=2, samples=("10398", "10401")),),
    read_back=ReadBack(clean=149, accepted=12, accepted_due=date(2026, 12, 2), notified=31, by_hand=4),
    by_hand=(ByHandView(field=Field.CUSTOM, place="refund_reason", count=4),),
    backups_through=date(2026, 12, 22),
    previous="9d" * 32,
    chain="3e" * 32,
)  # fmt: skip

EMPTY_DRY_RUN = DryRun(
    shop=DRY_RUN.shop,
    policy=DRY_RUN.policy,
    made_at=DRY_RUN.made_at,
    expires=DRY_RUN.expires,
    digest=DRY_RUN.digest,
    kinds=(),
)
"""A shop in which there is nothing yet."""
