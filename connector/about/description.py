"""The description of one service: its settings, what it holds and is told, and what it says of itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connector.about.both import Both
from connector.ports import Act, Channel, Interest
from connector.records import Field, Kind, Value

if TYPE_CHECKING:
    from connector.about.tables import Recipient, ShopSystem


class About(Value, frozen=True, kw_only=True):
    """What an adapter ships of one service under the entry-point group `gallra.adapters`.

    A service with a `platform` is a shop system, one with `kinds` holds records, and one with a `recipient`
    is told of what was erased. Its texts stand beside its description: `about.sv.toml`, `about.en.toml`.
    """

    name: str
    title: str
    order: int = 100
    """Where it stands among its like, in the questions and in faults; then by name."""

    platform: "type[ShopSystem] | None" = None
    """The keys of `[platform]` in a shop of this system, with their types and defaults."""
    hosted: bool = False
    """Whether a shop of this system lies with the system's own maker, and not with a web host."""
    kinds: tuple[Kind, ...] = ()
    """The kinds of record that it holds."""
    to_fill_in: Both | None = None
    """What its keys are and where they come from, as `gallra init` says it."""
    keys_made: Both | None = None
    """Where in its own admin a key is made, step by step, as a page says it."""
    key_names: Mapping[str, Both] = {}
    """What it calls each of its secrets, by the key of `[platform]` that holds it."""

    recipient: "type[Recipient] | None" = None
    """The keys of `[recipients.NAME]`, with their types and defaults; its code and role among them."""
    by_letter: tuple[Interest, ...] = ()
    """What a letter tells recipients of its code, and itself where no API takes it."""
    within: str = ""
    """The code of a wider kind, whose name in a privacy policy covers it: payment services cover invoices."""
    tells_without_key: bool = False
    """Whether its own builder writes the letter where it has no key; else the plain letter does."""
    channel: Channel = Channel()
    """Where it takes in a notice."""

    final: Mapping[Act, str] = {}
    """What cannot be undone there: by act, the code of the sentence that says so (`irreversible.CODE`)."""
    instead: Mapping[Kind, Both] = {}
    """How long records stay that the service alone removes; the rule's period does not run there."""
    besides: Mapping[tuple[Kind, Field], Both] = {}
    """What is true of a field there besides its rule's period."""
    accounts_subscribe: bool = False
    """Whether an account there is itself the newsletter's contact, so that its facts say `subscribes`."""

    @property
    def code(self) -> str:
        """The kind of recipient that it is; empty where it is none, or where the shop's file says it."""
        default = self.recipient.model_fields["code"].default if self.recipient else ""
        return default if isinstance(default, str) else ""
