"""Stand-in services over HTTP on loopback, with faults on demand: for the demo, tests and benchmarks.

Nothing is loaded before a name is asked for, so that `sandbox` may be named where nothing of it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.box import Sandbox
    from sandbox.faults import Faults
    from sandbox.server import Profile

__all__ = ["Faults", "Profile", "Sandbox"]
_PLACES = {"Faults": "faults", "Profile": "server", "Sandbox": "box"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'sandbox' has no attribute {name!r}")
    return getattr(import_module(f"sandbox.{_PLACES[name]}"), name)
