"""The words that Swedish customers use around a door code, and those that say that a number is none.

All are written for a text in lower case: case-blind patterns of this many words took three times as long.
"""

from connector.detect.patterns import expression

# What a code opens, as the first part of a compound: portkod, nattkod, larmkod. A larmkod lets one into a
# home as the door's does, so it goes by the same row.
_OPENED = (
    r"port|porttelefon|(?:ytter|inner|entr[ée]|sido|bak)?dörr|dorr|ytter|inner|entr[éeè]|(?:gårds|inner)?grind|bom"
    r"|hiss|trapphus|trapp|uppgångs|gårds|garage|lås|hänglås|soprum|miljörum|källar|vinds|förråds?|tvättstuge"
    r"|cykelrum|nyckelskåp|nyckelbox|nyckel|brevlåde|larm|hus|fastighets|ingångs|inpasserings|passer|tillträdes"
    r"|öppnings|natt|dag|kvälls|dosa|dør|opgangs|adgangs|haustür|tür|tor|eingangs|zugangs"
)
_ENGLISH = (
    r"(?:front\s?)?doo?r|lobby|lift|elevator|lock\s?box|key\s?safe|gate|entry|entrance|building"
    r"|buzzer|lock|lockbox|keypad|intercom|garage|access|alarm"
)
_KOD = r"(?:kod|code|kode)(?:e|en|er|erna|n|s)?"
_FINNISH = (
    r"(?:(?:ovi|portti|rappu|alaovi|ulko-?ovi|hälytys)-?koodi|(?:ala|ulko-?)?oven\s+koodi|(?:summerin|portin|rapun|talon|rappukäytävän|pihan|hissin)\s+koodi"
    r"|koodi\s+(?:oveen|porttiin|rappuun|alaoveen|ulko-?oveen))(?:n|t|ni|mme|nne)?"
)
_OPENED_BY = (
    r"(?:port(?:en)?|(?:ytter|inner)?dörr(?:en)?|entré(?:n)?|grind(?:en)?|garage(?:t)?"
    r"|trapphus(?:et)?|door|gate|entrance)"
)
# Places with their endings; never "portion", "porto", "bomull" or "låst".
_PLACE = (
    r"(?:garage|sido|gårds)?port(?:en|ar|arna)?|port[\s-]?tele?fon(?:en)?|porttel|port(?:dosan?|låset)|entr[éeè]n?|entr[éeè]dörr(?:en)?"
    r"|(?:ytter|inner)?dörr(?:en|ar|arna)?|(?:inner|gårds)?grind(?:en|ar)?|bom(?:men)?|(?:inner)?gård(?:en)?"
    r"|garage(?:t)?|trapphus(?:et)?|trappen|trappuppgång(?:en)?|uppgång(?:en)?|ingång(?:en)?|hiss(?:en)?|hus(?:et)?"
    r"|(?:häng|kod)?lås(?:et)?|nyckelskåp(?:et)?|nyckelbox(?:en)?|nyckelgömman?|knappsats(?:en)?|(?:kod)?dosan?"
    r"|panel(?:en)?|larm(?:et)?|cykelrum(?:met)?|cykelförråd(?:et)?|barnvagnsrum(?:met)?|lådan|soprum(?:met)?|källar(?:e|en|dörren)|tvättstugan?|förråd(?:et)?"
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

NAMED = expression(
    rf"(?<![a-zåäöæøü])(?:(?:{_OPENED})s?[\s-]?{_KOD}|p-?kod(?:en)?|p\.k\.|key\s?code|kod-?lås(?:et)?|koddosan?"
    rf"|{_FINNISH}|portk(?:\.|\b)|(?:kod|koden|code)\s{{0,2}}[\s(]\s{{0,2}}(?:till\s+)?{_OPENED_BY}(?:\)|(?=\s*[:=]))"
    rf"|(?:{_ENGLISH})[\s-]?(?:code|pin)s?"
    rf"|(?:(?:adgangs|siffer|pin-?)?{_KOD}|pin|lösen(?:ord(?:et)?)?|siffrorna)\s+"
    r"(?:(?:in|ner|upp)\s+)?(?:är\s+)?(?:till|til|för|på|i|vid)\s+"
    rf"(?:(?:vår|vårt|min|mitt|den|det|själva|yttre|inre|nedre|första|andra)\s+)?(?:{_PLACE})"
    r"|code\s+(?:for|to|of|at)\s+(?:the\s+)?(?:front\s+)?(?:door|gate|building|entrance))(?![a-zåäö])"
)
"""A code that is said to be a door's."""

BARE = expression(r"(?<!\w)(?:koodi(?:lla|t)?|kod|koden|kode|koder|koderna|sifferkod(?:en)?|pk|code)(?!\w)")
"""A code of something: a door's in a delivery note unless its line speaks of something else."""

PLACE = expression(rf"{_EDGE}(?:{_PLACE})(?!\w)")
"""Anything that a code opens or that stands where one is given."""

SIGNED = expression(
    rf"(?<![\w-])(?:(?:port[\s-]?telefon(?:en)?|(?:ytter|inner|garage|sido|gårds)?port(?:en)?|entr[ée]dörr(?:en)?|soprum(?:met)?|miljörum(?:met)?|kodbox(?:en)?|cykelrum(?:met)?|entr[éeè]n?|(?:ytter|inner)dörr(?:en)?|nyckelskåp(?:et)?|nyckelbox(?:en)?|(?:inner|gårds)?grinden"
    r"|bommen|garaget|trapphuset|(?:häng)?låset|(?:kod)?dosan|larmet|knappsatsen|larm|port[\s-]?telefon(?:en)?|porttel\.?|keypad|entrance|gate|buzzer|intercom|lock\s?box|key\s?safe"
    r"|ala-?ovi|ulko-?ovi|portti)"
    r"(?:\s+(?:på|till|vid|mot|in)\s+\w{2,14})?"
    rf"(?:\s+(?:är|har|nere|uppe|öppnas\s+med))?[\s:=.-]{{1,3}}|(?:{_PLACE})(?:\s?[:=]\s?|\s+är\s+)|(?:kodbox|nyckelbox|nyckelskåp|kodlås|porttelefon)(?:en|et)?,\s?"
    r"|(?:häng|kod|cykel)lås(?:et)?\s+på\s+\w{3,14}\s?[:=]\s?|(?:att|kan\s+ni|to)\s+(?:komma\s+in|kommer\s+in|get\s+in|öppna)\s?[:=]\s?)"
)
"""A place right before its code: "Porten: 4711", "entré 4711", "grind: 4711"."""

TYPED = expression(
    r"(?<!\w)(?:stäng(?:er|s)?|låses?|slår?|knappar?|trycka?|trycker|matar?|anger?|använd|öppnas?|öppnar|dial|press|punch|enter|type|opens?|use)"
    r"(?:\s+(?:du|ni|man|bara|då|först|sen|in|med|with|med|koden?|code|pin|pinkod(?:en)?|the|siffrorna|upp|av|på|larmet)){0,4}\s+[\"']?"
)
"""What is done with a code: a door's when the same sentence names a place."""

OPENS = expression(
    r"[\"')]?[\s,=–-]{1,3}(?:(?:är|funkar|gäller|går|fungerar|works)\s+)?"
    rf"(?:(?:till|i|vid|för|at|for|öppnar|opens)\s+(?:the\s+|vår\s+)?(?:main\s+|front\s+)?(?:{_DEFINITE})"
    rf"|(?:på|in|on)\s+(?:the\s+|vår\s+)?(?!dörren|door)(?:{_DEFINITE}))(?!\w)"
    rf"|\s?(?:\(\s?(?:{_DEFINITE})\s?\)|=\s?(?:{_PLACE})(?!\w))"
)
"""A place right after its code: "4711 i porten"; not "1203 på dörren", which is a flat."""

OTHER_COMPOUND = expression(r"\w{2}kod(?:en)?[\s:=]*\Z")
"""Right before a number that stands before a place: another kind of code, as in "felkod 4040 på låset"."""

DENIED_BEFORE = expression(r"\b(?:ingen|inga|utan|varken|no|without|keine?)\s+\Z")
DENIED_AFTER = expression(
    r"\s*(?:(?:(?:finns|behövs|krävs)\s+)(?:ej|inte|inga?|ingen)|saknas|skickas|kommer\s+(?:via|per|i)\s)"
)
"""That there is no code: a number after it is something else."""

_TIMES = (
    r"dagtid|dagar|dag|natt(?:etid)?|nätter|kväll(?:ar|stid|en)?|helg(?:er|en)?|vardag(?:ar)?|lördag|söndag|övrig\s+tid|annars"
    r"|(?:efter|före|innan|från|till|after|before)(?:\s+(?:kl\.?\s?)?[0-9]{1,2}(?:[.:][0-9]{2})?)?|[a-d]-?porten|ny(?:a|tt)?|nuvarande|gamla"
    r"|(?:ytter|inner|andra|nästa)\s?(?:dörr(?:en)?|port(?:en)?|grind(?:en)?)|day|night|evenings?|weekends?|päivällä|illalla|yöllä"
)
_FILLER = (
    r"är|is|er|ist|nr|(?:efter|före)\s+det|därefter|sedan|in|ner|nere|uppe|upp|till|på|för|i|vid|nu|hos|oss|mig|dit|där|här|ute|utanför|nedre|övre|yttre"
    r"|inre|alltid|fortfarande|då|blir|gäller|funkar|=|den|det|vår|baksidan|gatan|[a-d1-4](?=\s?[:=])"
)
NEXT_LINE = expression(
    rf"[^0-9\n]{{0,20}}\n[\s:=.>*\-]*(?:(?:{_TIMES}|{_PLACE})[\s:=]+){{0,2}}(?=[#*]*[a-z]?[0-9])"
)
"""The rest of a line without a number, and what may stand before one on the next."""

DIRECT = expression(rf"[\s:=.\-–\"'(]*(?:(?:{_FILLER}|{_PLACE})[\s:=.-]+){{0,4}}[\"'(]?\Z")
"""What may stand between a bare `kod` and its number."""

NOT_BEFORE = expression(
    r"(?:\b(?:kl|klockan|lgh\w*|lght|lägenhet\w*|apt|order\w*|vån\w*|plan|etage|rum|(?<!lock\s)box|år|året|sedan|från|before|after|ring"
    r"|efter|före|innan|mellan|ca|cirka|(?<!port\s)tel\w*|mobil\w*|ankn\w*|ext|rabatt\w*|faktura\w*|art\w*|kund\w*|kolli\w*"
    r"|paket\w*|spår\w*|retur\w*|post(?:nr|nummer)|zip|swish\w*|ref\w*|pris\w*|summa|lever\w*|hämta\w*|hämtas|kommer)"
    r"|(?:gatan|gata|vägen|väg|torget|gränd|stigen|allén|backen))[\s.:]*(?:kl|nr|nummer)?[\s.:#]*\Z"
)
"""Right before a number: a time, a flat, a floor, an order, an amount, a street."""

NOT_AFTER = expression(
    r"\s+(?:i|på|från|vid)\s+(?:kassan|appen|mejlet|sms:?et|kartongen|etiketten|förpackningen|kvittot|sajten|hemsidan)\b"
    r"|\s?(?:art(?:ikel)?(?:nr|nummer)?\b|kr\b|kronor|:-|sek\b|eur\b|€|%|st\b|stycken|mm\b|cm\b|m\b|km\b|kg\b|kilo|g\b|gram|l\b|ml\b|liter|kvm\b|m2\b"
    r"|meter|hög\w*|bred\w*|lång\w*|djup\w*|watt|w\b|min\b|minuter|timmar|personer|bitar|pack\b|års\b"
    r"|[0-9]{2,3}\b(?!\s?(?:tr|vån|v)\b|\s[0-9]{2}\s+[a-zåäö]{3}))"
)
"""Right after a number: money, a measure, or more digits."""

_AND = r"och|eller|el|alt|alternativt|samt|sen|sedan|resp|annars|or|and|then|und|oder|og"
JOINED = expression(
    rf"[^0-9]*(?:\b(?:{_AND})\b|[&+])[^0-9]*"
    rf"|[^0-9,/]{{0,24}}[,/;]\s*(?:(?:{_TIMES}|{_AND}|{_FILLER}|{_PLACE}|kod(?:en)?|rätt|rätta|övriga)(?!\w)[\s:=]*){{0,4}}"
    rf"|\s?\((?:[^()0-9]{{0,12}}[0-9]{{0,2}}[^()0-9]{{0,12}}){{1,2}}\)[\s,;/]{{0,3}}(?:(?:{_AND})\s+)?"
    rf"|\s+(?:(?:{_TIMES})\s*){{1,2}}[,;/]?\s*(?:(?:{_AND})\s+)?(?:(?:{_TIMES}|{_FILLER}|kod(?:en)?)(?!\w)[\s:=]*){{0,3}}"
)
"""What between two numbers makes the second a code too."""

_SAID_WORDS = """
    och eller el alt alternativt samt sen sedan resp annars men fast or and then but und oder og ja tai
    sitten till tills dess gäller inte längre ej den det är e nu just var har varit blivit bytt byttes
    ändrad ändrat ändras ny nya nytt gammal gamla denna detta senaste aktuell aktuella använd använda use
    no longer rätt rätta fel kod koden koder portkod portkoden på i vid för från fram med av om så prova
    testa försök utan in inne ut ute nere uppe efter före innan kl klockan dag dagar dagtid natt nätter
    nattetid kväll kvällar kvällen kvällstid morgon dygnet runt helg helger helgen vardag vardagar mån
    tis ons tors tor fre lör sön måndag tisdag onsdag torsdag fredag lördag söndag mån-fre mån-tors
    mån-tor lör-sön fre-sön må-fre övrig tid ibland yttre inre övre nedre första andra tredje nästa ytter
    inner a-porten b-porten c-porten a b c funkar fungerar the new old is now was changed to code until
    till works not after before inner outer main front day night weekday weekdays weekend weekends try
    otherwise uusi vanha on nyt ennen jälkeen illalla yöllä päivällä sisäovi ulko-ovi sisäpiha arkisin
    viikonloppuna
"""
SAID = frozenset(_SAID_WORDS.split())
"""What people say between two codes: when each holds, which door it is for, which one is new."""

BACKWARD = expression(
    r"[\s\"')]*(?:[=(\-–]|är|is|er|on|som)?\s*(?:(?:the|vår|er|nya?|rätt|gamla|aktuell|aktuella|min)\s+){0,2}\Z"
)
"""What may stand between a code and the word after it: "4711 är portkoden"."""

OTHER_CODE = expression(
    r"rabatt|kampanj|kupong|avdrag|presentkort|värdekod|voucher|discount|promo|coupon|gutschein|erbjudande"
    r"|färg|kulör|color|colour|ral\b|ncs\b|\bfel\b|verifier|bekräftelse|aktiver|licens|klarna[\s-]?kod|engångs|säkerhetskod|\bqr\b|swift|riktnummer|\bland"
)
"""Codes of vouchers, colours, errors and programs: a bare `kod` on their line is theirs."""

PICKUP = expression(
    r"ombud|utlämning|hämta(?:s|r)?\s+med|hämta\s+ut|uthämt|avhämt|paketbox|paketskåp|paketautomat|instabox|\bsms\b"
)
"""Codes that fetch a parcel from an agent: not a way into anybody's home, so not a door's (row T-07)."""

NETWORK = expression(
    r"\b(?:tcp|udp|smtp|imap|pop3|server\w*|host|localhost|usb|ip|http\w*|rout\w+|brandvägg\w*|firewall|switch\w*|nas|wi-?fi|lan|nat"
    r"|ethernet|nätverk\w*|network|baud|seriell\w*|forward\w*|vpn|ssh|ftp|växeln|unifi|minecraft|gateway|pc|dator\w*|modem\w*|socket|docker|dns)\b"
    r"|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"
)
"""On the line of `port`: one of a machine."""

OF_A_MACHINE = expression(
    r"[-/]\Z|(?<!\w)(?!(?:till|i|vid|min|vår|på|och|eller|sen|sedan|våra?|bak|fram|stora|lilla|vita|röda|gröna|blå|svarta|första|andra|yttre|inre"
    r"|nedre|kod)\s)\w+\s\Z"
)
"""Right before a bare `port`: one of a machine, for a word says which: "thunderbolt port 4000"."""

SAID_TO_BE = expression(r"\b(?:är|is|er|on)\b|=")
"""Between a code and a bare `koden` after it."""

CHOICE = expression(
    r"\s+(?:utan|eller|och|men|or)\s+|[,/]\s?(?:(?:yttre|inre|ytter|inner|andra|nya|och"
    r"|eller)\s)?"
)
"""Between two codes before the word that names them: "1234 eller 5678 är portkoden"."""

CODE_NAMED = expression(r"ko+d|p\.k\.|code|pk|pin|lösen|siffr|portk|keypad")
"""One of these stands in every text that names a code."""

SPOKEN_OF = expression(
    r"ko+d|p\.k\.|buzz|ovi|portk|keypad|key|komm|get in|tryck|knapp|code|pk|lås|pin|port|entr|grind|bom"
    r"|dosa|nyckel|larm|slå|dörr|garage|trapp|lösen|siffr|gate|door|lock|intercom|hiss|gång"
)
"""One of these stands in every text that holds a door code."""
