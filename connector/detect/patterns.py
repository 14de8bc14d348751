"""Regular expressions that are compiled when they are first asked: most commands never read a text."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    expression = re.compile
else:

    class expression:  # noqa: N801 - reads like re.compile, whose place it takes
        """A `re.Pattern` in all but its birth; compiling all of detection's costs every command 0.2 s."""

        def __init__(self, text: str, flags: int = 0) -> None:
            self._text = text
            self._flags = flags

        def __getattr__(self, name: str) -> Any:
            asked = getattr(re.compile(self._text, self._flags), name)
            setattr(self, name, asked)  # the next question finds it without coming here
            return asked
