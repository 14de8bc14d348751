"""The retention section of a privacy policy, in Swedish and English, from the rules that really run."""

from collections.abc import Iterable, Mapping, Sequence

from connector.calendar import BOOKKEEPING_YEARS, OSS_YEARS
from connector.policy import Policy
from connector.policy.schema import Clock, Condition, FloorUse, Period, Purpose, Rule, read_period
from connector.records import Field, Kind, Value

_SMALL_SV = ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
_SMALL_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINAL_SV = {7: "sjunde", 10: "tionde"}
_ORDINAL_EN = {7: "seventh", 10: "tenth"}


class Said(Value, frozen=True, kw_only=True):
    """One phrase in both languages."""

    sv: str
    en: str


class Line(Value, frozen=True, kw_only=True):
    """One line of the section: what is kept, how long, by which rules."""

    rules: tuple[str, ...]
    what: Said
    how_long: Said


def _said(sv: str, en: str) -> Said:
    return Said(sv=sv, en=en)


WHAT: Mapping[tuple[Kind, Field], Said] = {
    (Kind.ORDER, Field.NAME): _said("namn", "name"),
    (Kind.ORDER, Field.BILLING_ADDRESS): _said("fakturaadress", "billing address"),
    (Kind.ORDER, Field.SHIPPING_ADDRESS): _said("leveransadress", "delivery address"),
    (Kind.ORDER, Field.COMPANY): _said("företagsnamn", "company name"),
    (Kind.ORDER, Field.ORGANISATION_NUMBER): _said("organisationsnummer", "organisation number"),
    (Kind.ORDER, Field.EMAIL): _said("e-postadress", "e-mail address"),
    (Kind.ORDER, Field.PHONE): _said("telefonnummer", "phone number"),
    (Kind.ORDER, Field.DOOR_CODE): _said("portkod och leveransanvisning", "door code and delivery notes"),
    (Kind.ORDER, Field.PERSONAL_NUMBER): _said("personnummer", "personal identity number"),
    (Kind.ORDER, Field.BIRTH_DATE): _said("födelsedatum", "birth date"),
    (Kind.ORDER, Field.IP_ADDRESS): _said("IP-adress", "IP address"),
    (Kind.ORDER, Field.USER_AGENT): _said("uppgifter om webbläsare", "browser details"),
    (Kind.ORDER, Field.CUSTOMER_NOTE): _said("ditt meddelande till oss", "your message to us"),
    (Kind.ORDER, Field.STAFF_NOTES): _said("våra anteckningar om ordern", "our notes on the order"),
    (Kind.ORDER, Field.TAGS): _said("märkningar", "tags"),
    (Kind.ORDER, Field.GIFT_RECIPIENT): _said(
        "uppgifter om den som får en gåva", "details of a gift's recipient"
    ),
    (Kind.ORDER, Field.TRACKING_NUMBER): _said("kollinummer", "parcel number"),
    (Kind.ORDER, Field.PAYMENT_DETAILS): _said("kort- och kontouppgifter", "card and account details"),
    (Kind.ORDER, Field.PAYMENT_REFERENCE): _said("betalningsreferens", "payment reference"),
    (Kind.ORDER, Field.ACCOUNT): _said(
        "orderns koppling till ditt konto", "the order's link to your account"
    ),
    (Kind.ORDER, Field.CUSTOM): _said("personlig text på en vara", "personal text on an article"),
    (Kind.CUSTOMER, Field.BIRTH_DATE): _said("födelsedatum i kontot", "birth date in the account"),
    (Kind.CUSTOMER, Field.TAGS): _said("profil och märkningar i kontot", "profile and tags in the account"),
    (Kind.COUPON, Field.GIFT_RECIPIENT): _said(
        "hälsning och mottagare på presentkort", "greeting and recipient on a gift card"
    ),
    (Kind.COUPON, Field.STAFF_NOTES): _said("våra anteckningar om presentkort", "our notes on a gift card"),
    (Kind.REVIEW, Field.NAME): _said("namn på omdömen", "name on reviews"),
    (Kind.REVIEW, Field.EMAIL): _said("e-postadress på omdömen", "e-mail address on reviews"),
    (Kind.REVIEW, Field.IP_ADDRESS): _said("IP-adress på omdömen", "IP address on reviews"),
}
"""What a customer calls each field; a field that stands nowhere here goes with its neighbours."""

FROM: Mapping[Clock, Said] = {
    Clock.DELIVERED: _said("från att du fick varan", "from the day you received the goods"),
    Clock.CREATED: _said("från att uppgiften lämnades", "from the day it was given"),
    Clock.SETTLED: _said("från att köpet betalades", "from the day the purchase was paid"),
    Clock.LAST_PAYMENT: _said(
        "från den senaste betalningen eller återbetalningen", "from the last payment or refund"
    ),
    Clock.LAST_CHANGE: _said("från den senaste ändringen", "from the last change"),
    Clock.LAST_PURCHASE: _said("från ditt senaste köp", "from your last purchase"),
    Clock.LAST_ACTIVITY: _said(
        "från att du senast loggade in eller handlade", "from the last time you logged in or bought something"
    ),
    Clock.LAST_CLICK_OR_PURCHASE: _said(
        "från att du senast klickade i ett utskick, loggade in eller handlade",
        "from your last click in a mailing, login or purchase",
    ),
    Clock.IDENTITY_END: _said("från att kontot upphörde", "from the end of the account"),
    Clock.CLOSED: _said("från att det avslutades", "from the day it was closed"),
    Clock.CASE_CLOSED: _said("från att ärendet avslutades", "from the day the case was closed"),
    Clock.CONSENT_END: _said("från att ditt samtycke upphörde", "from the end of your consent"),
    Clock.UNSUBSCRIBED: _said("från att du avslutade prenumerationen", "from the day you unsubscribed"),
    Clock.BOUNCED: _said("från att adressen slutade fungera", "from the day the address stopped working"),
    Clock.SUBSCRIBED: _said("från att du anmälde dig", "from the day you signed up"),
}
AT_ONCE: Mapping[Clock, Said] = {
    Clock.CREATED: _said("inte längre än det tar att kontrollera den", "no longer than it takes to check it"),
    Clock.SETTLED: _said("till dess att köpet är betalt", "until the purchase is paid"),
    Clock.IDENTITY_END: _said("så länge du har ett konto", "as long as you have an account"),
    Clock.CLOSED: _said("till dess att det är avslutat", "until it is closed"),
    Clock.CONSENT_END: _said("så länge du samtycker", "as long as you consent"),
    Clock.UNSUBSCRIBED: _said("till dess att du avslutar prenumerationen", "until you unsubscribe"),
    Clock.BOUNCED: _said("till dess att adressen slutar fungera", "until the address stops working"),
    Clock.DELIVERED: _said("till dess att du fått varan", "until you have received the goods"),
}
"""How a period of no days is said."""

_F1 = _said(
    f"till och med den 31 december det {_ORDINAL_SV[BOOKKEEPING_YEARS]} året efter det kalenderår då "
    "räkenskapsåret slutade (bokföringslagen 7 kap. 2 §)",
    f"through 31 December of the {_ORDINAL_EN[BOOKKEEPING_YEARS]} year after the calendar year in which "
    "the financial year ended (Bookkeeping Act 7:2)",
)
_F2 = _said(
    f"till och med den 31 december det {_ORDINAL_SV[OSS_YEARS]} året efter leveransåret "
    "(mervärdesskattelagen 22 kap.)",
    f"through 31 December of the {_ORDINAL_EN[OSS_YEARS]} year after the year of delivery (VAT Act, ch. 22)",
)
_FLOORS: Mapping[str, Said] = {"F1": _F1, "F2": _F2}
_WHEN: Mapping[Condition, Said] = {
    Condition.BUSINESS: _said("vid företagsköp", "for business purchases"),
    Condition.UNDER_OSS: _said("vid försäljning till andra EU-länder", "for sales to other EU countries"),
    Condition.ABROAD_WITHOUT_OSS: _said("vid övriga köp från utlandet", "for other purchases from abroad"),
    Condition.HAS_PURCHASE: _said("om du har handlat", "if you have bought something"),
    Condition.NO_PURCHASE: _said("om du inte har handlat", "if you have not bought anything"),
    Condition.NO_COMPANY_NAME: _said("utan företagsnamn", "without a company name"),
}


def policy_lines(policy: Policy) -> tuple[Line, ...]:
    """One line per way of keeping: fields kept alike stand together; rules that are off say nothing."""
    groups: dict[tuple[Kind, str], tuple[Said, list[Said], list[str]]] = {}
    for rule in policy.rules:
        if rule.optional:
            continue
        for field in rule.fields or (None,):
            what, how_long = _what(rule, field), _how_long(rule, field, policy)
            if what is None or how_long is None:
                continue
            _, names, rules = groups.setdefault((rule.kind, how_long.sv), (how_long, [], []))
            names += [what] if what not in names else []
            rules += [rule.id] if rule.id not in rules else []
    return tuple(
        Line(rules=tuple(rules), what=_begun(_joined(names)), how_long=how_long)
        for how_long, names, rules in groups.values()
    )


def rule_lines(policy: Policy, rules: Iterable[str], kinds: Iterable[Kind]) -> tuple[Line, ...]:
    """The lines of these rules only, those that are off included."""
    wanted, of_kinds = frozenset(rules), frozenset(kinds)
    chosen = tuple(
        rule.model_copy(update={"optional": False})
        for rule in policy.rules
        if rule.id in wanted and rule.kind in of_kinds
    )
    return policy_lines(Policy(file=policy.file, rules=chosen, context=policy.context))


def _what(rule: Rule, field: Field | None) -> Said | None:
    if field is None:
        return _said(
            rule.title.sv[:1].lower() + rule.title.sv[1:], rule.title.en[:1].lower() + rule.title.en[1:]
        )
    return WHAT.get((rule.kind, field))


def _joined(names: Sequence[Said]) -> Said:
    return _said(_and([one.sv for one in names], "och"), _and([one.en for one in names], "and"))


def _and(names: Sequence[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]


def _begun(said: Said) -> Said:
    return _said(said.sv[:1].upper() + said.sv[1:], said.en[:1].upper() + said.en[1:])


def _how_long(rule: Rule, field: Field | None, policy: Policy) -> Said | None:
    """The longest unconditional purpose, then floors and cases that keep it longer."""
    parts = [purpose for purpose in rule.purpose if not purpose.fields or field in purpose.fields]
    always = [purpose for purpose in parts if not purpose.when]
    cases = [_with_case(_period(purpose), purpose.when) for purpose in parts if purpose.when]
    floors = [floor for floor in rule.floor if _stands(floor, field, policy)]
    base = _floor_of_all(floors, policy)
    if base is None and always:
        longest = max(always, key=lambda purpose: read_period(purpose.period).about_days)
        base = _period(longest)
    if base is None and not cases:
        return None
    extra = [_case(floor.when, _FLOORS[floor.id]) for floor in floors if _is_case(floor, policy)]
    said = [one for one in (base, *cases, *_unique(extra), *_archived(floors, always, policy)) if one]
    return _said("; ".join(one.sv for one in said), "; ".join(one.en for one in said))


def _archived(floors: Iterable[FloorUse], always: Sequence[Purpose], policy: Policy) -> tuple[Said, ...]:
    """How long a field stays of years whose vouchers lie elsewhere, where mode A is all that keeps it."""
    kept = any(tuple(floor.when) == (Condition.SHOP_IS_ARCHIVE,) for floor in floors)
    if not kept or not policy.context.archived_years or not always:
        return ()
    longest = _period(max(always, key=lambda purpose: read_period(purpose.period).about_days))
    years = ", ".join(str(last.year) for _, last in policy.context.archived_years)
    return (
        _said(
            f"för räkenskapsår som slutade {years}: {longest.sv}",
            f"for financial years that ended {years}: {longest.en}",
        ),
    )


def _stands(floor: FloorUse, field: Field | None, policy: Policy) -> bool:
    """Whether a floor is of this field, and the shop makes such sales at all."""
    never_oss = Condition.UNDER_OSS in floor.when and not policy.context.oss
    return not never_oss and (not floor.fields or field in floor.fields)


def _floor_of_all(floors: Iterable[FloorUse], policy: Policy) -> Said | None:
    """The floor that every sale stands on, where one does: it outlasts the shorter purposes."""
    for floor in floors:
        if not _is_case(floor, policy) and floor.id == "F1":
            return _F1
    return None


def _is_case(floor: FloorUse, policy: Policy) -> bool:
    """Whether a floor is for some sales only; with every year archived elsewhere mode A says nothing."""
    in_shop = policy.context.archive == "shop"
    if tuple(floor.when) == (Condition.SHOP_IS_ARCHIVE,):
        return not in_shop
    return bool(floor.when) and not (Condition.BUSINESS in floor.when and in_shop)


def _case(when: Sequence[Condition], how_long: Said) -> Said:
    words = _condition(when)
    return _said(f"{words.sv} {how_long.sv}".strip(), f"{words.en} {how_long.en}".strip())


def _with_case(how_long: Said, when: Sequence[Condition]) -> Said:
    words = _condition(when)
    if not words.sv:
        return how_long
    return _said(f"{how_long.sv.rstrip(',')}, {words.sv}", f"{how_long.en.rstrip(',')}, {words.en}")


def _condition(when: Sequence[Condition]) -> Said:
    known = [_WHEN[condition] for condition in when if condition in _WHEN]
    return _said(" ".join(one.sv for one in known), " ".join(one.en for one in known))


def _unique(said: Iterable[Said]) -> tuple[Said, ...]:
    return tuple(dict.fromkeys(said))


def _period(purpose: Purpose) -> Said:
    period = read_period(purpose.period)
    if period.unit != "claims" and period.number == 0:
        return AT_ONCE.get(purpose.clock) or FROM[purpose.clock]
    length, start = _length(period), FROM[purpose.clock]
    return _said(f"{length.sv} {start.sv}", f"{length.en} {start.en}")


def _length(period: Period) -> Said:
    if period.unit == "claims":
        return _said("tre år, två månader och 14 dagar", "three years, two months and 14 days")
    if period.unit == "days":
        return _said(f"{period.number} dagar", f"{period.number} days")
    if period.number % 12 == 0:
        years = period.number // 12
        return _said(f"{_small(years, _SMALL_SV, 'ett')} år", f"{_small(years, _SMALL_EN)} {_years(years)}")
    return _said(f"{period.number} månader", f"{period.number} months")


def _years(number: int) -> str:
    return "year" if number == 1 else "years"


def _small(number: int, words: Sequence[str], one: str = "") -> str:
    if number == 1 and one:
        return one
    return words[number] if number < len(words) else str(number)
