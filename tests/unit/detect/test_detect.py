"""The detector: readings, spans and what a key changes."""

import pytest
from stdnum import luhn

from connector.detect import Found, Type, detect, holds_person, redact, types

PERSON = "19670326-9800"
MOBILE = "070-174 06 23"


def with_check_digit(date: str, serial: str = "980") -> str:
    """A number of the test series 980-999 whose checksum holds, whatever its date."""
    return f"{date}-{serial}{luhn.calc_check_digit(date[-6:] + serial)}"


def tokens(text: str, *, key: str = "") -> list[tuple[Type, str]]:
    return [(found.type, text[found.start : found.end]) for found in detect(text, key=key)]


def test_spans_count_characters_not_bytes() -> None:
    text = f"Åsa Öberg når ni på {MOBILE} 🌿"
    assert detect(text) == (Found(type=Type.PHONE, start=20, end=33),)


def test_a_text_without_digits_or_at_holds_nothing() -> None:
    assert detect("Kan ni lämna paketet hos grannen om jag inte är hemma?") == ()


@pytest.mark.parametrize(
    "written", ["19670326-9800", "196703269800", "670326-9800", "6703269800", "670326+9800"]
)
def test_every_written_form_of_a_personnummer_is_found(written: str) -> None:
    assert tokens(f"Hej, {written}.") == [(Type.PERSONAL_NUMBER, written)]


@pytest.mark.parametrize("position", range(2, 12))
def test_one_wrong_digit_unmakes_a_personnummer(position: int) -> None:
    digits = "196703269800"
    wrong = digits[:position] + str((int(digits[position]) + 1) % 10) + digits[position + 1 :]
    assert types(f"{wrong[:8]}-{wrong[8:]}") == frozenset()


def test_a_day_above_sixty_makes_a_coordination_number() -> None:
    assert tokens("850769-9802") == [(Type.COORDINATION_NUMBER, "850769-9802")]


@pytest.mark.parametrize(
    "impossible", ["19850231", "19851301", "19850732", "19850792", "18500709", "20990101"]
)
def test_an_impossible_date_of_birth_is_no_personnummer(impossible: str) -> None:
    assert types(f"personnummer {with_check_digit(impossible)}") == frozenset()


def test_a_leap_day_needs_a_leap_year() -> None:
    assert types(with_check_digit("20000229")) == types(with_check_digit("000229")) == {Type.PERSONAL_NUMBER}
    assert types(with_check_digit("20010229")) == types(with_check_digit("010229")) == frozenset()


@pytest.mark.parametrize(
    "key", ["_order_number", "_postnord_shipment_id", "tracking_number", "_invoice_no", "sku"]
)
def test_ten_bare_digits_under_a_reference_key_are_no_personnummer(key: str) -> None:
    assert types("6703269800", key=key) == frozenset()
    assert types("670326-9800", key=key) == {Type.PERSONAL_NUMBER}


def test_a_sole_traders_organisation_number_is_a_personal_number() -> None:
    assert tokens("Orgnr 670326-9800") == [(Type.PERSONAL_NUMBER, "670326-9800")]
    assert tokens("VAT SE670326980001") == [(Type.PERSONAL_NUMBER, "SE670326980001")]


def test_ten_bare_digits_are_an_organisation_number_only_where_one_is_named() -> None:
    assert types("5599999017") == frozenset()
    assert (
        types("org.nr 5599999017") == types("5599999017", key="_billing_org_nr") == {Type.ORGANISATION_NUMBER}
    )


def test_a_numbered_things_number_is_no_personnummer_though_its_checksum_holds() -> None:
    assert types("Artnr 670326-9800") == types("Ordernummer: 670326-9800") == frozenset()


@pytest.mark.parametrize("text", ["Faktura 670326-9800", "konto 670326-9800", "ordernr 19670326-9800"])
def test_words_said_before_personnummer_too_do_not_hide_one(text: str) -> None:
    assert types(text) == {Type.PERSONAL_NUMBER}


def test_two_personnummer_with_a_slash_between_are_two() -> None:
    assert [kind for kind, _ in tokens("670326-9800/19670326-9800")] == [Type.PERSONAL_NUMBER] * 2


@pytest.mark.parametrize(
    "text", ["Födelsedagspresent levereras 2026-12-24", "Födelsedag, skicka senast 2026-12-24"]
)
def test_the_day_a_birthday_gift_arrives_is_no_birth_date(text: str) -> None:
    assert types(text) == frozenset()


def test_who_turns_a_year_older_on_a_day_to_come_has_told_no_birth_date() -> None:
    assert types("Fyller år 12 april 1990") == {Type.BIRTH_DATE}
    assert types("Hon fyller år 2026-12-12") == frozenset()


def test_a_date_is_a_birth_date_only_where_a_birth_is_spoken_of() -> None:
    assert types("Leverans 1985-07-09") == frozenset()
    assert types("Född 1985-07-09") == types("1985-07-09", key="_customer_birthdate") == {Type.BIRTH_DATE}


@pytest.mark.parametrize("key", ["", "address_2", "customer_note"])
def test_bare_digits_are_no_door_code(key: str) -> None:
    assert types("4711", key=key) == frozenset()


def test_a_door_code_is_cut_with_its_signs() -> None:
    assert tokens("Portkod #4711*, 2 tr", key="address_2") == [(Type.DOOR_CODE, "#4711*")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Porten: 9632", "9632"),
        ("Slå 5678 i porten", "5678"),
        ("Tryck 4711# så öppnas dörren", "4711#"),
        ("4711 öppnar grinden", "4711"),
        ("Portkoden hos oss är 0 0 7 7", "0 0 7 7"),
        ("Koden till porten: 19A7", "19A7"),
        ("larmkod 9021", "9021"),
        ("nyckelboxen har kod 0912", "0912"),
        ("İ PORTKOD 4711", "4711"),
    ],
)
def test_a_door_code_is_found_in_the_words_customers_use(text: str, code: str) -> None:
    assert tokens(text) == [(Type.DOOR_CODE, code)]


@pytest.mark.parametrize(
    "text",
    [
        "lgh 1203, port 12",
        "Ingen portkod, 1203 Svensson",
        "dörr 1203",
        "Svensson 1203 på dörren",
        "ställ 1200 kg i porten",
        "Levereras 1700 till porten",
        "Hämtkod 4711 hos ombud",
        "kod 4711 för att hämta ut hos ombud",
        "Rabattkod SOMMAR25",
        "Felkod 4040 på låset",
        "anknytning 1234 i entrén",
        "Storgatan 1234, porten till höger",
        "114 55 i porten",
    ],
)
def test_flats_times_amounts_streets_and_other_codes_are_no_door_code(text: str) -> None:
    assert types(text) == frozenset()


def test_a_key_for_door_codes_makes_bare_digits_one() -> None:
    assert tokens("4711", key="_shipping_portkod") == [(Type.DOOR_CODE, "4711")]


def test_a_discount_code_is_no_door_code() -> None:
    assert types("kod 4711", key="coupon_code") == types("Min rabatt med kod 4711 drogs inte") == frozenset()


def test_a_card_number_needs_issuer_length_and_checksum() -> None:
    assert types("4111 1111 1111 1111") == {Type.CARD_NUMBER}
    assert types("4111 1111 1111 1112") == frozenset()
    assert types("9111 1111 1111 1110") == frozenset()


def test_a_card_like_tracking_number_is_no_card() -> None:
    assert types("4111111111111111", key="tracking_number") == frozenset()
    assert types("Kollinummer 4111111111111111") == frozenset()


def test_expiry_and_cvc_stay_outside_a_card_number() -> None:
    assert tokens("5105 1051 0510 5100 123")[0] == (Type.CARD_NUMBER, "5105 1051 0510 5100")


def test_digits_inside_an_iban_are_only_the_iban() -> None:
    assert tokens("SE45 5000 0000 0583 9825 7466 tack") == [(Type.IBAN, "SE45 5000 0000 0583 9825 7466")]


def test_a_giro_number_needs_a_word_for_it() -> None:
    assert types("5999-9011") == frozenset()
    assert types("bankgiro 5999-9011") == types("5999-9011", key="_refund_bankgiro") == {Type.BANKGIRO}


def test_a_placeholder_address_is_no_email() -> None:
    assert types("deleted-5805@gallra.invalid", key="email") == frozenset()
    assert tokens("åsa.öberg@exempel.test") == [(Type.EMAIL, "åsa.öberg@exempel.test")]


@pytest.mark.parametrize(
    "written",
    [
        "anna (at) kund.example",
        "anna[at]kund.example",
        "anna snabel-a kund punkt example",
        "anna @ kund.example",
    ],
)
def test_an_address_that_spells_its_at_out_is_found_whole(written: str) -> None:
    assert tokens(f"Mejla {written}") == [(Type.EMAIL, written)]


@pytest.mark.parametrize("text", ["Följ @kund.example", "läs mer at kund.example", "val (a) kund.example"])
def test_an_at_without_a_name_before_it_makes_no_email(text: str) -> None:
    assert types(text) == frozenset()


@pytest.mark.parametrize("written", ["072 - 174 06 12", "0 7 0 1 7 4 0 6 1 7", "08 - 465 004 12"])
def test_a_phone_with_its_digits_apart_is_found_whole(written: str) -> None:
    assert tokens(written) == [(Type.PHONE, written)]


@pytest.mark.parametrize("text", ["Ordernr: 08-4650041", "Order nr 08-4650041", "Statistiskt nr 84713000"])
def test_a_numbered_thing_is_nobodys_phone(text: str) -> None:
    assert types(text) == frozenset()


def test_a_mobile_number_that_could_be_a_coordination_number_is_a_phone() -> None:
    assert types("0701740631") == {Type.PHONE}


@pytest.mark.parametrize("text", ["0771-33 33 10", "020-33 33 33"])
def test_a_service_number_is_nobodys_phone(text: str) -> None:
    assert types(f"Nås på {text}") == frozenset()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (PERSON, True),
        (MOBILE, True),
        ("a@kund.example", True),
        ("portkod 4711", False),
        ("559999-9017", False),
    ],
)
def test_a_person_is_held_by_what_points_at_one(text: str, answer: bool) -> None:
    assert holds_person(text) is answer


def test_redaction_cuts_the_token_and_keeps_the_words() -> None:
    text = f"Ring {MOBILE} innan, portkod 4711."
    assert redact(text, detect(text)) == "Ring innan, portkod ."
    assert (
        redact(text, detect(text), placeholder="[borttaget]")
        == "Ring [borttaget] innan, portkod [borttaget]."
    )


def test_redaction_spares_what_it_was_not_given() -> None:
    text = f"{MOBILE} eller 070-174 06 24"
    assert redact(text, detect(text)[:1]) == "eller 070-174 06 24"


def test_redaction_takes_what_the_cut_brings_to_light() -> None:
    text = "070-174 a@kund.example 06 23, 070-174 06 24"
    assert types(redact(text, detect(text))) == frozenset()


def test_a_placeholder_that_could_be_found_is_refused() -> None:
    with pytest.raises(ValueError, match="letters only"):
        redact("portkod 4711", detect("portkod 4711"), placeholder="0000")
