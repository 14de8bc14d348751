"""What `init` writes beside the shop's file: no repository takes in personal data, or the keys to it."""

from collections.abc import Sequence

HEAD = "# What Gallra keeps beside the settings: ledgers, keys, letters and reports."
KEPT_OUT = ("*.sqlite*", "*.key", "*.secret", "*-letters/", "*-reports/", ".gallra-init.json")


def ignoring(there: str) -> str:
    """A .gitignore with these patterns; what stands in one already stays, and lacks only what it lacks."""
    lacking = _lacking(there.splitlines())
    if not lacking:
        return there
    before = there if not there or there.endswith("\n") else f"{there}\n"
    return "\n".join([f"{before}{HEAD}", *lacking, ""])


def _lacking(lines: Sequence[str]) -> list[str]:
    written = {line.strip() for line in lines}
    return [pattern for pattern in KEPT_OUT if pattern not in written]
