"""What is typed in the demo, in which order, and what is said before each command."""

import json as text
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import typer

from connector.cli.common import out
from connector.cli.demo.settings import Services, environment, listener_text, shop_text
from connector.cli.speaking import said, speak
from connector.errors import Exit, GallraError
from connector.machine.files import text_of, write_text
from connector.shop import system_clock

WHO = ("--by", "Disa Demo", "--role", "owner")
FILE = "shop.toml"


class Script:
    """Runs the commands one by one, each shown as it is typed."""

    def __init__(self, folder: Path, environ: dict[str, str], lang: str, *, platform: str) -> None:
        self.folder = folder
        self.environ = environ
        self.lang = lang
        self.platform = platform
        self.planned = ""  # what the shop's plan said, before persons ask for anything

    @classmethod
    def of_shop(cls, folder: Path, platform: str, services: Services, lang: str, *, file: str = "") -> Self:
        """Writes the shop's file (`file` names another than its platform's), and is ready to type there."""
        write_text(folder / FILE, shop_text(file or platform, services, lang))
        environ = {**os.environ, **environment(services), "GALLRA_SHOP": FILE}
        return cls(folder, environ, lang, platform=platform)

    def run(self) -> None:
        """Check to protocol; an unexpected exit code ends the demo with it."""
        self.tell(
            "Which permissions the keys have, and who listens:",
            "Vad nycklarna får göra, och vem som lyssnar:",
        )
        self.type("check")
        self.tell("Read the shop into the index:", "Läs in butiken i indexet:")
        self.type("pull")
        self.tell("The dry run. Nothing is changed:", "Torrkörningen. Inget ändras:")
        self.type("plan")
        self._approve()
        self._apply()
        self.tell("The recipients:", "Mottagarna:")
        self.type("push")
        self.tell("The protocol, and everything read back:", "Protokollet, och allt läst igen:")
        self.type("verify", show=False)
        self.type("report")
        self.planned = str(self.json("show")["sentence"])

    def _approve(self) -> None:
        words = ("approve", self._code(), *WHO, "--evidence", "read the report")
        self.tell(
            "The limits stop a first run that nobody has looked at:", "Gränserna stoppar en första körning:"
        )
        self.type(*words, expect=Exit.BLOCKED)
        self.type(*words, "--first-run")

    def _apply(self) -> None:
        self.tell(
            "Something hears of changed orders; until it is marked, nothing goes:",
            "Något lyssnar på ändrade ordrar; innan det är märkt rörs inget:",
        )
        self.type("apply", expect=Exit.BLOCKED)
        self.mark_listeners()
        self.type("apply")

    def run_short(self) -> None:
        """The same on another platform: what was read, and each other command's last line alone."""
        self.tell(
            "The same commands on a Shopify shop; the last line of each:",
            "Samma kommandon på en Shopify-butik; sista raden av varje:",
        )
        self.type("check", last=True)
        self.type("pull")
        self.type("plan", last=True)
        self.type("approve", self._code(), *WHO, "--first-run", last=True)
        self.mark_listeners()
        # Shopify keeps some profiles until later: those steps are partial, and due in the next plan.
        self.type("apply", last=True, allow=(Exit.PARTIAL,))
        for word in ("push", "verify", "report"):
            self.type(word, last=True)

    def type(
        self,
        *words: str,
        expect: Exit = Exit.DONE,
        show: bool = True,
        last: bool = False,
        allow: Sequence[int] = (),
        given: str = "",
    ) -> None:
        """Types one command and shows what it says, all of it or its last line; `given` is what it reads."""
        read = f" < {given}" if given else ""
        out(f"\n$ gallra {' '.join(_quoted(word) for word in words)}{read}")
        ended = self._ended(words, capture=last or not show, given=given)
        if last:
            out((ended.stdout.strip().splitlines() or [""])[-1])
        if ended.returncode not in (expect, *allow):
            out(((ended.stdout or "") + (ended.stderr or "")).strip())
            raise GallraError(
                f"`gallra {words[0]}` ended with exit code {ended.returncode}, not {int(expect)}. "
                "What it said stands above; nothing outside the sandbox was touched."
            )
        if ended.returncode:
            out(f"(exit code {ended.returncode}, as it should be)")

    def _ended(
        self, words: tuple[str, ...], *, capture: bool = True, check: bool = False, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "connector", *words],
            cwd=self.folder,
            env=self.environ,
            capture_output=capture,
            encoding="utf-8",
            check=check,
            input=text_of(self.folder / given) if given else None,
        )

    def json(self, *words: str) -> Any:
        return text.loads(self._ended((*words, "--json"), check=True).stdout)

    def _code(self) -> str:
        return str(self.json("show")["digest"])[:8]

    def mark_listeners(self) -> None:
        """What a person does after testing one order: each listener gets a mark in the shop's file."""
        listeners = self.json("check")["services"][self.platform].get("listeners", [])
        with (self.folder / FILE).open("a", encoding="utf-8") as file:
            file.write(listener_text(listeners, system_clock().date()))
        out(f"\n# {len(listeners)} [[listener]] -> {FILE}")

    def closing(self, people: Sequence[str] = ()) -> None:
        """What was done, which report to open first, and the two sentences that sum the run.

        `people` are lines on what came of persons at each recipient.
        """
        ended = self._ended(("verify",))
        verified = ended.stdout.strip().splitlines()[-1]
        planned = self.planned
        self.tell("What was done:", "Vad som gjordes:")
        speak(self.lang)
        for sentence in (planned, verified):
            if self.lang != "en":
                out(f"  {said(sentence)}")
        self.tell(
            "What came of a person's request at each recipient:",
            "Vad det blev av en persons begäran hos varje mottagare:",
        )
        for line in people:
            out(f"  {line}")
        self.tell(
            "Open these in a browser, the first one first:", "Öppna dessa i en webbläsare, den första först:"
        )
        for path in self._pages():
            out(f"  {path}")
        self.tell("The same on pages, with a passkey:", "Detsamma på sidor, med en passkey:")
        out("  gallra demo --web")
        self.tell("The closing sentences:", "Slutmeningarna:")
        speak("en")  # they stand in English in every language, last
        out(planned)
        out(verified)
        if ended.returncode:
            raise typer.Exit(ended.returncode)

    def _pages(self) -> list[Path]:
        """The reports: this shop's own before those of the shop beside it, dry runs before protocols."""
        found = self.folder.rglob("reports/*.html")
        return sorted(found, key=lambda path: (len(path.relative_to(self.folder).parts), path))

    def tell(self, en: str, sv: str) -> None:
        out(f"\n# {sv if self.lang == 'sv' else en}")


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word
