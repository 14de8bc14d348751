"""One stand-in service as others reach it."""

from collections import Counter
from typing import Any, ClassVar

from sandbox.faults import Faults
from sandbox.server import Profile, Server, Service


class Running:
    """One service as others reach it: its address, what it served, and its faults."""

    def __init__(self, service: Service, profile: Profile, connection_limit: int | None = None) -> None:
        self.server = Server(service, profile, connection_limit)
        self.url = f"http://127.0.0.1:{self.server.port}"

    names: ClassVar[tuple[str, ...]] = ("url",)

    def credentials(self) -> dict[str, Any]:
        """What a client needs, as the port file holds it."""
        return {name: getattr(self, name) for name in self.names}

    @property
    def requests(self) -> "Counter[tuple[str, str]]":
        """How often each (method, route template) was served."""
        return self.server.requests

    @property
    def faults(self) -> Faults:
        """The faults to order of this service."""
        return self.server.faults
