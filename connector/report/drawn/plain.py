"""Text of a report on a terminal: styled by us alone, whatever stands in it."""

from typing import Any

from rich.text import Text as Styled

from connector.text.printable import printable


class Text(Styled):
    """Rich's text, of which no character is a control, an escape or a direction mark."""

    def __init__(self, text: str = "", *args: Any, **named: Any) -> None:
        super().__init__(printable(text), *args, **named)

    def append(self, text: Any, *args: Any, **named: Any) -> "Text":
        """Adds text, printable too."""
        super().append(printable(text) if isinstance(text, str) else text, *args, **named)
        return self
