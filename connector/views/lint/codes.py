"""Every code of the lint: how grave it is, what it says and what to do, in Swedish and English."""

import re

from connector.views.lint.texts import Code, CodeRow, Finding, Severity, Text

_BRACES = re.compile(r"\{\w+\}")


def _code(id_: str, severity: Severity, says: tuple[str, str], remedy: tuple[str, str]) -> Code:
    return Code(
        id=id_,
        severity=severity,
        says=Text(sv=says[0], en=says[1]),
        remedy=Text(sv=remedy[0], en=remedy[1]),
    )


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

CODES: tuple[Code, ...] = (
    _code(
        "GA101",
        _ERROR,
        ("Gallringsplanen går inte att använda: {fault}", "The policy cannot be used: {fault}"),
        ("Rätta filen på det stället.", "Correct the file at that place."),
    ),
    _code(
        "GA102",
        _ERROR,
        (
            "{rule} ger {field} varken ändamål eller minimitid.",
            "{rule} gives {field} neither a purpose nor a floor.",
        ),
        (
            "Lägg till ett [[rule.purpose]] för uppgiften, eller ta bort den ur regeln.",
            "Add a [[rule.purpose]] for the field, or take it out of the rule.",
        ),
    ),
    _code(
        "GA103",
        _ERROR,
        ("{rule} nämner ingen paragraf som grund.", "{rule} names no paragraph as its basis."),
        (
            "Skriv lag och paragraf i basis, till exempel BFL 7:2.",
            "Write the act and the paragraph in basis, such as BFL 7:2.",
        ),
    ),
    _code(
        "GA104",
        _ERROR,
        (
            "{field} skulle försvinna före lagens minimitid {floor} ({basis}): {case}.",
            "{field} would go before the legal minimum {floor} ({basis}): {case}.",
        ),
        (
            "Lägg till [[rule.floor]] {floor} i regeln för uppgiften.",
            "Add [[rule.floor]] {floor} to the rule of this field.",
        ),
    ),
    _code(
        "GA105",
        _ERROR,
        ("{rule} kan aldrig gälla: {why}.", "{rule} can never apply: {why}."),
        (
            "Ändra villkoren i when, eller ta bort regeln.",
            "Change the conditions in when, or remove the rule.",
        ),
    ),
    _code(
        "GA106",
        _ERROR,
        (
            "{rule} kan aldrig gälla: {other} tar alltid posten först.",
            "{rule} can never apply: {other} always takes the record first.",
        ),
        (
            "Flytta regeln före den andra, eller ge den andra ett villkor.",
            "Move the rule before the other, or give the other a condition.",
        ),
    ),
    _code(
        "GA107",
        _WARNING,
        ("{part} i {rule} kan aldrig gälla: {why}.", "{part} of {rule} can never apply: {why}."),
        ("Ändra delens villkor, eller ta bort den.", "Change the conditions of that part, or remove it."),
    ),
    _code(
        "GA108",
        _ERROR,
        ("Ingen regel avslutar {field} i {kind}.", "No rule ends {field} of {kind}."),
        ("Lägg till en regel för uppgiften.", "Add a rule for the field."),
    ),
    _code(
        "GA109",
        _ERROR,
        (
            "{rule} avslutar inte {field} om inget av detta är sant: {conditions}.",
            "{rule} does not end {field} where none of this is true: {conditions}.",
        ),
        (
            "Ge regeln ett ändamål utan villkor, eller ett för varje fall.",
            "Give the rule a purpose without a condition, or one for each case.",
        ),
    ),
    _code(
        "GA110",
        _WARNING,
        (
            "{rule} ({title}) är avstängd: det den gäller sparas utan slut.",
            "{rule} ({title}) is off: what it is about is kept without an end.",
        ),
        (
            'Välj grund för utskicken och skriv on = true under [policy.rules."{rule}"].',
            'Choose the basis of the mailings and write on = true under [policy.rules."{rule}"].',
        ),
    ),
    _code(
        "GA111",
        _INFO,
        (
            "{rule} gäller {kind}, som ingen plattform visar för Gallra.",
            "{rule} is about {kind}, which no platform shows to Gallra.",
        ),
        ("Utför regeln för hand och intyga det.", "Carry the rule out by hand and attest it."),
    ),
    _code(
        "GA112",
        _WARNING,
        (
            "Ingen regel gäller {kind} när inget av detta är sant: {conditions}.",
            "No rule is about {kind} where none of this is true: {conditions}.",
        ),
        (
            "Ange grunden för varje lista, så att en regel gäller.",
            "State the basis of each list, so that a rule applies.",
        ),
    ),
    _code(
        "GA113",
        _WARNING,
        (
            "{row} ({title}) står i gallringsschemat, men planen har varken regel eller intyg för den.",
            "{row} ({title}) stands in the schedule, and the policy has no rule and no attestation of it.",
        ),
        (
            "Lägg till en [[rule]] som utför raden, eller en [[attestation]] som en person intygar.",
            "Add a [[rule]] that carries the row out, or an [[attestation]] that a person confirms.",
        ),
    ),
    _code(
        "GA114",
        _WARNING,
        (
            "{rule} väntar inte på {holds}, som gallringsschemat nämner för raden.",
            "{rule} does not wait for {holds}, which the schedule names for the row.",
        ),
        (
            "Lägg till dem i holds, eller låt en person svara för att skälet saknas.",
            "Add them to holds, or let a person answer for it that there is no such reason.",
        ),
    ),
    _code(
        "GA115",
        _ERROR,
        (
            "{row} ({title}) sägs utföras av Gallra, som inte utför den raden.",
            "{row} ({title}) is said to be carried by Gallra, which carries no such row.",
        ),
        (
            "Ta bort carried_by, så intygar en person raden varje år.",
            "Take carried_by out, so that a person confirms the row each year.",
        ),
    ),
    _code(
        "GA116",
        _WARNING,
        (
            "{rule}: tiden för förbrukningsvaror ({consumables}) är inte kortare än de övrigas ({period}).",
            "{rule}: the period for consumables ({consumables}) is no shorter than the rest's ({period}).",
        ),
        (
            "Korta consumables, eller ta bort den.",
            "Shorten consumables, or remove it.",
        ),
    ),
    _code(
        "GA117",
        _WARNING,
        (
            "{rule} stödjer sig på artikel 6.1 {letters}, men inget ändamål gör det.",
            "{rule} cites GDPR 6(1)({letters}), and no purpose rests on it.",
        ),
        (
            "Lägg till ändamålet med sin tid, eller stryk grunden ur basis.",
            "Add the purpose with its period, or strike it from basis.",
        ),
    ),
    _code(
        "GA201",
        _WARNING,
        (
            "Integritetspolicyn nämner {recipient} ({promises}), men butikens fil har ingen sådan mottagare.",
            "The privacy policy names {recipient} ({promises}), but the shop's file has no such recipient.",
        ),
        (
            "Lägg till mottagaren under [recipients], eller stryk den ur policyn.",
            "Add the recipient under [recipients], or strike it from the policy.",
        ),
    ),
    _code(
        "GA202",
        _INFO,
        (
            "Reglerna underrättar {recipient} ({rules}), men butikens fil har ingen sådan mottagare.",
            "The rules tell {recipient} ({rules}), but the shop's file has no such recipient.",
        ),
        (
            "Lägg till mottagaren under [recipients] om butiken använder en.",
            "Add the recipient under [recipients] if the shop uses one.",
        ),
    ),
    _code(
        "GA203",
        _WARNING,
        (
            "{recipient} ({recipient_code}) finns i butikens fil, men ingen regel underrättar den.",
            "{recipient} ({recipient_code}) stands in the shop's file, but no rule tells it.",
        ),
        (
            "Lägg till koden i recipients på de regler som gäller dess uppgifter.",
            "Add the code to recipients of the rules about its data.",
        ),
    ),
    _code(
        "GA204",
        _WARNING,
        (
            "{recipient} ({recipient_code}) får uppgifter, men integritetspolicyn nämner den inte.",
            "{recipient} ({recipient_code}) gets data, but the privacy policy does not name it.",
        ),
        (
            "Nämn mottagaren i policyn (artikel 13.1 e).",
            "Name the recipient in the policy (Art. 13(1)(e)).",
        ),
    ),
    _code(
        "GA205",
        _INFO,
        (
            "{recipient} får {fields}, men ingen regel för de uppgifterna underrättar {recipient_code}.",
            "{recipient} is sent {fields}, but no rule of those fields tells {recipient_code}.",
        ),
        (
            "Låt regeln underrätta mottagaren, eller sluta skicka uppgiften.",
            "Let the rule tell the recipient, or stop sending the field.",
        ),
    ),
    _code(
        "GA206",
        _WARNING,
        (
            "{recipient} ligger utanför EU och EES, och det står inte vad överföringen vilar på.",
            "{recipient} lies outside the EU and the EEA, and nothing says what the transfer rests on.",
        ),
        (
            'Skriv safeguard = "…" vid mottagaren, eller sluta skicka uppgifter dit.',
            'Write safeguard = "…" by the recipient, or stop sending data there.',
        ),
    ),
    _code(
        "GA207",
        _INFO,
        (
            "{recipient} har en roll som är antagen: ingen källa anger den.",
            "{recipient} has a role that is inferred: no source states it.",
        ),
        (
            "Fråga mottagaren, rätta role och skriv role_assumed = false.",
            "Ask the recipient, correct role and write role_assumed = false.",
        ),
    ),
    _code(
        "GA208",
        _WARNING,
        (
            "Butikens fil anger förbrukningsvaror ({goods}), men ingen regel har en kortare tid för dem.",
            "The shop's file names consumables ({goods}), but no rule has a shorter period for them.",
        ),
        (
            'Skriv consumables = "12 months" i T-02, eller ta bort varorna ur platform.goods.',
            'Write consumables = "12 months" in T-02, or take the goods out of platform.goods.',
        ),
    ),
    _code(
        "GA301",
        _ERROR,
        (
            "Löftet {promise} hänvisar till {rule}, som inte finns i gallringsplanen.",
            "Promise {promise} refers to {rule}, which is not in the policy.",
        ),
        (
            "Rätta regelns id i löftet, eller lägg till regeln.",
            "Correct the id in the promise, or add the rule.",
        ),
    ),
    _code(
        "GA302",
        _ERROR,
        ("Löftet {promise} har ingen regel.", "Promise {promise} has no rule."),
        (
            "Ange regeln i rules, eller skriv i how vad som bär löftet.",
            "Name the rule in rules, or say in how what carries the promise.",
        ),
    ),
    _code(
        "GA303",
        _WARNING,
        (
            "Löftet {promise} vilar på {rule}, som är avstängd.",
            "Promise {promise} rests on {rule}, which is off.",
        ),
        (
            'Skriv on = true under [policy.rules."{rule}"], eller ändra löftet.',
            'Write on = true under [policy.rules."{rule}"], or change the promise.',
        ),
    ),
    _code(
        "GA304",
        _WARNING,
        (
            "Löftet {promise} talar om {field}, som ingen av dess regler gäller.",
            "Promise {promise} speaks of {field}, which none of its rules is about.",
        ),
        ("Lägg till uppgiftens regel i löftet.", "Add the rule of that field to the promise."),
    ),
    _code(
        "GA305",
        _INFO,
        ("Butikens fil anger inga löften.", "The shop's file names no promises."),
        (
            'Skriv promises = "FIL" under [policy], så kan policyn prövas.',
            'Write promises = "FILE" under [policy], so that the privacy policy can be checked.',
        ),
    ),
    _code(
        "GA306",
        _WARNING,
        (
            "Löftet {promise} går ut {latest}, men lagen ({floor}) kräver {field} till och med {law}.",
            "Promise {promise} ends {latest}, but the law ({floor}) demands {field} through {law}.",
        ),
        (
            "Rätta policyn: lagen går före, och löftet går inte att hålla.",
            "Correct the policy: the law wins, and the promise cannot be kept.",
        ),
    ),
    _code(
        "GA307",
        _WARNING,
        (
            "Löftet {promise} går ut {latest}, men regeln tar bort {field} först {act_by}.",
            "Promise {promise} ends {latest}, but the rule removes {field} as late as {act_by}.",
        ),
        (
            "Korta regelns tid eller run_slack_days, eller ändra löftet.",
            "Shorten the rule's period or run_slack_days, or change the promise.",
        ),
    ),
    _code(
        "GA308",
        _WARNING,
        (
            "Integritetspolicyn anger ett annat företag, {name}, som ansvarigt ({promise}).",
            "The privacy policy gives another company, {name}, as the one responsible ({promise}).",
        ),
        (
            "Skriv det egna bolagets namn i policyn (artikel 13.1 a), och stryk other_controller i löftet.",
            "Write the company's own name in the policy (Art. 13(1)(a)), and strike other_controller.",
        ),
    ),
    _code(
        "GA309",
        _WARNING,
        (
            "Integritetspolicyns text nämner inte {name}, som ansvarar för uppgifterna.",
            "The text of the privacy policy does not name {name}, which answers for the data.",
        ),
        (
            "Skriv bolagets namn och kontakt i policyn (artikel 13.1 a).",
            "Write the company's name and contact in the policy (Art. 13(1)(a)).",
        ),
    ),
    _code(
        "GA310",
        _WARNING,
        (
            "Integritetspolicyns text är en annan än den som löftena lästes ur.",
            "The text of the privacy policy is another than the one the promises were read from.",
        ),
        (
            'Läs ändringen, rätta löftena och skriv text_sha256 = "{sha256}".',
            'Read the change, correct the promises and write text_sha256 = "{sha256}".',
        ),
    ),
    _code(
        "GA311",
        _INFO,
        (
            "{promise} är föreslaget ur policyns text och inte bekräftat av någon.",
            "{promise} is proposed from the policy's text and confirmed by nobody.",
        ),
        (
            "Läs meningen; ta bort raden proposed, rätta löftet eller stryk det.",
            "Read the sentence; take the line proposed out, correct the promise or drop it.",
        ),
    ),
    _code(
        "GA401",
        _WARNING,
        (
            "Räkenskapsåren saknas, så varje uppgift med minimitid sparas utan slut.",
            "The financial years are missing, so every field with a floor is kept without an end.",
        ),
        (
            "Fyll i financial_years under [company].",
            "Fill in financial_years under [company].",
        ),
    ),
    _code(
        "GA402",
        _WARNING,
        (
            "OSS är inte besvarat: adresser i andra EU-länder sparas i tio år, och ingen order ändras ännu.",
            "OSS is not answered: addresses in other EU states are kept ten years, and no order is changed.",
        ),
        (
            "Fyll i oss under [company]: [] för aldrig, annars perioderna.",
            "Fill in oss under [company]: [] for never, else the periods.",
        ),
    ),
    _code(
        "GA403",
        _WARNING,
        (
            "Redovisningskonsultens svar står ingenstans, så inget på en order ändras.",
            "The accountant's answer stands nowhere, so nothing on an order is changed.",
        ),
        (
            "Fyll i [accountant.answer], eller låt ägaren skriva [accountant.without].",
            "Fill in [accountant.answer], or let the owner write [accountant.without].",
        ),
    ),
    _code(
        "GA404",
        _WARNING,
        (
            "Från {since} gäller nya regler för OSS, som den här versionen inte har läst i svensk lag.",
            "From {since} new rules of OSS hold, which this version has not read in Swedish law.",
        ),
        (
            "Fråga redovisningskonsulten, och uppdatera Gallra.",
            "Ask the accountant, and update Gallra.",
        ),
    ),
    _code(
        "GA405",
        _INFO,
        (
            "Intresseavvägningen för {rules} är inte färdig.",
            "The balancing of interests for {rules} is unfinished.",
        ),
        (
            "Fyll i arken från `gallra paper balancing` och skriv [[balancing]] i butikens fil.",
            "Fill in the sheets of `gallra paper balancing` and write [[balancing]] in the shop's file.",
        ),
    ),
)

_BY_ID = {code.id: code for code in CODES}


def finding(code: str, place: str, **values: object | Text) -> Finding:
    """A finding of this code, its sentences filled in."""
    row = _BY_ID[code]
    return Finding(
        code=code,
        severity=row.severity,
        place=place,
        says=row.says.filled(**values),
        remedy=row.remedy.filled(**values),
    )


def code_table(language: str = "en") -> tuple[CodeRow, ...]:
    """Every code with its severity, what it says and the remedy: the documentation's table."""
    return tuple(code_row(code.id, language) for code in CODES)


def code_row(id_: str, language: str = "en") -> CodeRow:
    """One row of the table, an ellipsis where a finding fills in a name. Raises KeyError."""
    code = _BY_ID[id_]
    says, remedy = (_open(text.sv if language == "sv" else text.en) for text in (code.says, code.remedy))
    return CodeRow(code=code.id, severity=code.severity, says=says, remedy=remedy)


def _open(text: str) -> str:
    return _BRACES.sub("…", text)
