"""`explain --reveal`: nobody's data is shown before it is known whose shop answers."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from connector.cli.policy import _reveal
from connector.errors import OtherShop
from connector.records import Kind, Ref

REF = Ref(adapter="shop", kind=Kind.ORDER, id="1")


def test_another_shop_is_refused_before_a_record_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def other() -> None:
        raise OtherShop("shop is another shop. Correct the address.")

    def fetch(_refs: Any) -> Any:
        raise AssertionError("the record was asked for")

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    opened: Any = SimpleNamespace(recognise=other, platforms={"shop": SimpleNamespace(fetch=fetch)})
    with pytest.raises(OtherShop):
        _reveal(opened, REF)
