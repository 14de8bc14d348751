"""A text with gaps in braces that a shop may write itself; nothing but the known gaps is ever filled."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

_GAP = re.compile(r"\{([^{}\n]*)\}")
MOST_OF_A_TEXT = 20_000  # characters; a mail that is longer is no mail that anybody reads
MOST_OF_A_SUBJECT = 200


class Template(NamedTuple):
    """The subject and the body of a mail, with gaps."""

    subject: str
    body: str

    def filled(self, values: Mapping[str, str]) -> "Template":
        """The same with its gaps filled, each value in one pass: a value with braces fills no other gap."""
        return Template(*(_GAP.sub(lambda gap: values[gap[1]], part) for part in self))


def read_template(text: str) -> Template:
    """A file's first line is the subject, the rest after an empty line the body. Raises ValueError."""
    head, _, body = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    if body and not body.startswith("\n"):
        raise ValueError("must have the subject alone on its first line, then an empty line, then the text")
    return Template(head.strip(), body.strip("\n") + "\n")


def faults(template: Template, *, known: Collection[str], must: Collection[str]) -> list[str]:
    """What is wrong with a template, a line each; none where it can be sent."""
    gaps = {name for part in template for name in _GAP.findall(part)}
    told = [f"has a gap {{{_name(name)}}} that nothing fills" for name in sorted(gaps - {*known})]
    body = {*_GAP.findall(template.body)}
    told += [f"lacks {{{name}}} in the text" for name in sorted({*must} - body)]
    told += ["has a brace that belongs to no gap"] if _stray(template) else []
    told += ["has no subject"] if not template.subject else []
    told += ["has no text"] if not template.body.strip() else []
    told += ["is too long"] if _is_long(template) else []
    told += ["holds signs that cannot be shown"] if _hidden(template) else []
    return told


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]{1,30}", name) else "…"


def _stray(template: Template) -> bool:
    return any(mark in _GAP.sub("", part) for part in template for mark in "{}")


def _is_long(template: Template) -> bool:
    return len(template.body) > MOST_OF_A_TEXT or len(template.subject) > MOST_OF_A_SUBJECT


def _hidden(template: Template) -> bool:
    lines = [template.subject, *template.body.split("\n")]
    return not all(line.replace("\t", " ").isprintable() for line in lines)
