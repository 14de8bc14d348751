"""The words of the record of processing: nobody is "you" in a register that the company keeps."""

from msgspec.structs import replace

from connector.policy.schema import Clock, Condition
from connector.records import Field, Kind
from connector.report.policy_text.customers import CUSTOMERS
from connector.report.policy_text.said import said

REGISTER = replace(
    CUSTOMERS,
    fields={
        **CUSTOMERS.fields,
        (Kind.ORDER, Field.CUSTOMER_NOTE): said("kundens meddelande", "the customer's message"),
        (Kind.ORDER, Field.STAFF_NOTES): said("anteckningar om ordern", "notes on the order"),
        (Kind.COUPON, Field.STAFF_NOTES): said("anteckningar om presentkort", "notes on a gift card"),
        (Kind.ORDER, Field.ACCOUNT): said(
            "orderns koppling till kundkontot", "the order's link to the customer account"
        ),
    },
    records={
        "T-11": said("belopp, moms och verifikationsnummer", "amounts, VAT and voucher numbers"),
        "T-13": said("återbetalningar och kreditfakturor", "refunds and credit notes"),
    },
    begins={
        **CUSTOMERS.begins,
        Clock.DELIVERED: said("från leveransen", "from delivery"),
        Clock.LAST_PURCHASE: said("från kundens senaste köp", "from the customer's last purchase"),
        Clock.LAST_ACTIVITY: said("från senaste inloggning eller köp", "from the last login or purchase"),
        Clock.CREATED_OR_CONSENT: said(
            "från att kontot skapades eller senaste beskedet om utskick",
            "from the creation of the account or the last word on mailings",
        ),
        Clock.LAST_CLICK_OR_PURCHASE: said(
            "från senaste klick i ett utskick, inloggning eller köp",
            "from the last click in a mailing, login or purchase",
        ),
        Clock.IDENTITY_END: said("från att kundkontot upphörde", "from the end of the customer account"),
        Clock.CONSENT_END: said("från att samtycket upphörde", "from the end of the consent"),
        Clock.UNSUBSCRIBED: said("från avregistreringen", "from the day of unsubscription"),
        Clock.SUBSCRIBED: said("från anmälan", "from the day of sign-up"),
    },
    begins_of={
        (Kind.ORDER, Clock.CREATED): said("från beställningen", "from the day of the order"),
        (Kind.COUPON, Clock.DELIVERED): CUSTOMERS.begins_of[Kind.COUPON, Clock.DELIVERED],
        (Kind.REVIEW, Clock.CREATED): said("från att omdömet skrevs", "from the day of the review"),
    },
    at_once={
        **CUSTOMERS.at_once,
        Clock.IDENTITY_END: said("så länge kundkontot finns", "as long as the customer account exists"),
        Clock.CONSENT_END: said("så länge samtycket gäller", "as long as the consent holds"),
        Clock.UNSUBSCRIBED: said("till avregistreringen", "until unsubscription"),
        Clock.BOUNCED: said("till dess att adressen slutar fungera", "until the address stops working"),
        Clock.CLOSED: said("till dess att det är avslutat", "until it is closed"),
        Clock.DELIVERED: said("till leveransen", "until delivery"),
    },
    warned=said(
        "dock aldrig förrän en månad efter att kunden har varnats",
        "though never until a month after the customer was warned",
    ),
    until_left=said(
        "till avregistreringen eller till dess att adressen slutar fungera",
        "until unsubscription, or until the address stops working",
    ),
    when={
        **CUSTOMERS.when,
        Condition.HAS_PURCHASE: said("om kunden har handlat", "if the customer has bought something"),
        Condition.NO_PURCHASE: said("om kunden inte har handlat", "if the customer has not bought anything"),
    },
)
"""Of customers, in the third person."""
