"""One act of a description, carried out for one delivery and read back."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from adapters.described.service import Object, Service
from adapters.described.values import at, formed, said
from connector.about.described import Does
from connector.about.described.parts import ReadBack
from connector.ports import NEVER_THERE, Act, Delivery, DeliveryReceipt, Seen
from connector.records import Outcome

BEGUN = "begun"  # the token of a delivery whose call is under way: a try after a lost answer finds it done
ASKED_BY_API = "asked_by_api"
_REQUEST = re.compile(r"[\w.:~+=/-]{1,120}\Z", re.ASCII)


class _Asked(NamedTuple):
    """When it was asked for, and under which number the service took that in."""

    on: date
    request: str = ""

    def token(self) -> str:
        return f"asked:{self.on.isoformat()}" + (f":{self.request}" if self.request else "")


class Deed:
    """Carries out one act of a description at its service."""

    def __init__(self, service: Service, does: Does, today: date) -> None:
        assert does.call is not None
        assert does.read_back is not None
        self._service, self._does, self._today = service, does, today
        self._call, self._back = does.call, does.read_back

    def push(self, delivery: Delivery) -> DeliveryReceipt:
        """Does it, or goes on where an earlier try stopped. Raises NotAnId and what the service raises."""
        asked = _asked_of(delivery.token)
        if asked is not None and self._back.by in ("request", "nothing"):
            going_on = self._followed(delivery, asked)
            if going_on is not None:
                return going_on
            asked = None
        words = {"value": formed(delivery.value, self._does.value)}
        if self._does.look is None:
            return self._carried_out(delivery, words, ())
        found = self._found(words)
        left = [one for one in found if not self._is_done(one)]
        begun = delivery.token == BEGUN or asked is not None
        if not left and begun:  # an earlier try did it, and was told so late or never
            return _receipt(delivery, self._outcome(delivery))
        if not left:
            return _receipt(delivery, Outcome.ALREADY_GONE, "gone" if found else NEVER_THERE)
        if asked is not None and self._today <= asked.on + timedelta(days=self._back.days):
            return self._waits(delivery, asked)
        return self._carried_out(delivery, words, left)

    def seen(self, delivery: Delivery) -> tuple[Seen, str]:
        """Whether it is still there, by the service's own answer now."""
        if self._back.by not in ("look", "field"):
            return Seen.CANNOT_BE_KNOWN, ASKED_BY_API
        found = self._found({"value": formed(delivery.value, self._does.value)})
        if any(not self._is_done(one) for one in found):
            return Seen.STILL_THERE, ""
        if found or self._back.by == "look" or self._by_list():
            return Seen.GONE, ""
        return Seen.CANNOT_BE_KNOWN, "not_readable_there"  # an object that is not shown vouches for nothing

    def _found(self, words: Mapping[str, str]) -> Sequence[Object]:
        """What is there of the value: by what `through` found, where it has an id of its own there."""
        look, through = self._does.look, self._does.through
        assert look is not None
        if through is None:
            return self._service.look(look, words)
        ids = [said(at(one, through.id)) for one in self._service.look(through, words)]
        if not all(ids):
            raise self._service.no_object("look in a list")
        return [one for id_ in ids for one in self._service.look(look, {"value": id_})]

    def _by_list(self) -> bool:
        looks = (self._does.through, self._does.look)
        return any(look is not None and look.items for look in looks)

    def _is_done(self, one: Object) -> bool:
        return self._back.by == "field" and said(at(one, self._back.field)) in self._back.equals

    def _carried_out(
        self, delivery: Delivery, words: Mapping[str, str], left: Sequence[Object]
    ) -> DeliveryReceipt:
        look = self._does.look
        every = [{**words, "found": said(at(one, look.id))} for one in left] if look else [words]
        delivery.about_to(BEGUN)
        answers = [self._service.call(self._call, each) for each in every]
        if self._back.by in ("request", "nothing"):
            return self._waits(delivery, _Asked(self._today, self._request_of(answers)))
        self._service.anew()
        still = [one for one in self._found(words) if not self._is_done(one)]
        if not still:
            return _receipt(delivery, self._outcome(delivery))
        if self._back.days:
            return self._waits(delivery, _Asked(self._today))
        return _receipt(delivery, Outcome.REFUSED, "still_there")

    def _request_of(self, answers: Sequence[Any]) -> str:
        """The number that the service gave the request. Raises Rejected for an answer without one."""
        if self._back.by == "nothing":
            return ""
        request = said(at(answers[0], self._back.id)) if answers else ""
        if not _REQUEST.match(request):
            raise self._service.no_object("carry out")
        return request

    def _followed(self, delivery: Delivery, asked: _Asked) -> DeliveryReceipt | None:
        """What came of a request; None where it is to be asked for anew."""
        over = self._today >= asked.on + timedelta(days=self._back.days)
        if self._back.by == "nothing":
            return (
                _receipt(delivery, Outcome.NOTIFIED, ASKED_BY_API) if over else self._waits(delivery, asked)
            )
        states = self._states(asked.request)
        if states and all(state in self._back.done for state in states):
            return _receipt(delivery, self._outcome(delivery))
        if any(state in self._back.failed for state in states):
            return _receipt(delivery, Outcome.REFUSED, "request_failed")
        return None if over else self._waits(delivery, asked)

    def _states(self, request: str) -> list[str]:
        back = self._back
        body = self._service.asked_about(back.path, back.query, request)
        if back.same and said(at(body, back.same)) != request:
            raise self._service.other_answer("ask about a request")
        rows = at(body, back.items or ".")
        every = rows if isinstance(rows, list) else [rows]
        return [said(at(row, back.state)) for row in every]

    def _waits(self, delivery: Delivery, asked: _Asked) -> DeliveryReceipt:
        """It was asked for on this day: what came of it is asked on the next, or when it must be over."""
        wait = _days_until(self._back, asked.on, self._today)
        return DeliveryReceipt(
            id=delivery.id, outcome=Outcome.ACCEPTED, token=asked.token(),
            due=self._today + timedelta(days=wait),
        )  # fmt: skip

    def _outcome(self, delivery: Delivery) -> Outcome:
        return Outcome.STOPPED if delivery.act is Act.STOP else Outcome.DONE


def _days_until(back: ReadBack, asked: date, today: date) -> int:
    """Days until something can have come of it: one where it can be asked about, else all that it takes."""
    if back.by != "nothing":
        return 1
    return max(1, (asked + timedelta(days=back.days) - today).days)


def _asked_of(token: str) -> _Asked | None:
    """When and as what a delivery was asked for, by its token; None where it was not."""
    head, _, rest = token.partition(":")
    day, _, request = rest.partition(":")
    try:
        return _Asked(date.fromisoformat(day), request) if head == "asked" else None
    except ValueError:  # asked again: every call of a description may be repeated
        return None


def _receipt(delivery: Delivery, outcome: Outcome, reason: str = "") -> DeliveryReceipt:
    return DeliveryReceipt(id=delivery.id, outcome=outcome, reason=reason)
