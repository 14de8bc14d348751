"""Whether a policy goes below a legal minimum: made-up orders are decided by the engine itself."""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from connector.calendar import FinancialYears, bookkeeping_floor, oss_floor
from connector.policy import Policy, ShopContext, decide
from connector.policy.file_format import PolicyFile, Rule
from connector.policy.minima import BASIS, Shortfall, shortfalls
from connector.records import Facts, Field, Kind, Record, Ref, Value, to_bits
from connector.report.shared import Both
from connector.verdicts import FieldVerdict
from connector.views.lint.codes import finding
from connector.views.lint.rules import RECORD
from connector.views.lint.texts import Finding, words_of

YEARS = FinancialYears.ending("12-31", 2005, 2045)
SHOP_KEEPS = ShopContext(financial_years=YEARS, oss=((date(2021, 7, 1), None),))
KEPT_ELSEWHERE = replace(SHOP_KEEPS, archive="elsewhere")
TODAY = date(2023, 1, 2)
_ORDERED, _DELIVERED = date(2022, 3, 1), date(2022, 3, 8)
_SALE = Facts(
    created=_ORDERED,
    paid=_ORDERED,
    completed=_ORDERED + timedelta(days=4),
    delivered=_DELIVERED,
    status="completed",
    payment="invoice",
    has_transaction=True,
)
_F1_THROUGH = bookkeeping_floor((_ORDERED, _DELIVERED), YEARS)
_BOOKS = frozenset({Field.COMPANY, Field.ORGANISATION_NUMBER, Field.PAYMENT_REFERENCE})
_PARTY = _BOOKS | {Field.NAME, Field.BILLING_ADDRESS}
_DESTINATION = frozenset({Field.SHIPPING_ADDRESS, Field.TRACKING_NUMBER})


class Probe(Value, frozen=True, kw_only=True):
    """One made-up record, and the fields that the law keeps on it."""

    sv: str
    en: str
    floor: str
    basis: str
    through: date
    fields: frozenset[Field]
    facts: Facts = _SALE
    context: ShopContext = SHOP_KEEPS
    kind: Kind = Kind.ORDER


def _probes() -> tuple[Probe, ...]:
    assert _F1_THROUGH is not None
    books = {"floor": "F1", "basis": "BFL 7:2", "through": _F1_THROUGH}
    business = replace(_SALE, business=True)
    return (
        Probe(sv="köp i Sverige", en="a sale in Sweden", fields=_PARTY, **books),  # type: ignore[arg-type]
        Probe(
            sv="företagsköp utan företagsnamn, arkiverat på annat håll",
            en="a business sale without a company name, archived elsewhere",
            fields=_PARTY, facts=business, context=KEPT_ELSEWHERE, **books,  # type: ignore[arg-type]
        ),
        Probe(
            sv="export utanför EU", en="an export outside the EU", fields=_DESTINATION | _PARTY,
            facts=replace(_SALE, ship_to="NO"), **books,  # type: ignore[arg-type]
        ),
        Probe(
            sv="försäljning under OSS", en="a sale under OSS", fields=_DESTINATION,
            facts=replace(_SALE, ship_to="DE"), floor="F2", basis="ML 22:76–77",
            through=oss_floor(_DELIVERED),
        ),
        Probe(
            sv="ett presentkort utan saldo", en="a gift card without a balance", fields=frozenset(),
            facts=Facts(created=_ORDERED, closed=_DELIVERED), kind=Kind.COUPON,
            **books,  # type: ignore[arg-type]
        ),
    )  # fmt: skip


PROBES = _probes()
_ANY = Both(sv="en post", en="a record")
_ON_REQUEST = Both(sv=", efter en begäran om radering", en=", after a request to erase")


def check_floors(file: PolicyFile, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """Each field that would go before its floor, by the calendar, on a request, or in a case left out."""
    seen: set[tuple[str, str]] = set()
    for probe in PROBES:
        bound = Policy(file=file, rules=rules, context=probe.context)
        for on_request in (False, True):
            for verdict in _early(bound, probe, on_request=on_request):
                name = str(verdict.field or RECORD)
                if (name, probe.floor) not in seen:
                    seen.add((name, probe.floor))
                    yield _finding(verdict, probe, name, on_request=on_request)
    for short in shortfalls(rules):
        if (str(short.field or RECORD), str(short.floor)) not in seen:
            yield _narrow(short)


def _early(policy: Policy, probe: Probe, *, on_request: bool) -> Iterator[FieldVerdict]:
    record = Record(
        ref=Ref(adapter="lint", kind=probe.kind, id="probe"),
        version="",
        facts=probe.facts,
        present=to_bits(probe.fields),
    )
    without = policy.purposes() if on_request else frozenset[str]()
    verdict = decide(record, policy, today=TODAY, without=without)
    whole = (verdict.record,) if verdict.record else ()
    for one in (*whole, *verdict.fields):
        if one.keep_through is not None and one.keep_through < probe.through:
            yield one


def _finding(verdict: FieldVerdict, probe: Probe, name: str, *, on_request: bool) -> Finding:
    after = _ON_REQUEST if on_request else Both(sv="", en="")
    return finding(
        "GA104",
        f"{verdict.rule} {name}",
        field=words_of("field", (verdict.field or f"whole_{probe.kind}",)),
        floor=probe.floor,
        basis=probe.basis,
        case=Both(sv=probe.sv + after.sv, en=probe.en + after.en),
    )


def _narrow(short: Shortfall) -> Finding:
    """A floor that the rule has, but not in every case that it binds."""
    case = words_of("condition", sorted(short.world))
    return finding(
        "GA104",
        f"{short.rule} {short.field or RECORD}",
        field=words_of("field", (short.field or f"whole_{short.kind}",)),
        floor=short.floor,
        basis=BASIS[short.floor],
        case=Both(sv=f"en post där {case.sv}", en=f"a record where {case.en}") if short.world else _ANY,
    )
