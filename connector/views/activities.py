"""What a web shop does with personal data, as rows of the record of processing, in Swedish and English."""

from connector.records import Kind, Value
from connector.report.shared import Both


class Activity(Value, frozen=True, kw_only=True):
    """One pre-filled row: its rules of the schedule, who it is about, whose recipients it has."""

    id: str
    title: Both
    purpose: Both
    people: Both
    rules: tuple[str, ...]
    codes: tuple[str, ...]
    kinds: tuple[Kind, ...] = tuple(Kind)
    basis: str = ""
    # What its records hold beside the fields that rules name one by one (Art. 30(1)(c)).
    data: Both = Both(sv="", en="")


def both(sv: str, en: str) -> Both:
    """The same words in both languages."""
    return Both(sv=sv, en=en)


_CUSTOMERS = both("kunder", "customers")
_VISITORS = both("besökare", "visitors")
_ORDERS = (Kind.ORDER, Kind.DRAFT_ORDER, Kind.CART)
_SALES = (*_ORDERS, Kind.COUPON)

ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        id="orders",
        title=both("Order och leverans", "Orders and delivery"),
        purpose=both(
            "Leverera varan, hantera ångerrätt, retur och reklamation",
            "Deliver the goods, handle withdrawal, returns and complaints",
        ),
        people=both("kunder och mottagare av gåvor", "customers and recipients of gifts"),
        rules=(
            "T-01",
            "T-02",
            "T-03",
            "T-04",
            "T-07",
            "T-10",
            "T-14",
            "T-15",
            "T-16",
            "T-17",
            "T-18",
            "T-26",
            "T-50",
        ),
        codes=("SH", "PN"),
        kinds=_SALES,
    ),
    Activity(
        id="payment",
        title=both("Betalning", "Payment"),
        purpose=both("Ta betalt och betala tillbaka", "Take payment and refund"),
        people=_CUSTOMERS,
        rules=("T-08", "T-12", "T-23"),
        codes=("SH", "KL", "PA"),
        kinds=_ORDERS,
        data=both("sparade betalsätt", "saved payment methods"),
    ),
    Activity(
        id="bookkeeping",
        title=both("Bokföring", "Bookkeeping"),
        purpose=both("Bokföra och redovisa skatt", "Keep books and account for tax"),
        people=both("kunder och företrädare för företag", "customers and representatives of companies"),
        rules=("T-05", "T-06", "T-11", "T-13", "T-24"),
        codes=("SH", "BK"),
        kinds=(Kind.ORDER, Kind.COUPON),
        data=both("belopp, moms, orderrader, återbetalningar", "amounts, VAT, order lines, refunds"),
    ),
    Activity(
        id="accounts",
        title=both("Kundkonto", "Customer accounts"),
        purpose=both(
            "Ge kunden ett konto med sin historik", "Give the customer an account with their history"
        ),
        people=_CUSTOMERS,
        rules=("T-20", "T-21", "T-22", "T-25"),
        codes=("SH",),
        kinds=(Kind.CUSTOMER, Kind.ORDER),
        data=both(
            "namn, adresser, e-post, telefon, köphistorik", "name, addresses, e-mail, phone, purchase history"
        ),
    ),
    Activity(
        id="support",
        title=both("Kundtjänst", "Customer service"),
        purpose=both("Besvara frågor och hantera ärenden", "Answer questions and handle cases"),
        people=both("kunder och andra som hör av sig", "customers and others who get in touch"),
        rules=("T-60",),
        codes=("HD",),
        data=both("namn, e-post, telefon, meddelanden", "name, e-mail, phone, messages"),
    ),
    Activity(
        id="newsletter",
        title=both("Nyhetsbrev", "Newsletter"),
        purpose=both("Skicka utskick till den som vill ha dem", "Send mailings to those who want them"),
        people=both("prenumeranter", "subscribers"),
        rules=("T-30", "T-32", "T-33", "T-34", "T-35", "T-36", "T-37", "T-38"),
        codes=("MC",),
        data=both("e-post, namn, samtycke, öppningar och klick", "e-mail, name, consent, opens and clicks"),
    ),
    Activity(
        id="advertising",
        title=both("Marknadsföring i sociala medier", "Marketing in social media"),
        purpose=both("Visa annonser", "Show advertisements"),
        people=both("kunder och prenumeranter", "customers and subscribers"),
        rules=("T-31", "T-39"),
        codes=("AD",),
        basis="s",
        data=both("e-post, beteende i butiken", "e-mail, behaviour in the shop"),
    ),
    Activity(
        id="reviews",
        title=both("Recensioner", "Reviews"),
        purpose=both("Visa kundernas omdömen", "Show customers' reviews"),
        people=both("den som skriver omdömen", "those who write reviews"),
        rules=("T-55", "T-56"),
        codes=("SH",),
        data=both("omdömets text, bilder", "the text of the review, pictures"),
    ),
    Activity(
        id="fraud",
        title=both("Bedrägeriskydd", "Protection against fraud"),
        purpose=both("Upptäcka och utreda bedrägerier", "Find and investigate fraud"),
        people=_CUSTOMERS,
        rules=("T-09",),
        codes=("SH",),
        kinds=(Kind.ORDER,),
    ),
    Activity(
        id="logs",
        title=both("Webbloggar", "Web logs"),
        purpose=both("Säkerhet, felsökning och statistik", "Security, debugging and statistics"),
        people=_VISITORS,
        rules=("T-51", "T-70"),
        codes=("host", "AN"),
        basis="i",
        data=both("IP-adress, webbläsare, tidpunkt, nedladdningar", "IP address, browser, time, downloads"),
    ),
    Activity(
        id="rights",
        title=both("Hantering av rättigheter och incidenter", "Rights of persons, and incidents"),
        purpose=both(
            "Besvara begäranden, visa att lagen följs", "Answer requests, show that the law is followed"
        ),
        people=both("alla som begär något", "everyone who makes a request"),
        rules=("T-37b", "T-61", "T-62", "T-63", "T-64"),
        codes=(),
        basis="l",
        data=both("namn, kontaktuppgifter, begäran och svar", "name, contact details, request and answer"),
    ),
)
"""The rows of law/documents §4."""

SAFEGUARDS: tuple[Both, ...] = (
    both(
        "Uppgifter gallras enligt en skriven plan, med protokoll",
        "Data are deleted by a written plan, with proof",
    ),
    both("Det som gallras godkänns av en namngiven person", "Deletions are approved by a named person"),
    both(
        "Gallringens eget register har inga direkta identifierare",
        "The deletion index holds no direct identifiers",
    ),
    both(
        "Uppgifter till mottagare krypteras i vila och raderas",
        "Handles for recipients are sealed, then destroyed",
    ),
    both(
        "Nycklar läses från miljö eller fil, aldrig ur inställningarna",
        "Keys come from environment or file only",
    ),
)
"""A general description of the measures that Gallra itself brings (Art. 30(1)(g)); the shop adds its own."""
