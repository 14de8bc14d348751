"""How a document ends: its sentence in the reader's language, then as scripts look for it."""

from connector.report.blocks import Document
from connector.report.translated import translated


def closing_lines(document: Document) -> tuple[str, ...]:
    """The last lines of a document; the very last one is English in every language."""
    told = translated(document.sentence, document.language)
    return (document.sentence,) if told == document.sentence else (told, document.sentence)
