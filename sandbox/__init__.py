"""Stand-in services over HTTP on loopback, with faults on demand: for the demo, tests and benchmarks."""

from sandbox.box import Sandbox
from sandbox.faults import Faults
from sandbox.server import Profile

__all__ = ["Faults", "Profile", "Sandbox"]
