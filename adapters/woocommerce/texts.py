"""What a check tells the shop's owner, in English and Swedish, by code."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "read_only_key": (
        "The key can only read: set it to Read/Write in WooCommerce > Settings > Advanced > REST API.",
        "Nyckeln kan bara läsa: sätt den till Läs/skriv i WooCommerce > Inställningar > Avancerat > "
        "REST API.",
    ),
    "no_woocommerce": (
        "WordPress answers, but WooCommerce's REST API (wc/v3) is not there: activate WooCommerce.",
        "WordPress svarar, men WooCommerces REST-API (wc/v3) saknas: aktivera WooCommerce.",
    ),
    "other_timezone": (
        "The shop's time zone is {shop}, not {wanted}: dates are read as UTC and counted in "
        "Stockholm time, and may differ by a day from what the shop shows.",
        "Butikens tidszon är {shop}, inte {wanted}: datum läses som UTC och räknas i svensk tid, och "
        "kan skilja en dag från vad butiken visar.",
    ),
    "clock_skew": (
        "The shop's clock and this machine's are {minutes} minutes apart: set both by NTP.",
        "Butikens klocka och den här maskinens skiljer {minutes} minuter: ställ båda med NTP.",
    ),
    "old_version": (
        "WooCommerce {version} is older than what Gallra was measured on: update it before the first run.",
        "WooCommerce {version} är äldre än det Gallra är prövat på: uppdatera före första körningen.",
    ),
    "legacy_orders": (
        "Orders are kept in the old storage (wp_posts); nothing needs to be done.",
        "Ordrarna ligger i den gamla lagringen (wp_posts); inget behöver göras.",
    ),
    "frozen_copies": (
        "If this shop once kept orders in the old storage, frozen copies stay in wp_posts and "
        "wp_postmeta: run WooCommerce > Status > Tools > Clean up order data from legacy tables, "
        "then empty post_excerpt of the orders in wp_posts.",
        "Om butiken en gång hade ordrar i den gamla lagringen ligger frusna kopior kvar i wp_posts "
        "och wp_postmeta: kör WooCommerce > Status > Verktyg > Rensa orderdata från äldre tabeller "
        "och töm sedan post_excerpt för ordrarna i wp_posts.",
    ),
    "own_retention_unknown": (
        "WooCommerce's own retention periods cannot be read by the API: see that all are empty in "
        "WooCommerce > Settings > Accounts & Privacy.",
        "WooCommerces egna gallringstider kan inte läsas via API:et: se efter att alla är tomma i "
        "WooCommerce > Inställningar > Konton och integritet.",
    ),
    "own_retention": (
        "WooCommerce itself {what} after {number} {unit}, without holds or a protocol.{books} Empty "
        "the setting in WooCommerce > Settings > Accounts & Privacy.",
        "WooCommerce {what} själv efter {number} {unit}, utan undantag och protokoll.{books} Töm "
        "inställningen i WooCommerce > Inställningar > Konton och integritet.",
    ),
}
BOOKS = (
    " It counts from the order date: even at 7 years that is 12 to 29 months before the books may go.",
    " Den räknar från orderdatum: även vid 7 år är det 12 till 29 månader innan bokföringen får gallras.",
)
UNITS = {"days": "dagar", "weeks": "veckor", "months": "månader", "years": "år"}
OWN_RETENTION: Mapping[str, tuple[str, str]] = {
    "woocommerce_delete_inactive_accounts": (
        "deletes inactive accounts",
        "raderar inaktiva konton",
    ),
    "woocommerce_trash_pending_orders": (
        "trashes pending orders",
        "slänger väntande ordrar",
    ),
    "woocommerce_trash_failed_orders": (
        "trashes failed orders",
        "slänger misslyckade ordrar",
    ),
    "woocommerce_trash_cancelled_orders": (
        "trashes cancelled orders",
        "slänger avbrutna ordrar",
    ),
    "woocommerce_anonymize_completed_orders": (
        "anonymises completed orders",
        "avidentifierar slutförda ordrar",
    ),
    "woocommerce_anonymize_refunded_orders": (
        "anonymises refunded orders",
        "avidentifierar återbetalda ordrar",
    ),
}
