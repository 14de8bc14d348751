"""A description held to the suite against a recording of its service."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connector.about.described import GOOGLE, Described, Does
from connector.machine.files import text_of
from connector.ports import Act, Delivery, Processor
from connector.records import Field, Kind, Outcome, Ref
from connector.registry import BY_DESCRIPTION, build_processor, read_recipient
from connector.testing.between import Answer
from connector.testing.recipients import RecipientSuite
from connector.testing.recorded import Recorded, Recording

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_WRITES = ("erase", "rectify", "stop", "unsubscribe")


class OfFile(RecipientSuite):
    """The suite with a description and its recording in place of code and a stand-in."""

    one: Described
    recording: Recording
    wrong_key = "wrong-key-0000"

    @pytest.fixture
    def service(self) -> Iterator[Recorded]:
        """The recorded service, running."""
        looks = [look for does in self.one.does for look in (does.look, does.through) if look and look.items]
        lists = [*(look.path for look in looks), *(look.control for look in looks if look.control)]
        tested = [self.one.test.path] if self.one.test else []
        tokens = [urlsplit(self.one.auth.token).path] if self.one.auth.token else []
        with Recorded(self.recording, lists=[*lists, *tested], tokens=tokens) as service:
            yield service

    def build(self, service: Recorded, folder: Path, key: str | None = None) -> Processor:
        """The described recipient against the recording."""
        service.refuses = key is not None
        keys = {**self.recording.head.get("keys", {})}
        if self.one.auth.kind == GOOGLE:
            keys[self.one.auth.secret] = made_up_account()
        if key is not None and self.one.auth.kind != GOOGLE:
            keys[self.one.auth.secret] = key
        letter = {
            "name": self.one.name, "title": self.one.title, "code": self.one.code, "role": self.one.role,
            "period": "at_once", "folder": str(folder), "contact": "a@shop.example",
        }  # fmt: skip
        own = {"url": service.url, **keys, "letter": letter, "description": self.one, "sleep": _no_wait}
        return build_processor(BY_DESCRIPTION, own, clock=lambda: NOON)

    def deliveries(self, service: Recorded) -> list[Delivery]:
        """What the recording is asked for, and a letter of each kind."""
        asked = [*self.recording.head.get("deliveries", ()), *self._letters()]
        return [
            Delivery(
                id=number, act=Act(row["act"]), kind=Kind(row["kind"]), handle=row["handle"],
                value=row["value"], planned=date(2026, 11, 20),
                ref=Ref(adapter="shop", kind=Kind(row["kind"]), id="1001"),
                fields=frozenset(map(Field, row.get("fields", ()))),
            )
            for number, row in enumerate(asked, 1)
        ]  # fmt: skip

    def _letters(self) -> Iterator[Mapping[str, Any]]:
        for does in self.one.does:
            if does.act == "notify":
                fields = [str(field) for field in does.fields]
                yield {"act": "notify", "kind": str(does.kind), "handle": does.handle, "value": "1001",
                       "fields": fields}  # fmt: skip

    def can_be_read_back(self, delivery: Delivery) -> bool:
        """Whether the description says how this is read back."""
        does = self._does(delivery)
        return does is not None and does.read_back is not None and does.read_back.by in ("look", "field")

    def _does(self, delivery: Delivery) -> Does | None:
        return next(
            (
                does for does in self.one.does
                if does.act in _WRITES and (does.kind, does.handle) == (delivery.kind, delivery.handle)
                and delivery.act is not Act.NOTIFY
            ),
            None,
        )  # fmt: skip

    def requests(self, service: Recorded) -> Sequence[str]:
        """The methods so far; a token that is asked for changes nothing."""
        return ["GET" if path in service.tokens else method for method, path in service.asked]

    def secrets(self, service: Recorded) -> Sequence[str]:
        """The keys of the recording that are secret."""
        kinds = {name for name, key in self.one.keys.items() if key.kind == "secret"}
        return [str(value) for name, value in self.recording.head.get("keys", {}).items() if name in kinds]

    def misuse(self, service: Recorded) -> Sequence[object]:
        """Writes that the recording does not hold."""
        return service.misuse

    def busy(self, service: Recorded) -> None:
        """It asks for patience."""
        service.fault = "busy"

    def down(self, service: Recorded) -> None:
        """A page says that it is not available."""
        service.fault = "down"

    def silent(self, service: Recorded) -> None:
        """It answers nothing."""
        service.fault = "silent"

    def fail(self, service: Recorded, value: str, times: int) -> None:
        """So many requests that name this value fail."""
        service.fail(value, times)

    def lose_answers(self, service: Recorded) -> None:
        """The next writes are carried out unheard."""
        service.lose_answers()

    def well(self, service: Recorded) -> None:
        """No fault is left."""
        service.well()

    def answer(self, patch: pytest.MonkeyPatch, answer: Answer) -> None:
        """Something in between answers this."""
        patch.setattr(Recorded, "between", answer)

    def cached(self, patch: pytest.MonkeyPatch) -> None:
        """Each answer is a day old."""
        patch.setattr(Recorded, "cached", True)

    def forget(self, patch: pytest.MonkeyPatch) -> None:
        """Every object is not found."""
        patch.setattr(Recorded, "forgets", True)

    def mix_up(self, patch: pytest.MonkeyPatch) -> None:
        """Every object is another's, and nothing is carried out."""
        patch.setattr(Recorded, "mixes", True)


def suite_of(description: Path, recording: Path) -> type[OfFile]:
    """The suite of one description's file against one recording, for pytest to collect."""
    one = read_recipient(text_of(description), file=description.name)
    slow = any(does.read_back is not None and does.read_back.days for does in one.does)
    under_way = frozenset({Outcome.ACCEPTED, Outcome.DONE}) if slow else frozenset()
    listed = {does.handle for does in one.does if does.look is not None and does.look.items}
    made = {
        "one": one, "recording": Recording.of(recording), "under_way": under_way,
        "by_a_list": frozenset(listed),
    }  # fmt: skip
    return cast(type[OfFile], type("TestRecipient", (OfFile,), made))


def made_up_account() -> str:
    """A service account's file with a key of its own, that opens nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps({"client_email": "gallra@made-up.example", "private_key": pem, "made": time.time()})


def _no_wait(_: float) -> None:
    """Sleeps not at all."""
