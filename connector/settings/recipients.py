"""Who else is told: each recipient of a shop, by API where it has a key, else by letter."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from connector.records import Field as RecordField
from connector.settings.secrets import Secret
from connector.settings.web import SecureUrl
from connector.settings.years import Day

Code = Literal["SH", "KL", "PA", "MC", "PN", "BK", "HD", "AD", "AN"]
"""The schedule's codes (schedule §4)."""

Text = Annotated[StrictStr, Field(min_length=1)]


class Table(BaseModel):
    """Base of every table: no unknown keys, no change after loading, no values in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Recipient(Table):
    """What is said of any recipient; alone, it is enough for letters and the register.

    `copy_months`: how long the shop has promised that the recipient's own copy lives. `role_assumed`:
    its role is inferred, and no source states it (rules R-82, R-83).
    """

    needs: ClassVar[tuple[str, ...]] = ()
    """The keys without which the recipient has no API and is told by letter."""

    title: Text | None = None
    code: Code
    role: Literal["processor", "controller"]
    email: Text | None = None
    address: Text | None = None
    letters: Literal["monthly", "at_once", "yearly"] | None = None
    sends: tuple[RecordField, ...] = ()
    country: Text | None = None
    safeguard: Text | None = None
    role_assumed: StrictBool = False
    agreement: Day | None = None
    copy_months: Annotated[StrictInt, Field(ge=1, le=240)] | None = None

    @property
    def by_api(self) -> bool:
        """Whether every key that its API needs is filled in."""
        return bool(self.needs) and all(getattr(self, key) for key in self.needs)


class Letter(Recipient):
    """A recipient that is told by letter or worklist only."""


class Mailchimp(Recipient):
    """Subscribers; a platform and a recipient at once."""

    needs: ClassVar[tuple[str, ...]] = ("key", "lists")

    code: Literal["MC"] = "MC"
    role: Literal["processor", "controller"] = "processor"
    title: Text = "Mailchimp"
    key: Secret | None = None
    lists: tuple[Text, ...] = ()
    stores: tuple[Text, ...] = ()
    merge_fields: dict[str, RecordField] = Field(default_factory=dict)
    basis: Literal["consent", "soft_optin"] = "consent"
    clicks: StrictBool = False
    # What the shop's sync writes as an e-commerce order's id in Mailchimp.
    order_ids: Literal["number", "id"] = "number"
    url: SecureUrl | None = None


class Klarna(Recipient):
    """Klarna, its own controller: told of orders, its customer tokens stopped."""

    needs: ClassVar[tuple[str, ...]] = ("user", "password")

    code: Literal["KL"] = "KL"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "Klarna Bank AB"
    user: Text | None = None
    url: SecureUrl | None = None
    password: Secret | None = None
    look_up: StrictBool = True
    clean_references: StrictBool = False


class Kustom(Klarna):
    """Kustom, which runs what was Klarna Checkout."""

    title: Text = "Kustom"
    role_assumed: StrictBool = True


class Payson(Recipient):
    """Payson, run by Svea Bank AB, which the letters go to."""

    needs: ClassVar[tuple[str, ...]] = ("agent", "key")

    code: Literal["PA"] = "PA"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "Svea Bank AB (Payson)"
    role_assumed: StrictBool = True
    agent: Text | None = None
    url: SecureUrl | None = None
    key: Secret | None = None


class PostNord(Recipient):
    """PostNord: tracks parcels by key; its own controller, so told by letter."""

    needs: ClassVar[tuple[str, ...]] = ("key",)

    code: Literal["PN"] = "PN"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "PostNord Sverige AB"
    role_assumed: StrictBool = True
    key: Secret | None = None
    customer_number: Text | None = None
    url: SecureUrl | None = None


_KNOWN = ("mailchimp", "klarna", "kustom", "payson", "postnord")


class Recipients(BaseModel):
    """The recipients by name: the five with an adapter, and any others by letter."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, Letter]

    mailchimp: Mailchimp | None = None
    klarna: Klarna | None = None
    kustom: Kustom | None = None
    payson: Payson | None = None
    postnord: PostNord | None = None

    def named(self) -> dict[str, Recipient]:
        """Every recipient that the file names, the known ones first."""
        known = {name: getattr(self, name) for name in _KNOWN}
        return {name: one for name, one in {**known, **(self.__pydantic_extra__ or {})}.items() if one}
