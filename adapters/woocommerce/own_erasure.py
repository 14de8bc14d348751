"""What WooCommerce and WordPress erase by themselves, without holds, floors or a protocol."""

from collections.abc import Mapping
from typing import Any

from adapters.woocommerce.client import Client
from adapters.woocommerce.texts import BOOKS, OWN_ERASURE, OWN_RETENTION, TEXTS, UNITS
from connector.errors import RemoteError
from connector.ports import Problem

# The older route to options: settings/account leaves the periods out, of a type that it does not know.
_OPTIONS = "wc-admin/options"
_SWITCHES = frozenset({"yes", "no"})


def own_erasure(client: Client) -> list[Problem]:
    """A warning for each period and switch that is on, and for what could not be read."""
    rows = client.get("settings/account", operation="read the privacy settings").json()
    account = {str(row.get("id")): row.get("value") for row in rows or () if isinstance(row, dict)}
    options = account | _read_options(client)
    problems = [_unknown("own_retention_unknown")] if _lacks_a_period(options) else []
    problems += [_period_set(name, *found) for name in OWN_RETENTION if (found := _period(options.get(name)))]
    if any(options.get(name) not in _SWITCHES for name in OWN_ERASURE):
        problems.append(_unknown("own_erasure_unknown"))
    return problems + [_switched_on(name) for name in OWN_ERASURE if options.get(name) == "yes"]


def _read_options(client: Client) -> dict[str, Any]:
    """The options by name, none where this key's user may not see them or the route is gone."""
    asked = (*OWN_RETENTION, *OWN_ERASURE)
    try:
        params = {"options": ",".join(asked)}
        body = client.get_from(_OPTIONS, params, operation="read the retention periods").json()
    except RemoteError:
        return {}
    return {name: body[name] for name in asked if name in body} if isinstance(body, dict) else {}


def _lacks_a_period(options: Mapping[str, Any]) -> bool:
    """Whether a period was not told, or in a way that is not known: an option that was never set is false."""
    return any(name not in options or not _readable(options[name]) for name in OWN_RETENTION)


def _readable(value: Any) -> bool:
    return not value or (isinstance(value, dict) and str(value.get("number") or "0").isdigit())


def _period(value: Any) -> tuple[int, str] | None:
    """Number and unit of a relative date; None where it is off."""
    if not isinstance(value, dict):
        return None
    number = str(value.get("number") or "")
    return (int(number), str(value.get("unit") or "days")) if number.isdigit() and int(number) > 0 else None


def _period_set(name: str, number: int, unit: str) -> Problem:
    (en, sv), (does, gor) = TEXTS["own_retention"], OWN_RETENTION[name]
    early, tidigt = BOOKS if "anonymize" in name else ("", "")
    return Problem(
        severity="warning",
        code=f"own_retention:{name.removeprefix('woocommerce_')}",
        en=en.format(what=does, number=number, unit=unit, books=early),
        sv=sv.format(what=gor, number=number, unit=UNITS.get(unit, unit), books=tidigt),
    )


def _switched_on(name: str) -> Problem:
    en, sv = OWN_ERASURE[name]
    code = f"own_retention:{name.removeprefix('woocommerce_')}"
    return Problem(severity="warning", code=code, en=en, sv=sv)


def _unknown(code: str) -> Problem:
    en, sv = TEXTS[code]
    return Problem(severity="warning", code=code, en=en, sv=sv)
