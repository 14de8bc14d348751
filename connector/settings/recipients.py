"""Who else is told: each recipient of a shop, by API where it has a key, else by letter."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from connector.about.tables import Code, Recipient
from connector.about.values import Text
from connector.registry import recipient_codes


def _of_a_kind(value: str) -> str:
    if value not in (known := recipient_codes()):
        expected = " or ".join((", ".join(map(repr, known[:-1])), repr(known[-1])))
        raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
    return value


def _listed(schema: dict[str, Any]) -> None:
    """The kinds, for an editor; read when a schema is asked for, and not before."""
    schema["enum"] = list(recipient_codes())


KnownCode = Annotated[Code, AfterValidator(_of_a_kind), Field(json_schema_extra=_listed)]
"""A kind of recipient that the schedule or an installed adapter knows."""


class Letter(Recipient):
    """A recipient that is told by letter or worklist only."""

    code: KnownCode
    # A file of the shop's own that says what may be called there; its keys then stand in this table too.
    description: Text | None = None


class Recipients(BaseModel):
    """The recipients by name: a field for each that has an adapter, and any others by letter.

    The fields are those of the installed adapters (`connector.settings.model`).
    """

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True, defer_build=True)
    __pydantic_extra__: dict[str, Letter]

    def named(self) -> dict[str, Recipient]:
        """Every recipient that the file names, the known ones first."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: one for name, one in {**known, **(self.__pydantic_extra__ or {})}.items() if one}
