"""Who else is told: each recipient of a shop, by API where it has a key, else by letter."""

from pydantic import BaseModel, ConfigDict

from connector.about.tables import Recipient


class Letter(Recipient):
    """A recipient that is told by letter or worklist only."""


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
