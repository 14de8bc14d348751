"""Made-up people: Swedish names and towns, addresses under .example, telephone numbers nobody has."""

import random
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from sandbox.wire import Json

FIRST = (
    "Alva", "Anna", "Annika", "Björn", "Britt-Marie", "Ebba", "Elsa", "Erik", "Eva", "Fatima", "Gunnel",
    "Göran",
    "Hjördis", "Håkan", "Ingrid", "Johan", "Jörgen", "Karin", "Kerstin", "Lars", "Linnéa", "Malin", "Maria",
    "Mohammed", "Märit", "Märta", "Nils", "Per", "Pär", "Sixten", "Sven-Åke", "Sören", "Viggo", "Zlatan",
    "Åke",
    "Åsa", "Örjan", "Östen",
)  # fmt: skip
LAST = (
    "Abdulle", "Af Trolle", "Andersson", "Bergström", "Björk", "Blomqvist", "Eriksson", "Gustafsson",
    "Hellström",
    "Holmström", "Hägglund", "Johansson", "Karlsson", "Larsson", "Lindqvist", "Löfgren", "Mårtensson",
    "Nilsson",
    "Nyström", "Näslund", "Olsson", "Sjöberg", "Söderberg", "von Essen", "Åkesson", "Öberg", "Östlund",
    "Öztürk",
)  # fmt: skip
TOWNS = (
    ("Östersund", "83130"), ("Umeå", "90325"), ("Malmö", "21120"), ("Stockholm", "11122"), ("Linköping",
    "58222"),
    ("Skellefteå", "93132"), ("Luleå", "97231"), ("Växjö", "35231"), ("Örebro", "70210"), ("Göteborg",
    "41103"),
)  # fmt: skip
ABROAD = {
    "DK": ("København", "2100", "Østerbrogade"), "DE": ("Lübeck", "23552", "Königstraße"),
    "FI": ("Esbo", "02100", "Björkgränden"), "NO": ("Tromsø", "9008", "Storgata"),
}  # fmt: skip
STREETS = (
    "Åkervägen", "Rådhusesplanaden", "Skolgatan", "Älgstigen", "Kungsgatan", "Östra Ågatan", "Björkvägen",
    "Storgatan",
)  # fmt: skip
_ENGINE = "(KHTML, like Gecko)"
AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {_ENGINE} Chrome/126.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 {_ENGINE} Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 {_ENGINE} Chrome/125.0.0.0 Mobile",
)
# The blocks that the Swedish Post and Telecom Authority sets aside for fiction, then 074, the closed
# paging service, so that every person has a number of their own and none reaches anybody.
_FICTION = ((46701740605, 95), (46846500400, 100), (46313900600, 100), (46406280400, 100), (46980319200, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One made-up person and how to reach them."""

    number: int
    first: str
    last: str
    email: str
    phone: str
    street: str
    door: str
    town: str
    postcode: str
    country: str = "SE"
    company: str = ""
    organisation_number: str = ""
    personal_number: str = ""
    ip: str = ""
    agent: str = ""
    subscribed: str = ""  # "", "0" or "1", as Mailchimp for WooCommerce writes it
    customer_id: int = field(default=0)

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    def address(self, *, contact: bool = True) -> Json:
        """The address as the shop keeps it, with the e-mail where it is a billing one."""
        address = {
            "first_name": self.first, "last_name": self.last, "company": self.company,
            "address_1": self.street,
            "address_2": self.door, "city": self.town, "state": "", "postcode": self.postcode,
            "country": self.country, "phone": self.phone,
        }  # fmt: skip
        return {**address, "email": self.email} if contact else address


@cache
def personal_numbers() -> tuple[str, ...]:
    """Test numbers that the Swedish Tax Agency publishes; none belongs to a living person."""
    text = resources.files("sandbox.data").joinpath("personal_numbers.txt").read_text(encoding="ascii")
    return tuple(text.split())


def phone(number: int) -> str:
    """The telephone number of the n-th person."""
    for first, count in _FICTION:
        if number < count:
            return f"+{first + number}"
        number -= count
    return f"+4674{number:07d}"


def plain(text: str) -> str:
    """A name as it stands in an e-mail address."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in folded if letter.isascii() and letter.isalpha())


def make_person(number: int, chance: random.Random) -> Person:
    """The n-th person of a shop."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    town, postcode = chance.choice(TOWNS)
    host = chance.choice(("kund.example", "mejl.example", "brev.example"))
    person = Person(
        number=number, first=first, last=last, email=f"{plain(first)}.{plain(last)}{number}@{host}",
        phone=phone(number), street=f"{chance.choice(STREETS)} {chance.randint(1, 140)}",
        door=_door(chance),
        town=town, postcode=postcode, ip=f"203.0.113.{chance.randint(1, 254)}", agent=chance.choice(AGENTS),
        subscribed=chance.choices(("", "0", "1"), (50, 17, 33))[0],
    )  # fmt: skip
    return _traits(person, number, chance)


def _door(chance: random.Random) -> str:
    if chance.random() >= 0.06:
        return ""
    return f"lgh {chance.randint(1001, 1604)}, portkod {chance.randint(1000, 9999)}"


def _traits(person: Person, number: int, chance: random.Random) -> Person:
    """Personal numbers for the first four hundred that want one, companies, and buyers abroad."""
    numbers = personal_numbers()
    if number % 3 == 0 and number // 3 < len(numbers):
        person = replace(person, personal_number=numbers[number // 3])
    if chance.random() < 0.1:
        sole = bool(person.personal_number) and chance.random() < 0.3
        registered = person.personal_number[2:] if sole else organisation_number(number)
        label = f"{person.last}s Snickeri" if sole else f"{person.last} & Co {number} AB"
        person = replace(
            person, company=label, organisation_number=registered if chance.random() < 0.5 else ""
        )
    if chance.random() < 0.03:
        country = chance.choice(sorted(ABROAD))
        town, postcode, street = ABROAD[country]
        person = replace(
            person,
            country=country,
            town=town,
            postcode=postcode,
            street=f"{street} {number % 90 + 1}",
            door="",
        )
    return person


def organisation_number(number: int) -> str:
    """An organisation number in a series that is not given out, with its check digit."""
    digits = f"559999{number % 1000:03d}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    return f"{digits[:6]}-{digits[6:]}{-total % 10}"
