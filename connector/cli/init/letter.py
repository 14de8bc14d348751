"""The letter that asks the shop's accountant what the law leaves to the books (rules §6.0)."""

import textwrap
from datetime import date

from connector.cli.init.questions import UNSURE, Answers, Language

_COLUMNS = 80

_PLACES = {
    "sv": {"shop": "i butikens ordersystem", "elsewhere": "i ett arkiv utanför butiken", UNSURE: "vet inte"},
    "en": {
        "shop": "in the shop's order system",
        "elsewhere": "in an archive outside the shop",
        UNSURE: "not sure",
    },
}

_OSS = {
    "sv": {"no": "inte registrerat", UNSURE: "vet inte", "": "vet inte"},
    "en": {"no": "not registered", UNSURE: "not sure", "": "not sure"},
}

_SV = """\
{company}
{today}

Till vår redovisningskonsult

Frågor om bokföringens krav innan vi gallrar personuppgifter i {shop}

Hej!

Vi ska börja gallra personuppgifter i {shop}, fält för fält, när tiden för dem är slut. \
Namn och fakturaadress på en order ligger kvar till och med det sjunde året efter utgången av det \
kalenderår då räkenskapsåret avslutades (bokföringslagen 7 kap. 2 §). Andra fält vill vi ta bort tidigare. \
Innan något tas bort behöver vi ditt svar på fem frågor.

1. Räkenskapsår
   Vi har angett att räkenskapsåret slutar {year_end} \
och att det första med order i butiken slutade {first_year}.
   Stämmer det? Har något år varit kortare eller längre än tolv månader, eller lagts om?
   Svar: ________________________________________________

2. OSS (unionsordningen)
   Vi har angett: {oss}.
   Från och med vilken dag är företaget registrerat, och har registreringen upphört någon gång? \
Underlag för sådan försäljning sparas i tio år (mervärdesskattelagen 22 kap. 77 §).
   Svar: ________________________________________________

3. Var ligger underlaget?
   Vi har angett: {underlag}.
   Finns verifikationen för varje order, med motpart, någon annanstans än i butiken, \
så att den kan läsas och skrivas ut? Är svaret "vet inte" räknar vi butikens order som räkenskapsinformation \
och låter namn och fakturaadress vara kvar.
   Svar: ________________________________________________
{till}
4. Får dessa fält tas bort ur ordern före bevarandetidens slut?
   E-postadress, telefonnummer, IP-adress och webbläsare, portkod, kundens meddelande och personnummer.
   Ingen av dem räknas upp i bokföringslagen 5 kap. 7 § bland det som en verifikation ska innehålla. \
Samtidigt ska räkenskapsinformation bevaras med det innehåll den hade (7 kap. 1 §), \
och en handling som en verifikation hänvisar till kan själv vara räkenskapsinformation (1 kap. 2 § 9). \
Vår läsning är att fälten får tas bort. Har du någon invändning, och i så fall för vilka fält?
   Svar: ________________________________________________

5. Köparens namn
   Behövs konsumentens namn i verifikationen för order som betalats med kort eller genom ett betalföretag? \
Tills du svarat nej låter vi namnet vara kvar.
   Svar: ________________________________________________

Skriv gärna svaren i detta brev, med namn och datum. Vi sparar det tillsammans med gallringsplanen.

Med vänlig hälsning
{by}
{company}{contact}

Besvarat av: ______________________   Datum: ______________
"""

_EN = """\
{company}
{today}

To our accountant

Questions about bookkeeping before we weed out personal data in {shop}

Hello,

We are about to weed out personal data in {shop}, field by field, when the time for each is over. \
Name and billing address of an order stay through the seventh year after the calendar year in which the \
financial year ended (Bookkeeping Act, BFL 7:2). Other fields we want to remove earlier. \
Before anything goes we need your answer to five questions.

1. Financial years
   We have stated that the financial year ends {year_end} \
and that the first one with orders ended {first_year}.
   Is that right? Was any year shorter or longer than twelve months, or moved?
   Answer: ________________________________________________

2. OSS (union scheme)
   We have stated: {oss}.
   From which day is the company registered, and did the registration ever end? \
Records of such sales are kept for ten years (VAT Act, ML 22:77).
   Answer: ________________________________________________

3. Where do the vouchers lie?
   We have stated: {underlag}.
   Is the voucher of each order, with its counterparty, to be found outside the shop, \
so that it can be read and printed? If the answer is "not sure", we treat the shop's order as accounting \
records, and name and billing address stay.
   Answer: ________________________________________________
{till}
4. May these fields be removed from an order before the keeping period is over?
   E-mail address, phone number, IP address and browser, door code, \
the customer's message and personal number.
   None of them is among what BFL 5:7 asks a voucher to hold. \
On the other hand accounting records are to be kept with the content they had (7:1), \
and a document that a voucher refers to may be accounting records itself (1:2 point 9). \
Our reading is that the fields may go. Do you object, and if so to which?
   Answer: ________________________________________________

5. The buyer's name
   Is a consumer's name needed in the voucher of an order paid by card or through a payment company? \
Until you have said no, the name stays.
   Answer: ________________________________________________

Please write your answers in this letter, with name and date. We keep it with the retention schedule.

Kind regards,
{by}
{company}{contact}

Answered by: ______________________   Date: ______________
"""

_TILL = {
    "sv": "   Butiken har också en kassa. Ligger dess försäljning i kassans egna dagsrapporter?\n"
    "   Svar: ________________________________________________\n",
    "en": "   The shop also has a till. Do its sales lie in the till's own daily reports?\n"
    "   Answer: ________________________________________________\n",
}

_UNKNOWN = {"sv": "(vet inte)", "en": "(not known)"}


def accountant_letter(answers: Answers, *, language: Language, today: date) -> str:
    """The letter in one language, with what the shop has answered so far."""
    unknown = _UNKNOWN[language]
    oss = answers.get("oss", "")
    text = (_SV if language == "sv" else _EN).format(
        company=answers.get("company") or answers["shop_name"],
        shop=answers["shop_name"],
        today=today.isoformat(),
        year_end=answers.get("year_end") or "12-31",
        first_year=answers.get("first_year") or unknown,
        oss=_OSS[language].get(oss) or ("sedan " if language == "sv" else "since ") + oss,
        underlag=_PLACES[language][answers.get("underlag") or UNSURE],
        till=_TILL[language] if answers.get("till") == "yes" else "",
        by=answers["by"],
        contact=f"\n{answers['contact']}" if answers.get("contact") else "",
    )
    return "".join(f"{_wrapped(line)}\n" for line in text.splitlines())


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(line, width=_COLUMNS, subsequent_indent=indent, break_long_words=False)
