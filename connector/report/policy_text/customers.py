"""The words of the proposed policy text: plain, and to the customer."""

from connector.policy.schema import Clock, Condition
from connector.records import Field, Kind
from connector.report.policy_text.said import Voice, said

CUSTOMERS = Voice(
    fields={
        (Kind.ORDER, Field.NAME): said("namn", "name"),
        (Kind.ORDER, Field.BILLING_ADDRESS): said("fakturaadress", "billing address"),
        (Kind.ORDER, Field.SHIPPING_ADDRESS): said("leveransadress", "delivery address"),
        (Kind.ORDER, Field.COMPANY): said("företagsnamn", "company name"),
        (Kind.ORDER, Field.ORGANISATION_NUMBER): said("organisationsnummer", "organisation number"),
        (Kind.ORDER, Field.EMAIL): said("e-postadress på beställningen", "e-mail address on the order"),
        (Kind.ORDER, Field.PHONE): said("telefonnummer på beställningen", "phone number on the order"),
        (Kind.ORDER, Field.DOOR_CODE): said("portkod och leveransanvisning", "door code and delivery notes"),
        (Kind.ORDER, Field.PERSONAL_NUMBER): said("personnummer", "personal identity number"),
        (Kind.ORDER, Field.BIRTH_DATE): said("födelsedatum på beställningen", "birth date on the order"),
        (Kind.ORDER, Field.IP_ADDRESS): said("IP-adress vid köp", "IP address at purchase"),
        (Kind.ORDER, Field.USER_AGENT): said(
            "uppgifter om webbläsare vid köp", "browser details at purchase"
        ),
        (Kind.ORDER, Field.CUSTOMER_NOTE): said(
            "ditt meddelande på beställningen", "your message on the order"
        ),
        (Kind.ORDER, Field.STAFF_NOTES): said("våra anteckningar om beställningen", "our notes on the order"),
        (Kind.ORDER, Field.TAGS): said("taggar på beställningen", "tags on the order"),
        (Kind.ORDER, Field.GIFT_RECIPIENT): said(
            "uppgifter om den som får en gåva", "details of the person who receives a gift"
        ),
        (Kind.ORDER, Field.TRACKING_NUMBER): said("kollinummer", "parcel number"),
        (Kind.ORDER, Field.PAYMENT_DETAILS): said(
            "kortets sista siffror, betalarens namn och kontonummer",
            "the card's last digits, the payer's name and account number",
        ),
        (Kind.ORDER, Field.PAYMENT_REFERENCE): said("betalningsreferens", "payment reference"),
        (Kind.ORDER, Field.ACCOUNT): said(
            "beställningens koppling till ditt konto", "the order's link to your account"
        ),
        (Kind.ORDER, Field.CUSTOM): said("personlig text på en vara", "personal text on an article"),
        (Kind.CUSTOMER, Field.BIRTH_DATE): said("födelsedatum i kontot", "birth date in the account"),
        (Kind.CUSTOMER, Field.TAGS): said("profil och taggar i kontot", "profile and tags in the account"),
        (Kind.COUPON, Field.GIFT_RECIPIENT): said(
            "hälsning och mottagare på presentkort", "greeting and recipient on a gift card"
        ),
        (Kind.COUPON, Field.STAFF_NOTES): said(
            "våra anteckningar om presentkort", "our notes on a gift card"
        ),
        (Kind.REVIEW, Field.NAME): said("namn på omdömen", "name on reviews"),
        (Kind.REVIEW, Field.EMAIL): said("e-postadress på omdömen", "e-mail address on reviews"),
        (Kind.REVIEW, Field.IP_ADDRESS): said("IP-adress på omdömen", "IP address on reviews"),
    },
    records={
        "T-11": said("belopp, moms och köpta varor", "amounts, VAT and what was bought"),
        "T-13": said("återbetalningar", "refunds"),
        "T-17": said("beställningar som aldrig betalades", "orders that were never paid"),
        "T-18": said("utkast till beställningar och offerter", "draft orders and quotes"),
        "T-20": said("kundkonto som inte används", "customer account that is not used"),
        "T-24": said(
            "presentkort och rabattkoder knutna till dig, när de är förbrukade",
            "gift cards and coupons tied to you, once they are used up",
        ),
        "T-25": said("kundkonto som du avslutar", "customer account that you close"),
        "T-30": said(
            "e-postadress för utskick till dig som har handlat",
            "e-mail address for mailings to you who have bought something",
        ),
        "T-33": said(
            "e-postadress för nyhetsbrev som du har anmält dig till",
            "e-mail address for newsletters that you have signed up for",
        ),
        "T-34": said(
            "nyhetsbrevets uppgifter om dig, när du har avslutat prenumerationen",
            "the newsletter's data on you, once you have unsubscribed",
        ),
        "T-35": said(
            "nyhetsbrevets uppgifter om dig, när adressen har slutat fungera",
            "the newsletter's data on you, once the address has stopped working",
        ),
        "T-38": said(
            "anmälan till nyhetsbrev som du aldrig bekräftade",
            "newsletter sign-up that you never confirmed",
        ),
        "T-50": said("varukorg som du lämnar utan att beställa", "cart that you leave without ordering"),
        "T-60": said("meddelanden till och från kundtjänst", "messages to and from customer service"),
    },
    begins={
        Clock.DELIVERED: said("från att du fick varan", "from the day you received the goods"),
        Clock.CREATED: said("från att uppgiften lämnades", "from the day it was given"),
        Clock.SETTLED: said("från att köpet betalades", "from the day the purchase was paid"),
        Clock.LAST_PAYMENT: said(
            "från den senaste betalningen eller återbetalningen", "from the last payment or refund"
        ),
        Clock.LAST_CHANGE: said("från den senaste ändringen", "from the last change"),
        Clock.LAST_PURCHASE: said("från ditt senaste köp", "from your last purchase"),
        Clock.LAST_ACTIVITY: said(
            "från att du senast loggade in eller handlade",
            "from the last time you logged in or bought something",
        ),
        Clock.CREATED_OR_CONSENT: said(
            "från att kontot skapades eller du senast svarade ja eller nej till utskick",
            "from the day the account was created, or you last said yes or no to mailings",
        ),
        Clock.LAST_CLICK_OR_PURCHASE: said(
            "från att du senast klickade i ett utskick, loggade in eller handlade",
            "from your last click in a mailing, login or purchase",
        ),
        Clock.IDENTITY_END: said("från att ditt konto upphörde", "from the end of your account"),
        Clock.CLOSED: said("från att det avslutades", "from the day it was closed"),
        Clock.CASE_CLOSED: said("från att ärendet avslutades", "from the day the case was closed"),
        Clock.CONSENT_END: said("från att du återkallade ditt samtycke", "from the end of your consent"),
        Clock.UNSUBSCRIBED: said("från att du avslutade prenumerationen", "from the day you unsubscribed"),
        Clock.BOUNCED: said("från att adressen slutade fungera", "from the day the address stopped working"),
        Clock.SUBSCRIBED: said("från att du anmälde dig", "from the day you signed up"),
    },
    begins_of={
        (Kind.ORDER, Clock.CREATED): said("från beställningen", "from the day of the order"),
        (Kind.COUPON, Clock.DELIVERED): said(
            "från att presentkortet lämnades ut", "from the day the gift card was handed out"
        ),
        (Kind.REVIEW, Clock.CREATED): said("från att omdömet skrevs", "from the day of the review"),
        (Kind.CUSTOMER, Clock.CLOSED): said("från att du avslutade det", "from the day you closed it"),
    },
    at_once={
        Clock.CREATED: said("bara medan beställningen kontrolleras", "only while the order is checked"),
        Clock.SETTLED: said("till dess att köpet är betalt", "until the purchase is paid"),
        Clock.IDENTITY_END: said("så länge du har ett konto", "as long as you have an account"),
        Clock.CLOSED: said("tas bort när du avslutar det", "removed when you close it"),
        Clock.CONSENT_END: said("så länge du samtycker", "as long as you consent"),
        Clock.UNSUBSCRIBED: said("tas bort när du avslutar prenumerationen", "removed when you unsubscribe"),
        Clock.BOUNCED: said("tas bort när adressen slutar fungera", "removed when the address stops working"),
        Clock.DELIVERED: said("till dess att du fått varan", "until you have received the goods"),
    },
    warned=said(
        "dock aldrig förrän en månad efter att vi har varnat dig",
        "though never until a month after we have warned you",
    ),
    until_left=said(
        "till dess att du avslutar prenumerationen eller adressen slutar fungera",
        "until you unsubscribe or the address stops working",
    ),
    when={
        Condition.BUSINESS: said("vid företagsköp", "for business purchases"),
        Condition.UNDER_OSS: said(
            "vid leverans till ett annat EU-land med OSS-moms",
            "for deliveries to another EU country with OSS VAT",
        ),
        Condition.ABROAD_WITHOUT_OSS: said(
            "vid annan leverans utanför Sverige", "for other deliveries outside Sweden"
        ),
        Condition.HAS_PURCHASE: said("om du har handlat", "if you have bought something"),
        Condition.NO_PURCHASE: said("om du inte har handlat", "if you have not bought anything"),
        Condition.INVOICED: said("mot faktura", "against an invoice"),
        Condition.LOGIN_SEEN: said("men har loggat in", "but have logged in"),
        Condition.LOGIN_UNSEEN: said("och ingen inloggning går att se", "and no login can be seen"),
        Condition.CONSUMABLES: said("för varor som snart förbrukas", "for goods that are soon used up"),
        Condition.NO_COMPANY_NAME: said("utan företagsnamn", "without a company name"),
    },
)
"""To the customer, who is "you"."""
