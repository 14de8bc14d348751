"""What the form and its mail say, in Swedish and English: the catalogue `form`."""

from connector.about.both import Both
from connector.report.catalogues import read_catalogue
from connector.report.shared import Language


class FormWords:
    """One language of the form."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = read_catalogue("form", dict[str, dict[str, Both]])

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key such as `form.title`, its gaps filled."""
        part, _, name = key.partition(".")
        return self._texts[part][name].of(self.language).format(**values)


__all__ = ["FormWords"]
