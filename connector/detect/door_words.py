"""The words that Swedish customers use around a door code, and those that say that a number is none.

All are written for a text in lower case: case-blind patterns of this many words took three times as long.
"""

import re

# What a code opens, as the first part of a compound: portkod, nattkod, larmkod. A larmkod lets one into a
# home as the door's does, so it goes by the same row.
_OPENED = (
    r"port|porttelefon|(?:ytter|inner|entr[ée]|sido|bak)?dörr|dorr|ytter|inner|entr[éeè]|(?:gårds|inner)?grind|bom"
    r"|hiss|trapphus|trapp|uppgångs|gårds|garage|lås|hänglås|soprum|miljörum|källar|vinds|förråds?|tvättstuge"
    r"|cykelrum|nyckelskåp|nyckelbox|nyckel|brevlåde|larm|hus|fastighets|ingångs|inpasserings|passer|tillträdes"
    r"|öppnings|natt|dag|dosa|dør|opgangs|haustür|tür|tor|eingangs|zugangs"
)
_ENGLISH = r"door|gate|entry|entrance|building|buzzer|lock|lockbox|keypad|intercom|garage|access|alarm"
_KOD = r"(?:kod|code|kode)(?:e|en|er|erna|n|s)?"
# Places with their endings; never "portion", "porto", "bomull" or "låst".
_PLACE = (
    r"(?:garage|sido|gårds)?port(?:en|ar|arna)?|port-?tele?fon(?:en)?|port(?:dosan?|låset)|entr[éeè]n?|entr[éeè]dörr(?:en)?"
    r"|(?:ytter|inner)?dörr(?:en|ar|arna)?|(?:inner|gårds)?grind(?:en|ar)?|bom(?:men)?|(?:inner)?gård(?:en)?"
    r"|garage(?:t)?|trapphus(?:et)?|trappen|trappuppgång(?:en)?|uppgång(?:en)?|ingång(?:en)?|hiss(?:en)?|hus(?:et)?"
    r"|(?:häng|kod)?lås(?:et)?|nyckelskåp(?:et)?|nyckelbox(?:en)?|nyckelgömman?|knappsats(?:en)?|(?:kod)?dosan?"
    r"|panel(?:en)?|larm(?:et)?|cykelrum(?:met)?|soprum(?:met)?|källar(?:e|en|dörren)|tvättstugan?|förråd(?:et)?"
    r"|brevlådan?|(?:front\s)?door|gate|entrance|entry|building|keypad|intercom|buzzer|lock(?:box)?"
    r"|døren|opgangen|haustür|tür"
)
_DEFINITE = (
    r"(?:garage|sido|gårds)?porten|port(?!\s?[0-9])|port-?telefonen|portdosan|entr[éeè]n?|(?:ytter|inner|entr[éeè])?dörren|ytterdörr"
    r"|(?:inner|gårds)?grinden|bommen|garaget|trapphuset|uppgången|ingången|hissen|(?:häng|kod)?låset|nyckelskåpet"
    r"|nyckelboxen|knappsatsen|(?:kod)?dosan|larmet|cykelrummet|soprummet|källaren|tvättstugan"
    r"|(?:front\s)?door|gate|entrance|keypad|intercom"
)
_EDGE = r"(?<![\wåäö])"

NAMED = re.compile(
    rf"(?<![a-zåäöæøü])(?:(?:{_OPENED})s?[\s-]?{_KOD}|p-?kod(?:en)?|kod-?lås(?:et)?|koddosan?"
    rf"|(?:{_ENGLISH})[\s-]?(?:code|pin)s?"
    rf"|(?:(?:adgangs|siffer|pin-?)?{_KOD}|pin|lösen(?:ord(?:et)?)?|siffrorna)\s+"
    r"(?:(?:in|ner|upp)\s+)?(?:är\s+)?(?:till|til|för|på|i|vid)\s+"
    rf"(?:(?:vår|vårt|min|mitt|den|det|själva|yttre|inre|nedre|första|andra)\s+)?(?:{_PLACE})"
    r"|code\s+(?:for|to|of|at)\s+(?:the\s+)?(?:front\s+)?(?:door|gate|building|entrance))(?![a-zåäö])"
)
"""A code that is said to be a door's."""

BARE = re.compile(r"(?<!\w)(?:kod|koden|kode|koder|koderna|sifferkod(?:en)?|pk|code)(?!\w)")
"""A code of something: a door's in a delivery note unless its line speaks of something else."""

PLACE = re.compile(rf"{_EDGE}(?:{_PLACE})(?!\w)")
"""Anything that a code opens or that stands where one is given."""

SIGNED = re.compile(
    rf"(?<![\w-])(?:(?:port(?:en)?|garageporten|entr[éeè]n?|(?:ytter|inner)dörr(?:en)?|nyckelskåp(?:et)?|nyckelbox(?:en)?|(?:inner|gårds)?grinden"
    r"|bommen|garaget|trapphuset|(?:häng)?låset|(?:kod)?dosan|larmet|knappsatsen)"
    r"(?:\s+(?:på|till|vid|mot|in)\s+\w{2,14})?"
    rf"(?:\s+(?:är|nere|uppe))?[\s:=]{{1,3}}|(?:{_PLACE})(?:\s?[:=]\s?|\s+är\s+))"
)
"""A place right before its code: "Porten: 4711", "entré 4711", "grind: 4711"."""

TYPED = re.compile(
    r"(?<!\w)(?:slår?|knappar?|trycka?|trycker|matar?|anger?|använd|öppnas?|öppnar|dial|press|punch|enter|type|opens?|use)"
    r"(?:\s+(?:du|ni|man|bara|då|först|sen|in|med|with|koden?|code|siffrorna|upp|av|på|larmet)){0,4}\s+[\"']?"
)
"""What is done with a code: a door's when the same sentence names a place."""

OPENS = re.compile(
    r"[\"')]?[\s,=–-]{1,3}(?:(?:är|funkar|gäller|går|fungerar|works)\s+)?"
    rf"(?:(?:till|i|vid|för|at|for|öppnar|opens)\s+(?:the\s+|vår\s+)?(?:{_DEFINITE})"
    rf"|(?:på|in|on)\s+(?:the\s+|vår\s+)?(?!dörren|door)(?:{_DEFINITE}))(?!\w)"
)
"""A place right after its code: "4711 i porten"; not "1203 på dörren", which is a flat."""

OTHER_COMPOUND = re.compile(r"\w{2}kod(?:en)?[\s:=]*\Z")
"""Right before a number that stands before a place: another kind of code, as in "felkod 4040 på låset"."""

DENIED_BEFORE = re.compile(r"\b(?:ingen|inga|utan|varken|no|without|keine?)\s+\Z")
DENIED_AFTER = re.compile(
    r"\s*(?:(?:(?:finns|behövs|krävs)\s+)(?:ej|inte|inga?|ingen)|saknas|skickas|kommer\s+(?:via|per|i)\s)"
)
"""That there is no code: a number after it is something else."""

_FILLER = (
    r"är|is|er|ist|nr|in|ner|nere|uppe|upp|till|på|för|i|vid|nu|hos|oss|mig|dit|där|här|ute|utanför|nedre|övre|yttre"
    r"|inre|alltid|fortfarande|då|blir|gäller|funkar|=|den|det|vår|baksidan|gatan|[a-d1-4](?=\s?[:=])"
)
DIRECT = re.compile(rf"[\s:=.\-–\"'(]*(?:(?:{_FILLER}|{_PLACE})[\s:=]+){{0,4}}[\"'(]?\Z")
"""What may stand between a bare `kod` and its number."""

NOT_BEFORE = re.compile(
    r"(?:\b(?:kl|klockan|lgh\w*|lght|lägenhet\w*|apt|order\w*|vån\w*|plan|etage|rum|box|år|året|sedan|från|before|after|ring"
    r"|efter|före|innan|mellan|ca|cirka|tel\w*|mobil\w*|ankn\w*|ext|rabatt\w*|faktura\w*|art\w*|kund\w*|kolli\w*"
    r"|paket\w*|spår\w*|retur\w*|post(?:nr|nummer)|zip|swish\w*|ref\w*|pris\w*|summa|lever\w*|hämta\w*|hämtas|kommer)"
    r"|(?:gatan|gata|vägen|väg|torget|gränd|stigen|allén|backen))[\s.:]*(?:kl|nr|nummer)?[\s.:#]*\Z"
)
"""Right before a number: a time, a flat, a floor, an order, an amount, a street."""

NOT_AFTER = re.compile(
    r"\s?(?:kr\b|kronor|:-|sek\b|eur\b|€|%|st\b|stycken|mm\b|cm\b|m\b|km\b|kg\b|kilo|g\b|gram|l\b|ml\b|liter|kvm\b|m2\b"
    r"|meter|watt|w\b|min\b|minuter|timmar|personer|bitar|pack\b|års\b"
    r"|[0-9]{2,3}\b(?!\s?(?:tr|vån|v)\b))"
)
"""Right after a number: money, a measure, or more digits."""

_AND = r"och|eller|el|alt|alternativt|samt|sen|sedan|resp|annars|or|and|then|und|oder|og"
JOINED = re.compile(
    rf"[^0-9]*(?:\b(?:{_AND})\b|[&+])[^0-9]*"
    rf"|[^0-9,/]{{0,24}}[,/]\s*(?:(?:{_AND}|{_FILLER}|{_PLACE}|kod(?:en)?|rätt|rätta|nya?|övriga|efter)[\s:=]*){{0,3}}"
)
"""What between two numbers makes the second a code too."""

BACKWARD = re.compile(r"[\s\"')]*(?:[=(\-–]|är|is|er|som)?\s*(?:the\s+|vår\s+)?\Z")
"""What may stand between a code and the word after it: "4711 är portkoden"."""

OTHER_CODE = re.compile(
    r"rabatt|kampanj|kupong|avdrag|presentkort|värdekod|voucher|discount|promo|coupon|gutschein|erbjudande"
    r"|färg|kulör|color|colour|ral\b|ncs\b|\bfel\b|verifier|bekräftelse|aktiver|licens|\bqr\b|swift|riktnummer|land"
)
"""Codes of vouchers, colours, errors and programs: a bare `kod` on their line is theirs."""

PICKUP = re.compile(
    r"ombud|utlämning|hämta\s+ut|uthämt|avhämt|paketbox|paketskåp|paketautomat|instabox|\bsms\b"
)
"""Codes that fetch a parcel from an agent: not a way into anybody's home, so not a door's (row T-07)."""

NETWORK = re.compile(r"(?:\b(?:tcp|udp|smtp|imap|server\w*|host|localhost|usb|ip|http\w*)\W*|[-/])\Z")
"""Before `port`: one of a machine."""

CODE_NAMED = re.compile("kod|code|pk|pin|lösen|siffr")
"""One of these stands in every text that names a code."""

SPOKEN_OF = re.compile(
    "kod|code|pk|lås|pin|port|entr|grind|bom|dosa|nyckel|larm|slå|dörr|garage|trapp|lösen|siffr|gate|door|lock|intercom|hiss|gång"
)
"""One of these stands in every text that holds a door code."""
