"""Names and addresses masked inside a text that stays."""

import pytest

from connector.detect import Found, Type
from connector.places.masking import MASK, masked


def test_an_address_that_a_mask_brings_to_light_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def one_at_a_time(text: str) -> tuple[Found, ...]:
        seen.append(text)
        at = text.find("@")
        return (Found(type=Type.EMAIL, start=at, end=at + 1),) if at >= 0 else ()

    monkeypatch.setattr("connector.places.masking.detect", one_at_a_time)
    assert masked("a@ b@", (), addresses=True) == f"a{MASK} b{MASK}"
    assert len(seen) == 3


def test_a_spelt_address_is_masked_whole() -> None:
    assert masked("mejla anna (at) kund.example tack", (), addresses=True) == f"mejla {MASK} tack"
