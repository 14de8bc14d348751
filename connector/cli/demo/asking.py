"""What persons ask for in the demo: one request of each kind, from the first word to the answer."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import Exit
from connector.machine.files import write_text
from connector.shop import system_clock

if TYPE_CHECKING:
    from connector.cli.demo.script import Script

BY = ("--by", "Disa Demo")
ADDRESS = "address.txt"
"""The file that an address is read from: it is never typed on the line itself."""

OBJECTIONS = """
[objections]
by = "Disa Demo"
role = "owner"
on = {today}
on_behalf = "Kvarnbackens Kök AB"
evidence = "the owner's word of {today}"
until = {until}
"""
NEEDED = 4


class Asking:
    """Made-up persons ask, and a named person answers, in one shop's folder."""

    def __init__(self, script: "Script", people: Sequence[str]) -> None:
        self._script = script
        self._people = iter(people)

    def run(self) -> None:
        """A request of each other kind than to erase; the last line that each command says."""
        tell = self._script.tell
        tell(
            "Persons ask; the last line of each command. What does the shop hold of me (Art. 15, 20)?",
            "Personer begär något; sista raden av varje. Vad har butiken om mig (artikel 15 och 20)?",
        )
        self._see("access")
        self._see("portability")
        tell("No more mailings (Art. 21): ended in every channel, and read back:",
             "Inga fler utskick (artikel 21): avslutat i varje kanal, och återläst:")  # fmt: skip
        self._object()
        tell("Only store it (Art. 18), and correct it (Art. 16):",
             "Bara lagra det (artikel 18), och rätta det (artikel 16):")  # fmt: skip
        self._restrict()
        self._rectify()

    def _see(self, kind: str) -> None:
        code = self._proven(kind)
        self._type("request", "access", code, *BY)
        self._type("request", "letter", code, "accessed")
        self._type("request", "answer", code, *BY)

    def erase(self) -> str:
        """The first person is erased, from the first word to the answer; the code of the plan that did it."""
        code = self._proven("erase", decided=False)
        plan = str(self._script.json("request", "decide", code)["plan"])
        self._type("approve", plan, *BY, "--role", "owner", "--first-run")
        # The shop's own new plan may wait for its approval: that is no fault of the request's.
        self._script.type("run", last=True, allow=(Exit.BLOCKED, Exit.PARTIAL))
        tell = self._script.tell
        tell("Letters to recipients that have no API: somebody posts them, and says so:",
             "Brev till mottagare utan API: någon postar dem, och säger det:")  # fmt: skip
        letters = [str(one["letter"]) for one in self._script.json("letters", "list")["letters"]]
        if letters:
            self._type("letters", "sent", *letters, *BY, "--how", "by post")
        self._type("request", "letter", code, "erased")
        self._type("request", "answer", code, "--part", *BY)
        return plan

    def _object(self) -> None:
        today = system_clock().date()
        text = OBJECTIONS.format(today=today, until=today + timedelta(days=180))
        with (self._script.folder / "shop.toml").open("a", encoding="utf-8") as file:
            file.write(text)
        self._write(next(self._people))
        self._script.type("unsubscribe", "--address-from", "-", *BY, last=True, given=ADDRESS)

    def _restrict(self) -> None:
        code = self._proven("restrict")
        self._type("request", "letter", code, "confirmation")
        self._type("request", "answer", code, *BY)

    def _rectify(self) -> None:
        code = self._proven("rectify")
        self._type("request", "letter", code, "receipt")
        self._type("request", "list")

    def _proven(self, kind: str, *, decided: bool = True) -> str:
        """Takes a request in, proves the address by its code, and decides it; the request's code."""
        self._write(next(self._people) if kind != "portability" else self._last)
        self._script.type("request", "open", kind, "--person", *BY, last=True, given=ADDRESS)
        code = str(self._script.json("request", "list")["requests"][-1]["code"])
        secret = str(self._script.json("request", "identify", code, "--send")["code"])
        self._type("request", "identify", code, "--code", secret, *BY)
        if decided:
            self._type("request", "decide", code)
        return code

    def _write(self, address: str) -> None:
        self._last = address
        write_text(Path(self._script.folder / ADDRESS), f"{address}\n")

    def _type(self, *words: str) -> None:
        self._script.type(*words, last=True)
