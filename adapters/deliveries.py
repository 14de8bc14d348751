"""Work done several at a time, and what an answer means for one delivery."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from adapters.http import CACHED, HTML
from adapters.http.meaning import PRINTED
from connector.errors import Rejected, RemoteError, RetryLater
from connector.ports import Delivery, DeliveryReceipt
from connector.records import Outcome

_NO_ANSWER = (CACHED, HTML, PRINTED, "no_object", "other_answer")

Item = TypeVar("Item")
Result = TypeVar("Result")


def abreast(work: Callable[[Item], Result], items: Iterable[Item], *, workers: int) -> Iterator[Result]:
    """The results as they come, at most `workers` under way; the items are taken as they are needed.

    An error ends the taking; what was under way is still yielded before the error is raised.
    """
    waiting = iter(items)
    failure: BaseException | None = None
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running: set[Future[Result]] = {pool.submit(work, item) for item in islice(waiting, workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            failure = failure or next((e for e in (f.exception() for f in done) if e), None)
            if failure is None:
                running |= {pool.submit(work, item) for item in islice(waiting, len(done))}
            yield from (future.result() for future in done if future.exception() is None)
    if failure is not None:
        raise failure


def reason_of(error: RemoteError) -> str:
    """The service's own code of an error, or its status; never a text of the service."""
    return error.code or (f"status_{error.status}" if error.status else "no_answer")


def says_nothing(error: Rejected) -> bool:
    """Whether an answer is none to what was asked: a page, a cache's, another object's, a bare not-found."""
    unsaid = error.status in (404, 410) and error.code in ("", HTML)
    return unsaid or 200 <= error.status < 300 or error.code in _NO_ANSWER


def asked_to_wait(delivery: Delivery, reason: str, after: float | None = None) -> DeliveryReceipt:
    """The receipt of a delivery to try again later; `after` are the seconds that the recipient asked for."""
    return DeliveryReceipt(
        id=delivery.id, outcome=Outcome.REFUSED, reason=reason, token=delivery.token, retry=True, after=after
    )


class Patience:
    """Turns errors into receipts; after `limit` failures in a row the rest wait for another run.

    Each failure has already been retried with back-off, so a service that is down would
    otherwise hold a run for minutes per delivery.
    """

    def __init__(self, limit: int = 3) -> None:
        self._limit = limit
        self._failures = 0
        self._after: float | None = None
        self._lock = threading.Lock()

    def attempt(self, delivery: Delivery, work: Callable[[Delivery], DeliveryReceipt]) -> DeliveryReceipt:
        """The receipt of one delivery; AccessDenied passes through and stops the adapter."""
        if self._failures >= self._limit:
            return asked_to_wait(delivery, "service_busy", self._after)
        try:
            receipt = work(delivery)
        except RetryLater as error:
            self._after = error.after
            self._count(failed=True)
            return asked_to_wait(delivery, reason_of(error), error.after)
        except Rejected as error:
            if says_nothing(error):  # no answer of the recipient's: another run asks again
                return asked_to_wait(delivery, f"unread:{reason_of(error)}")
            receipt = DeliveryReceipt(id=delivery.id, outcome=Outcome.REFUSED, reason=reason_of(error))
        self._count(failed=False)
        return receipt

    def _count(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
