"""What a check tells the shop's owner, in English and Swedish, by code."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "missing_scope": (
        "The app lacks {scope}: {why}. Give it to the app, approve it in the shop, then check again.",
        "Appen saknar {scope}: {varfor}. Ge appen behörigheten, godkänn den i butiken och kontrollera igen.",
    ),
    "sixty_days": (
        "Without read_all_orders Shopify shows only the orders of the last 60 days and says nothing of the "
        "rest: no pull counts as complete and no customer is erased. Ask for it in the app's settings.",
        "Utan read_all_orders visar Shopify bara de senaste 60 dagarnas ordrar och tiger om resten: ingen "
        "hämtning räknas som fullständig och ingen kund raderas. Begär det i appens inställningar.",
    ),
    "other_version": (
        "Shopify answered in version {served}, not {wanted}: it no longer keeps the one Gallra speaks. "
        "Update Gallra before the next run.",
        "Shopify svarade i version {served}, inte {wanted}: den version Gallra talar finns inte längre. "
        "Uppdatera Gallra före nästa körning.",
    ),
    "version_ends": (
        "Shopify lists version {wanted} as no longer supported. Update Gallra.",
        "Shopify anger att version {wanted} inte längre stöds. Uppdatera Gallra.",
    ),
    "deprecated": (
        "Shopify will take away something that {operation} uses. Update Gallra before the version ends.",
        "Shopify kommer att ta bort något som {operation} använder. Uppdatera Gallra innan versionen upphör.",
    ),
    "other_timezone": (
        "The shop's time zone is {shop}, not {wanted}: dates are counted in Stockholm time and may differ "
        "by a day from what the shop shows.",
        "Butikens tidszon är {shop}, inte {wanted}: datum räknas i svensk tid och kan skilja en dag från "
        "vad butiken visar.",
    ),
    "protected_data": (
        "{said} Protected customer data: in the app's settings, ask for name, address, e-mail and phone; on "
        "some plans Shopify shows them to no app of the shop's own.",
        "{said} Skyddade kunduppgifter: begär namn, adress, e-post och telefon i appens inställningar; i "
        "vissa abonnemang visar Shopify dem inte för butikens egna appar.",
    ),
    "carts_unreadable": (
        "Abandoned checkouts cannot be read with this token. Shopify removes them after three months.",
        "Övergivna kassor kan inte läsas med denna nyckel. Shopify tar själv bort dem efter tre månader.",
    ),
}
WHY: Mapping[str, tuple[str, str]] = {
    "read_orders": ("orders cannot be read", "ordrar kan inte läsas"),
    "write_orders": ("orders cannot be redacted", "ordrar kan inte avidentifieras"),
    "read_customers": ("customers cannot be read", "kunder kan inte läsas"),
    "write_customers": ("customers cannot be deleted or emptied", "kunder kan inte raderas eller tömmas"),
    "write_customer_data_erasure": (
        "Shopify cannot be asked to erase a customer who has orders",
        "Shopify kan inte ombes radera en kund som har ordrar",
    ),
    "read_draft_orders": ("draft orders cannot be read", "orderutkast kan inte läsas"),
    "write_draft_orders": ("draft orders cannot be deleted", "orderutkast kan inte raderas"),
    "read_returns": ("open returns cannot be seen", "öppna returer kan inte ses"),
    "read_store_credit_accounts": ("store credit cannot be seen", "tillgodohavanden kan inte ses"),
    "read_gift_cards": ("balances of gift cards cannot be seen", "presentkortens saldon kan inte ses"),
    "write_customer_payment_methods": (
        "saved payment methods cannot be revoked and are left for a hand",
        "sparade betalsätt kan inte återkallas, det får göras för hand",
    ),
    "read_companies": ("companies' contacts cannot be seen", "företagens kontaktpersoner kan inte ses"),
    "write_gift_cards": (
        "names and greetings on gift cards cannot be cleared",
        "namn och hälsningar på presentkort kan inte rensas",
    ),
    "write_merchant_managed_fulfillment_orders": (
        "tracking numbers cannot be removed",
        "kollinummer kan inte tas bort",
    ),
}
