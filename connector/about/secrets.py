"""Where a secret comes from, and its value: asked for late, never shown."""

import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from connector.about.refusing import refuse
from connector.machine.files import text_of

REMEDY = 'Write { env = "NAME" }, { file = "path" } or { command = ["pass", "show", "name"] }.'

ROOT = 0
_COMMAND_SECONDS = 30
MARK = "\ufeff"
"""What some editors and shells put before a text (byte order mark)."""


class SecretMissing(Exception):
    """A secret whose source gave nothing; the message names the source and the remedy."""


class Secret(BaseModel):
    """The source of a secret: a variable, a file or a command; exactly one of them."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"minProperties": 1, "maxProperties": 1},
    )

    env: str | None = None
    file: Path | None = None
    command: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_plain_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise refuse(f"a secret may not stand in the file. {REMEDY} Then change the one that stood here.")
        if isinstance(value, dict) and len(value) != 1:
            raise refuse(f"a secret has exactly one source. {REMEDY}")
        return value

    def __str__(self) -> str:
        if self.env is not None:
            return f"env {self.env}"
        if self.file is not None:
            return f"file {self.file}"
        return f"command {(self.command or ('',))[0]}"

    def value(self, environ: Mapping[str, str]) -> str:
        """The secret itself. Raises SecretMissing where the source gives none."""
        if self.env is not None:
            return _from_environment(self.env, environ)
        if self.file is not None:
            return _from_file(self.file)
        return _from_command(self.command or ())

    def open_to_others(self) -> bool:
        """Whether the secret lies in a file that others may read, or a group that root did not choose.

        A file of root's that a group may read is how a system hands a secret to a user without a way to
        change it (a mounted secret, a package's own file).
        """
        if self.file is None or not self.file.is_file():
            return False
        found = self.file.stat()
        wide = stat.S_IROTH if found.st_uid == ROOT else stat.S_IRGRP | stat.S_IROTH
        return bool(found.st_mode & wide)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    # A file of variables saved with a mark gives its first one a name that begins with it.
    value = (environ.get(name) or environ.get(MARK + name, "")).lstrip(MARK).strip()
    if not value:
        raise SecretMissing(f"the environment variable {name} is not set. Set it where gallra runs.")
    return value


def _from_file(path: Path) -> str:
    """The text of a file. One that everybody may write holds nobody's secret: whoever wrote it chose it."""
    try:
        written_by_all = path.stat().st_mode & stat.S_IWOTH
        value = text_of(path).strip()
    except (OSError, UnicodeDecodeError):
        raise SecretMissing(f"the file {path} cannot be read. Create it, readable by you only.") from None
    if written_by_all:
        told = f"the file {path} can be written by everyone on this machine. Run chmod 600 on it."
        raise SecretMissing(told)
    if not value:
        raise SecretMissing(f"the file {path} is empty. Put the secret in it.")
    return value


def _from_command(command: tuple[str, ...]) -> str:
    """The first line that the command prints; its output is never part of an error."""
    name = command[0] if command else ""
    try:
        answer = subprocess.run(  # noqa: S603 - the merchant's own command, from the merchant's own file, no shell
            command, capture_output=True, timeout=_COMMAND_SECONDS, check=False, text=True
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise SecretMissing(f"the command {name} did not run. Run it by hand and see.") from None
    lines = answer.stdout.lstrip(MARK).strip().splitlines()
    if answer.returncode or not lines:
        raise SecretMissing(f"the command {name} gave no secret. Run it by hand and see.")
    return lines[0].strip()
