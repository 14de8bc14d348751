"""Finds the function that answers a request, for the services with few routes."""

import re
import threading
from collections.abc import Callable

from sandbox.faults import Fault
from sandbox.wire import Answer, Request, ServiceError, encode

Handler = Callable[..., Answer]


class Router:
    """A table of routes; subclasses say who may call, and what a 404 looks like."""

    prefix = ""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._table: list[tuple[str, re.Pattern[str], str, Handler]] = []

    def serve(self, method: str, template: str, handler: Handler) -> None:
        """Adds a route; `<name>` in the template is one part of the path, handed on in its place."""
        pattern = re.compile(re.sub(r"<\w+>", "([^/]+)", template) + r"/?\Z")
        self._table.append((method, pattern, template, handler))

    def permit(self, request: Request) -> Answer | None:
        """The refusal for a caller who may not, or None."""
        raise NotImplementedError

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """The answer for an address that is not served."""
        raise NotImplementedError

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        """The answer to one request."""
        with self.lock:
            refusal = self.permit(request)
            if refusal:
                return refusal
            if fault and fault.kind == "query_dropped":
                request = request.without_query()
            try:
                answer = self._dispatch(request)
            except ServiceError as error:
                answer = error.answer
            if answer.body is not None and not isinstance(answer.body, str | bytes):
                answer.body = encode(answer.body)
            return answer

    def _dispatch(self, request: Request) -> Answer:
        path = request.path.removeprefix(self.prefix)
        other_method = False
        for method, pattern, template, handler in self._table:
            match = pattern.match(path)
            if match and method == request.method:
                answer = handler(request, *match.groups())
                answer.route = template
                return answer
            other_method = other_method or match is not None
        return self.unknown(request, other_method=other_method)
