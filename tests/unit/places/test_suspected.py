"""What a key, a text and a person's own words say: told, with few false alarms."""

import pytest

from connector.places.suspected import in_note, own_words, place_text, repeats, says, told, told_in_text
from connector.places.suspected.keys import plain_words

OWN = own_words(
    ["Åsa Öberg-Lind"], emails=["asa@post.example"], phones=["070-174 06 05"],
    streets=["Provgatan 1"], towns=["Provstad"], postcodes=["123 45"],
)  # fmt: skip


def words(text: str) -> list[str]:
    return text.split()


SPEAKING = words(
    "mottagarnamn first_name lastName recipient mottagare attendee deltagare holder referens "
    "message hälsning "
    "street adress user_ip fax dni birth födelsedag token session customer_id tracking_number kollinummer "
    "shippingFirstName cellphone last4 namn To Till Från _for Född er_referens "
    "direct_debit_holder lamna-hos instagram steam_id tiktok_handle "
    "giftcard_from kontaktperson postort hemadress gift_to _fbp nickname photo_url governmentId "
    "modtager navn vastaanottaja nimi Empfänger Vorname syntymäaika puhelinnumero Henkilötunnus "
    "fødselsnummer "
    "leveringsadresse telefonnr hilsen Grußtext Lieferanschrift"
)
SILENT = words(
    "product_name _file_name tax_name shipping_method_name invoice_date fee net currency pa_size "
    "_new_order_email_sent _order_total payment_method payment_method_title is_vat_exempt "
    "_edit_lock _edit_last "
    "card_brand risk_level Booking_Date delivery_date pickup_location_name pickup_point_name store_address "
    "coupon_name category_name event_name domain_name placeholder tracking_provider date_shipped "
    "_variation_id "
    "tax_class method_id sync_status gateway_name plugin_version total_weight package_type invoice_number "
    "subscription_status renewal_count coupon_code usage_limit email_sent sms_sent wpml_language "
    "template_name "
    "Storlek Färg Material Antal Vikt Leveransdatum Leveranssätt varunamn produktnamn "
    "artikelnummer filnamn "
    "skattesats rabattkod lagerstatus gift_wrap wc_last_active wp_capabilities rich_editing session_count "
    "utm_source device_type terms_accepted newsletter_optin age_verified phone_verified "
    "address_type same_address"
)


@pytest.mark.parametrize("key", SPEAKING)
def test_a_key_that_says_person_speaks(key: str) -> None:
    assert says(key)


@pytest.mark.parametrize("key", SILENT)
def test_a_key_of_a_thing_is_silent(key: str) -> None:
    assert not says(key)


def test_a_key_is_read_word_by_word_whatever_joins_them() -> None:
    assert plain_words("_shippingFirstName/lämna-hos") == ("shipping", "first", "name", "lamna", "hos")


@pytest.mark.parametrize("value", ["", "NULL", "yes", "nej", "0", "when_different", "2017-03-04"])
def test_a_switch_a_choice_and_a_day_are_no_name(value: str) -> None:
    assert told(value, key="mottagarnamn") == frozenset()


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("Öberg-Lind, Åsa", "name"), ("&Aring;sa &Ouml;berg-Lind", "name"), ("A\u030asa", "name"),
        ("\\u00c5sa", "name"), ("lind", "name"), ("Provgatan 1, 2 tr", "address"), ("123 45", "address"),
        ("12345 PROVSTAD", "address"), ("+46 70 174 06 05", "phone"), ("ASA@post.example", "email"),
    ],
)  # fmt: skip
def test_a_persons_own_words_are_known_in_every_form(text: str, sort: str) -> None:
    assert sort in set(repeats(text, OWN))


@pytest.mark.parametrize("text", ["Grind 4", "112 34", "070-999 99 99", "asabo", "Prov"])
def test_other_words_are_not_a_persons_own(text: str) -> None:
    assert not set(repeats(text, OWN))


@pytest.mark.parametrize(
    "text",
    [
        "Etikett skapad: Provgatan 1, 123 45", "Kvitterad av: Elsa", "Betalning från IP 203.0.113.7",
        "Leverans till Åsa", "Mottagare: Granne", "Levererat till Elsa Grannsson",
    ],
)  # fmt: skip
def test_a_system_note_that_holds_a_person_is_seen(text: str) -> None:
    assert in_note(text, OWN)


@pytest.mark.parametrize(
    "text",
    [
        "Orderstatus ändrad från Väntar på betalning till "
        "Behandlas.", "Lagernivåer minskade: Vas (#12) 5→4",
        "Payment "
        "complete.", "Klarna order ID: 5859692c", "Refunded 100,00 kr", "E-post: orderbekräftelse skickad.",
        "Order 1042 skickad med PostNord.",
    ],
)  # fmt: skip
def test_a_system_note_about_the_order_is_let_be(text: str) -> None:
    assert not in_note(text, OWN)


@pytest.mark.parametrize(
    "title", ["Klänning Alva Blå", "Max Burger", "PostNord MyPack Collect", "Kort **** 4242"]
)
def test_a_first_name_of_goods_is_no_person(title: str) -> None:
    assert not told_in_text(title, OWN)


def test_a_key_is_shown_in_full_and_one_that_holds_a_person_is_not() -> None:
    question = "Telefonnummer till den som tar emot leveransen om ingen öppnar dörren hemma hos er?"
    assert place_text(question) == question
    assert "Berit" not in place_text("Mottagare: Berit Låtsasson")
    assert "Åsa" not in place_text("Till Åsa", OWN)


def test_what_rules_take_by_value_is_theirs_and_not_told() -> None:
    assert told("198112189876", key="personnummer") == frozenset()
