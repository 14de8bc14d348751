"""Texts as WordPress stores them, and as they were typed."""

from connector.text.folding import unescaped


def as_typed_too(*addresses: str) -> list[str]:
    """E-mail addresses as stored and as typed: a checkout may keep `o&#039;b@…`, a recipient will not."""
    return [form for address in addresses for form in dict.fromkeys((address, unescaped(address)))]
