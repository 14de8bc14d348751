"""The words of the letters, in Swedish and English."""

from typing import Any

from connector.records import Field

FIELDS: dict[str, dict[Field, str]] = {
    "sv": {
        Field.NAME: "namn",
        Field.EMAIL: "e-postadress",
        Field.PHONE: "telefonnummer",
        Field.BILLING_ADDRESS: "fakturaadress",
        Field.SHIPPING_ADDRESS: "leveransadress",
        Field.COMPANY: "företagsnamn",
        Field.ORGANISATION_NUMBER: "organisationsnummer",
        Field.DOOR_CODE: "portkod",
        Field.PERSONAL_NUMBER: "personnummer",
        Field.BIRTH_DATE: "födelsedatum",
        Field.IP_ADDRESS: "IP-adress",
        Field.USER_AGENT: "webbläsaruppgifter",
        Field.CUSTOMER_NOTE: "kundens meddelande",
        Field.STAFF_NOTES: "interna anteckningar",
        Field.TAGS: "taggar",
        Field.TRACKING_NUMBER: "kollinummer",
        Field.PAYMENT_DETAILS: "betalningsuppgifter",
        Field.ACCOUNT: "kundkonto",
        Field.CUSTOM: "övriga uppgifter",
        Field.PAYMENT_REFERENCE: "betalningsreferens",
        Field.GIFT_RECIPIENT: "presentmottagare",
    },
    "en": {
        Field.NAME: "name",
        Field.EMAIL: "e-mail address",
        Field.PHONE: "phone number",
        Field.BILLING_ADDRESS: "billing address",
        Field.SHIPPING_ADDRESS: "delivery address",
        Field.COMPANY: "company name",
        Field.ORGANISATION_NUMBER: "organisation number",
        Field.DOOR_CODE: "door code",
        Field.PERSONAL_NUMBER: "personal identity number",
        Field.BIRTH_DATE: "date of birth",
        Field.IP_ADDRESS: "IP address",
        Field.USER_AGENT: "browser details",
        Field.CUSTOMER_NOTE: "customer's message",
        Field.STAFF_NOTES: "internal notes",
        Field.TAGS: "tags",
        Field.TRACKING_NUMBER: "parcel number",
        Field.PAYMENT_DETAILS: "payment details",
        Field.ACCOUNT: "customer account",
        Field.CUSTOM: "other data",
        Field.PAYMENT_REFERENCE: "payment reference",
        Field.GIFT_RECIPIENT: "gift recipient",
    },
}

REFERENCES: dict[str, dict[str, str]] = {
    "sv": {
        "klarna_order": "Klarnas order-id",
        "payson_checkout": "Paysons checkout-id",
        "tracking_number": "Kollinummer",
        "transaction": "Transaktionsnummer",
        "order": "Vårt order-id",
        "order_number": "Vårt ordernummer",
        "customer": "Vårt kundnummer",
        "other": "Referens",
    },
    "en": {
        "klarna_order": "Klarna order id",
        "payson_checkout": "Payson checkout id",
        "tracking_number": "Parcel number",
        "transaction": "Transaction number",
        "order": "Our order id",
        "order_number": "Our order number",
        "customer": "Our customer number",
        "other": "Reference",
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "sv": {
        "our_reference": "Vår beteckning",
        "date": "Datum",
        "organisation_number": "Organisationsnummer",
        "address_missing": "[mottagarens adress fylls i: recipients.{name}.address]",
        "company_missing": "[den personuppgiftsansvariges namn fylls i: company.name]",
        "agreement_missing": "[avtalets datum fylls i: recipients.{name}.agreement]",
        "answer": "Svar och frågor",
        "answer_missing": "[svarsadress fylls i: company.contact]",
        "shop": "Butik",
        "erased": "Gjort hos oss",
        "on": "Datum",
        "copy_gone": "Enligt vår policy borta hos er senast",
        "count": "Antal rader",
        "whole": "hela posten raderad",
        "blanked": "blankat: {fields}",
        "rectified": "rättat: {fields}",
        "no_persons": "Brevet innehåller inga namn och inga nya personuppgifter utöver beteckningarna nedan.",
        "notice": {
            "title": "Underrättelse om radering av personuppgifter – för kännedom",
            "paragraphs": (
                "Vi har tidigare lämnat personuppgifter till er för de ärenden som anges nedan. Uppgifterna "
                "är nu raderade eller blankade hos oss enligt vår gallringsplan, så som det står vid varje "
                "rad. Vi underrättar er enligt artikel 19 i dataskyddsförordningen (EU) 2016/679.",
                "Ni är personuppgiftsansvarig för er egen behandling. Underrättelsen är för kännedom och "
                "innebär ingen instruktion.",
            ),
        },
        "rectified_notice": {
            "title": "Underrättelse om rättelse av personuppgifter",
            "paragraphs": (
                "Vi har tidigare lämnat personuppgifter till er för de ärenden som anges nedan. Uppgifterna "
                "är nu rättade hos oss på den registrerades begäran, så som det står vid varje rad. Vi "
                "underrättar er enligt artiklarna 16 och 19 i dataskyddsförordningen (EU) 2016/679.",
                "Brevet bär inga uppgifter om personen. De rätta uppgifterna lämnar vi på begäran, med vår "
                "beteckning, till den adress som anges nedan.",
                "Ni är personuppgiftsansvarig för er egen behandling.",
            ),
        },
        "rectified_instruction": {
            "title": "Instruktion till personuppgiftsbiträde om rättelse",
            "paragraphs": (
                "Ni behandlar personuppgifter för vår räkning enligt vårt personuppgiftsbiträdesavtal av "
                "{agreement}. Det här är en dokumenterad instruktion enligt artikel 28.3 a i "
                "dataskyddsförordningen (EU) 2016/679. Uppgifterna nedan är rättade hos oss på den "
                "registrerades begäran, så som det står vid varje rad (artiklarna 16 och 19).",
                "Rätta motsvarande uppgifter hos er och hos era underbiträden senast den {deadline}. Inget "
                "ska raderas. De rätta uppgifterna lämnar vi på begäran, med vår beteckning, till den adress "
                "som anges nedan.",
                "Bekräfta skriftligt, med vår beteckning, senast den {deadline} att det är gjort.",
            ),
        },
        "instruction": {
            "title": "Instruktion till personuppgiftsbiträde om radering",
            "paragraphs": (
                "Ni behandlar personuppgifter för vår räkning enligt vårt personuppgiftsbiträdesavtal av "
                "{agreement}. Det här är en dokumenterad instruktion enligt artikel 28.3 a i "
                "dataskyddsförordningen (EU) 2016/679. Uppgifterna nedan är raderade eller blankade hos oss "
                "enligt vår gallringsplan, så som det står vid varje rad.",
                "Radera motsvarande uppgifter hos er och hos era underbiträden senast den {deadline}, och "
                "låt säkerhetskopior gå ut i sin ordinarie ordning (artikel 28.3 g och 19). Vill ni hellre "
                "återlämna uppgifterna till oss, gör det före samma dag och radera därefter era kopior. Om "
                "lag hindrar er, ange vilken.",
                "Bekräfta skriftligt, med vår beteckning, senast den {deadline} att det är gjort.",
            ),
        },
    },
    "en": {
        "our_reference": "Our reference",
        "date": "Date",
        "organisation_number": "Organisation number",
        "address_missing": "[recipient's address to be filled in: recipients.{name}.address]",
        "company_missing": "[the controller's name to be filled in: company.name]",
        "agreement_missing": "[the agreement's day to be filled in: recipients.{name}.agreement]",
        "answer": "Answers and questions",
        "answer_missing": "[answer address to be filled in: company.contact]",
        "shop": "Shop",
        "erased": "Done at our end",
        "on": "Date",
        "copy_gone": "Gone at your end by, under our policy",
        "count": "Lines",
        "whole": "the whole record deleted",
        "blanked": "blanked: {fields}",
        "rectified": "rectified: {fields}",
        "no_persons": "This letter holds no names and no new personal data beyond the references below.",
        "notice": {
            "title": "Notice of erasure of personal data – for your information",
            "paragraphs": (
                "We have earlier passed personal data on to you in the matters listed below. The data has "
                "now been deleted or blanked at our end under our retention schedule, as each line says. We "
                "notify you under Article 19 of the General Data Protection Regulation (EU) 2016/679.",
                "You are the controller of your own processing. This notice is for your information and is "
                "not an instruction.",
            ),
        },
        "rectified_notice": {
            "title": "Notice of rectification of personal data",
            "paragraphs": (
                "We have earlier passed personal data on to you in the matters listed below. The data has "
                "now been rectified at our end at the person's request, as each line says. We notify you "
                "under Articles 16 and 19 of the General Data Protection Regulation (EU) 2016/679.",
                "This letter holds no data of the person. We give the right data on request, with our "
                "reference, at the address below.",
                "You are the controller of your own processing.",
            ),
        },
        "rectified_instruction": {
            "title": "Instruction to a processor to rectify personal data",
            "paragraphs": (
                "You process personal data on our behalf under our data processing agreement of "
                "{agreement}. This is a documented instruction under Article 28(3)(a) of the General Data "
                "Protection Regulation (EU) 2016/679. The data below has been rectified at our end at the "
                "person's request, as each line says (Articles 16 and 19).",
                "Rectify the corresponding data at your end and at your sub-processors by {deadline}. "
                "Nothing is to be erased. We give the right data on request, with our reference, at the "
                "address below.",
                "Confirm in writing, with our reference, by {deadline} that it is done.",
            ),
        },
        "instruction": {
            "title": "Instruction to a processor to erase personal data",
            "paragraphs": (
                "You process personal data on our behalf under our data processing agreement of "
                "{agreement}. This is a documented instruction under Article 28(3)(a) of the General Data "
                "Protection Regulation (EU) 2016/679. The data below has been deleted or blanked at our end "
                "under our retention schedule, as each line says.",
                "Erase the corresponding data at your end and at your sub-processors by {deadline}, and let "
                "backups expire in their ordinary course (Articles 28(3)(g) and 19). If you would rather "
                "return the data to us, do so by the same day and then erase your copies. If a law prevents "
                "you, say which.",
                "Confirm in writing, with our reference, by {deadline} that it is done.",
            ),
        },
    },
}
