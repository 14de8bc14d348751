"""A person's request to be erased on a shop that every recipient is connected to, and what came of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connector.cli.demo.asking import Asking

if TYPE_CHECKING:
    from connector.cli.demo.script import Script

_COLUMNS = ("confirmed", "instructed", "stopped", "accepted", "notified", "kept", "failed", "by_hand")


def request_everywhere(script: "Script", address: str) -> list[str]:
    """One person is erased, from the first word to the answer; a line on what came of it at each."""
    script.tell(
        "Erase me (Art. 17), on a small shop that every recipient is connected to:",
        "Radera mig (artikel 17), på en liten butik som alla mottagare är anslutna till:",
    )
    script.type("check", show=False)
    script.mark_listeners()
    plan = Asking(script, [address]).erase()
    protocol = script.json("report", "--run", plan)
    return [_line(one["name"], dict(_counted(one, script.lang))) for one in protocol["recipients"]]


def carried_at(script: "Script") -> Iterator[str]:
    """A line on each recipient of a shop whose copies the shop system's own erasure takes."""
    for one in script.json("recipient", "list")["recipients"]:
        if one["what"] == "carried":
            accepted = dict(_counted({"accepted": one["waiting"]}, script.lang))
            yield _line(one["title"], accepted, f"({one['until']})" if one["until"] else "")


def _counted(one: dict[str, int], lang: str) -> Iterator[tuple[str, int]]:
    from connector.report.words import Words

    words = Words("en" if lang == "en" else "sv")
    for column in _COLUMNS:
        if one.get(column):
            yield words.code("column", column).lower(), one[column]


def _line(name: str, counted: dict[str, int], more: str = "") -> str:
    said = ", ".join(f"{word} {number}" for word, number in counted.items()) or "–"
    return f"{name:<36} {said} {more}".rstrip()
