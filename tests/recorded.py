"""What the project carries of the recordings that lie beside it: statuses, headers, codes and shapes.

None of the services' words are among it: a sentence is carried as its checksum, or as one of our own.
`python -m tests.recorded` writes it anew; tests/conformance/test_carried.py holds it to them where they lie.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from adapters.woocommerce.client import _CAUSES
from tests.support import shared_folder

CARRIED = Path(__file__).parent / "cases" / "recorded"
_HEADERS = ("Content-Type", "Location")
_ANSWERED = ("Content-Type", "Allow")
_SENTENCE, _PAGE = (
    "Made up where a sentence of the shop stood.",
    "<html>Made up where nginx wrote a page.</html>",
)
Json = dict[str, Any]


def woocommerce_errors(shared: Path) -> Json:
    """Every error that a real WooCommerce gave: method, status, headers, the body in words of our own."""
    folder = shared / "woocommerce" / "recordings"
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("error_*.json"))}
    return {name: _exchange(one) for name, one in found.items()}


def _exchange(recorded: Json) -> Json:
    response = recorded["response"]
    headers = {
        name: re.sub("^https?://[^/]+", "https://elsewhere.example", value)
        for name, value in response["headers"].items()
        if name in _HEADERS
    }
    body = _in_own_words(response["body"]) if isinstance(response["body"], dict) else _PAGE
    return {
        "request": {"method": recorded["request"]["method"]},
        "response": {"status": response["status"], "headers": headers, "body": body},
    }


def _in_own_words(value: Any, name: str = "") -> Any:
    """A body whose sentences are ours; codes, names and numbers stay."""
    if isinstance(value, dict):
        return {
            key: _in_own_words(part, "message" if name == "params" else key) for key, part in value.items()
        }
    return _sentence(value) if name == "message" and isinstance(value, str) else value


def _sentence(given: str) -> str:
    """One of ours, with the few words that the adapter itself reads an answer by."""
    return " ".join([_SENTENCE, *(words for words in _CAUSES if words in given)])


def woocommerce_answers(shared: Path) -> Json:
    """What a real WooCommerce answered to what any shop can be asked: status, headers, keys and types."""
    folder = shared / "woocommerce" / "recordings"
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    return {name: _answered(one) for name, one in found.items() if _is_general(one)}


def _is_general(recorded: Json) -> bool:
    request, status = recorded["request"], recorded["response"]["status"]
    of_one = any("@" in str(value) for value in request["params"].values()) or "customer" in request["params"]
    return request["method"] == "GET" and status == 200 and not of_one


def _answered(recorded: Json) -> Json:
    request, response = recorded["request"], recorded["response"]
    path = request["path"].replace("/wc/v3/../../wc-analytics", "/wc-analytics")
    return {
        "path": re.sub(r"/(orders|customers)/\d+", r"/\1/{id}", path),
        "params": request["params"],
        "status": response["status"],
        "headers": {name: response["headers"][name] for name in _ANSWERED if name in response["headers"]},
        "counted": "X-WP-Total" in response["headers"],
        "shape": _shape(response["body"]),
    }


def _shape(value: Any) -> Any:
    """Keys and types; of a list each shape once."""
    if isinstance(value, dict):
        return {key: _shape(part) for key, part in value.items()}
    if isinstance(value, list):
        rows = [_shape(part) for part in value]
        return [row for place, row in enumerate(rows) if row not in rows[:place]]
    if isinstance(value, bool) or value is None:
        return "bool" if isinstance(value, bool) else None
    return "number" if isinstance(value, int | float) else "text"


def shopify_refusals(shared: Path) -> Json:
    """Shopify's refusals: of user errors the checksum, of errors at the top the names of their parts."""
    text = (shared / "shopify" / "recorded-error-catalog.txt").read_text("utf-8")
    below, _, top = text.partition("=== top-level errors")
    return {"user_errors": sorted(_user_errors(below)), "top": _top(top)}


def _user_errors(text: str) -> set[str]:
    found, mutation = set(), ""
    for line in text.splitlines():
        if line.startswith("* "):
            mutation = line[2:].strip()
        elif line.strip().startswith("|"):
            field, message, code = (part.strip() for part in line.strip()[1:].rsplit(" | ", 2))
            found.add(checksum(mutation, field, message, code))
    return found


def checksum(mutation: str, field: str, message: str, code: str) -> str:
    """What is carried of a user error: long enough that no other has it."""
    return hashlib.sha256("\n".join((mutation, field, message, code)).encode()).hexdigest()[:20]


def _top(text: str) -> Json:
    found: dict[str, list[Json]] = {}
    for line in text.splitlines():
        code, bar, rest = line.partition(" | ")
        if bar and rest.startswith("{"):
            error = {"extensions": {}, **json.loads(rest.split(" | ")[0])}
            parts = {"parts": sorted(error), "extensions": sorted(error["extensions"])}
            parts["path"] = type(error.get("path")).__name__
            if parts not in found.setdefault(code, []):
                found[code].append(parts)
    return found


PARTS = {
    "woocommerce_errors": woocommerce_errors, "woocommerce_answers": woocommerce_answers,
    "shopify_refusals": shopify_refusals,
}  # fmt: skip


@cache
def carried(name: str) -> Json:
    """One of the carried parts."""
    read: Json = json.loads((CARRIED / f"{name}.json").read_text("utf-8"))
    return read


def main() -> None:
    """Writes every part anew from the folder beside the project."""
    for name, made in PARTS.items():
        text = json.dumps(made(shared_folder()), indent=1, ensure_ascii=False, sort_keys=True)
        (CARRIED / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
