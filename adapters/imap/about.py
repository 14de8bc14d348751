"""What a mailbox at a mail host is: a holder of support mail, whose host is told nothing beside it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictInt, StrictStr, model_validator

from connector.about import About
from connector.about.refusing import refuse
from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.about.values import Text
from connector.about.web import is_loopback
from connector.records import Kind

Label = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
"""What the ledger and the reports call a folder: its own name may name a person."""


class MailboxTable(Recipient):
    """One mailbox; a platform, and in the register of recipients its host."""

    needs: ClassVar[tuple[str, ...]] = ("host", "user", "password", "folders")

    code: Literal["HD"] = "HD"
    role: Literal["processor", "controller"] = "processor"
    title: Text = "E-mail"
    host: Text | None = None
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "none"] = "tls"
    user: Text | None = None
    password: Secret | None = None
    folders: dict[Label, Text] = Field(default_factory=dict)
    customers_only: tuple[Label, ...] = ()
    own: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> "MailboxTable":
        if self.security == "none" and not is_loopback(self.host or ""):
            text = '"none" would send the password and the mail in clear text. Write "tls".'
            raise refuse(text, "security")
        for position, label in enumerate(self.customers_only):
            if label not in self.folders:
                text = "is none of `folders`. Write a name that stands there, or take it out."
                raise refuse(text, "customers_only", position)
        for position, address in enumerate(self.own):
            if "@" not in address:
                text = "is no address. Write support@shop.example, or @shop.example for a whole domain."
                raise refuse(text, "own", position)
        names = list(self.folders.values())
        if twice := [name for name in names if names.count(name) > 1]:
            label = next(one for one, name in self.folders.items() if name == twice[0])
            text = "names a folder that another line names too. Name each folder once."
            raise refuse(text, "folders", label)
        return self


ABOUT = About(
    name="imap",
    title="E-mail",
    order=6,
    kinds=(Kind.SUPPORT_MESSAGE,),
    recipient=MailboxTable,
)
