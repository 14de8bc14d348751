"""What a check tells the shop's owner, in English and Swedish, by code."""

from collections.abc import Mapping

PRINTED: Mapping[str, tuple[str, str]] = {
    "bom": ("a byte order mark", "en byte order mark"),
    "blank": ("white space", "blanktecken"),
    "notices": ("PHP's notices", "meddelanden från PHP"),
}
TEXTS: Mapping[str, tuple[str, str]] = {
    "read_only_key": (
        "The key can only read, which is enough to check, pull and plan. Before the first apply, set it to "
        "Read/Write in WooCommerce > Settings > Advanced > REST API.",
        "Nyckeln kan bara läsa, vilket räcker för att kontrollera, hämta och planera. Sätt den till "
        "Läs/skriv i WooCommerce > Inställningar > Avancerat > REST API före första körningen som skriver.",
    ),
    "printed": (
        "Before the shop's answers stands what does not belong there ({en}); it is read through. Read the "
        "PHP error log, turn display_errors off, and save the file that begins with a mark without it.",
        "Före butikens svar står sådant som inte hör dit ({sv}); det läses förbi. Läs PHP:s fellogg, stäng "
        "av display_errors och spara om den fil som börjar med ett märke utan det.",
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
        "Orders are kept in the old storage (wp_posts), and the new tables are kept alike; nothing needs to "
        "be done.",
        "Ordrarna ligger i den gamla lagringen (wp_posts) och de nya tabellerna hålls lika; inget behöver "
        "göras.",
    ),
    "listeners_unread": (
        "The shop does not show in full which webhooks and plugins hear of changed orders, so no names, "
        "addresses or e-mails are erased: see that the key's user may read webhooks and system status. Else "
        'look in the shop\'s admin, then add a [[listener]] with id = "unread:woocommerce", mark, by and on.',
        "Butiken visar inte fullständigt vilka webhookar och tillägg som hör om ändrade ordrar, så inga "
        "namn, adresser eller e-postadresser raderas: se till att nyckelns användare får läsa webhookar och "
        "systemstatus. Titta annars i butikens admin och lägg till en [[listener]] med "
        'id = "unread:woocommerce", mark, by och on.',
    ),
    "no_webhooks_shown": (
        "The shop shows no webhooks and counts none. No other part of its API vouches for that: look once "
        "under WooCommerce > Settings > Advanced > Webhooks, as whoever listens there gets each redacted "
        "order.",
        "Butiken visar inga webhookar och räknar inga. Inget annat i dess API bekräftar det: titta en gång "
        "under WooCommerce > Inställningar > Avancerat > Webhooks, för den som lyssnar där får varje "
        "gallrad order.",
    ),
    "frozen_tables": (
        "Orders are kept in the old storage (wp_posts) and synchronisation is off: if this shop ever filled "
        "the new order tables (wp_wc_orders and those beside it), names, e-mail addresses and phones stay "
        "there as they were. Run WooCommerce > Status > Tools > Delete the custom orders tables.",
        "Ordrarna ligger i den gamla lagringen (wp_posts) och synkroniseringen är av: om butiken någon gång "
        "har fyllt de nya ordertabellerna (wp_wc_orders med flera) ligger namn, e-post och telefon kvar där "
        "som de var. Kör WooCommerce > Status > Verktyg > Radera de anpassade ordertabellerna.",
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
        "WooCommerce's own retention periods could not be read: give the key to a user who may manage "
        "WooCommerce, or see that all are empty in WooCommerce > Settings > Accounts & Privacy.",
        "WooCommerces egna gallringstider kunde inte läsas: ge nyckeln till en användare som får hantera "
        "WooCommerce, eller se efter att alla är tomma i WooCommerce > Inställningar > Konton och "
        "integritet.",
    ),
    "own_erasure_unknown": (
        "Whether WordPress' own erasure takes orders too could not be read: see that “Remove personal data "
        "from orders on request” and “Allow personal data to be removed in bulk” are off in WooCommerce > "
        "Settings > Accounts & Privacy.",
        "Om WordPress egen radering också tar ordrar kunde inte läsas: se efter att ”Ta bort personuppgifter "
        "från ordrar på begäran” och ”Tillåt att personuppgifter tas bort i bulk” är av i WooCommerce > "
        "Inställningar > Konton och integritet.",
    ),
    "own_retention": (
        "WooCommerce itself {what} after {number} {unit}, without holds or a protocol.{books} Empty "
        "the setting in WooCommerce > Settings > Accounts & Privacy.",
        "WooCommerce {what} själv efter {number} {unit}, utan undantag och protokoll.{books} Töm "
        "inställningen i WooCommerce > Inställningar > Konton och integritet.",
    ),
}
OWN_ERASURE: Mapping[str, tuple[str, str]] = {
    "woocommerce_erasure_request_removes_order_data": (
        "WordPress' own erasure (Tools > Erase Personal Data) empties orders too, whatever the law keeps and "
        "whatever is on hold, without a protocol. Untick “Remove personal data from orders on request” in "
        "WooCommerce > Settings > Accounts & Privacy.",
        "WordPress egen radering (Verktyg > Radera personuppgifter) tömmer även ordrar, vad lagen än kräver "
        "och vad som än är spärrat, utan protokoll. Bocka ur ”Ta bort personuppgifter från ordrar på "
        "begäran” i WooCommerce > Inställningar > Konton och integritet.",
    ),
    "woocommerce_allow_bulk_remove_personal_data": (
        "In the list of orders anyone who may edit them can remove personal data in bulk, whatever the law "
        "keeps and whatever is on hold, without a protocol. Untick “Allow personal data to be removed in "
        "bulk” in WooCommerce > Settings > Accounts & Privacy.",
        "I orderlistan kan den som får redigera ordrar ta bort personuppgifter i bulk, vad lagen än kräver "
        "och vad som än är spärrat, utan protokoll. Bocka ur ”Tillåt att personuppgifter tas bort i bulk” i "
        "WooCommerce > Inställningar > Konton och integritet.",
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
