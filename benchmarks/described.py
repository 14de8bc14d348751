"""A recipient written as a description beside the same one written as code: Payson, against its stand-in.

Run: python -m benchmarks.described [calls]. Processor time, for the calls wait for the same service; the two
in turn, the best of several rounds, so that what else the machine does touches both alike.
"""

import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.described.processor import build as build_described
from adapters.payson.processor import build as build_coded
from benchmarks.clients import NOON
from benchmarks.machine import Figure, about, at_most, plain, premise, scratch, show
from benchmarks.services import services
from connector.ports import Act, Delivery, DeliveryReceipt
from connector.records import Kind, Ref
from connector.registry import read_recipient

CALLS, ROUNDS = 400, 7
DESCRIPTION = Path(__file__).resolve().parents[1] / "tests" / "cases" / "described" / "payson.toml"


def measure(calls: int) -> list[Figure]:
    """The same look-ups, copies and letters by both, and how much more the description takes."""
    with scratch() as folder, services(orders=2_000, customers=800, mode="fast") as running:
        keys = {name: running.credentials["payson"][name] for name in ("url", "agent", "key")}
        known = running.checkouts()[:calls]
        both = [_coded(keys, folder / "code"), _described(keys, folder / "description")]
        answers = [_work(one, known) for one in both]
        premise(len(known) > min(calls, 10) / 2, "Payson's stand-in has no checkouts to ask for")
        premise(answers[0] == answers[1], "the description and the code do not give the same answers")
        whole = all(answers[0][0]) and all(len(part) == len(known) for part in answers[0])
        premise(whole, "not every checkout was found, copied out and told of")
        taken = [[_timed(one, known) for one in both] for _ in range(ROUNDS)]
        asked = running.requests()
    code, description = (min(row[at] for row in taken) for at in (0, 1))
    written = [route for route in asked if not route.startswith("GET ")]
    premise(not written, f"something was written at Payson: {written}")
    each = [round(one * 1e6 / len(known)) for one in (description, code)]
    return [
        at_most("a description beside code", description / code, 1.1, "times",
                f"{each[0]} µs of processor a checkout, {each[1]} as code"),
        plain("checkouts", len(known), "checkouts", f"the best of {ROUNDS} rounds"),
    ]


def _letter(folder: Path) -> dict[str, Any]:
    return {
        "letter": {
            "folder": str(folder), "period": "monthly", "language": "sv", "role": "controller", "code": "PA",
            "name": "payson", "title": "Svea Bank AB", "company": "Kvarnbackens Kök AB",
            "contact": "dataskydd@kvarnbacken.example",
        }
    }  # fmt: skip


def _coded(keys: Mapping[str, Any], folder: Path) -> Any:
    return build_coded({**keys, **_letter(folder)}, clock=_noon)


def _described(keys: Mapping[str, Any], folder: Path) -> Any:
    one = read_recipient(DESCRIPTION.read_text("utf-8"), file=DESCRIPTION.name)
    return build_described({**keys, **_letter(folder), "description": one}, clock=_noon)


def _noon() -> datetime:
    return NOON


def _work(one: Any, known: list[str]) -> tuple[list[Any], list[Any], list[Any]]:
    """What a run asks of it: how each checkout stands, a copy of each, and a line in a letter of each."""
    told = [
        Delivery(
            id=number, act=Act.NOTIFY, kind=Kind.ORDER, handle="payson_checkout", value=value,
            ref=Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(number)), planned=NOON.date(),
        )
        for number, value in enumerate(known, 1)
    ]  # fmt: skip
    receipts: list[DeliveryReceipt] = list(one.push(told))
    copied = one.copy_out({"payson_checkout": known})
    copies = [(copy.value, copy.emails, len(copy.shown)) for copy in copied if not copy.reason]
    return [one.look_up(value) for value in known], copies, [receipt.outcome for receipt in receipts]


def _timed(one: Any, known: list[str]) -> float:
    began = time.process_time()
    _work(one, known)
    return time.process_time() - began


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    show("Payson as a description beside its code", measure(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS))


if __name__ == "__main__":
    main()
