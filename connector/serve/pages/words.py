"""What the pages say, in Swedish and English: the catalogue `web` beside the reports' own words."""

from connector.about.both import Both
from connector.report.catalogues import read_catalogue
from connector.report.shared import Language
from connector.report.translated import translated
from connector.report.words import Words


class Spoken:
    """One language of the pages."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.words = Words(language)
        """The words of the reports."""
        self._texts = read_catalogue("web", dict[str, dict[str, Both]])

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key such as `plan.title`, its gaps filled."""
        part, _, name = key.partition(".")
        return self._texts[part][name].of(self.language).format(**values)

    def fault(self, text: str) -> str:
        """An error as it was raised, in this language."""
        return translated(text, self.language)
