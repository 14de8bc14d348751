"""Tells monitors by signed webhook: beside the work, never in its way, and never twice the same."""

import time
from collections.abc import Callable, Iterator, Sequence

from connector.errors import GallraError
from connector.ledger.posts import FAILED, TRIES, Message, Posts, Waiting
from connector.ledger.states import PostState
from connector.outgoing import address_of, keys_of, send
from connector.ports.posting import Reply, Told
from connector.serve.messages import message, of_events, of_now
from connector.settings.outgoing import Webhook
from connector.settings.resolve import WEBHOOK
from connector.shop import Shop
from connector.text.webhook_signature import Signed

LONGEST = 60.0
"""Seconds that one command spends on messages in all; the rest is sent by the next."""

_GONE = 410


def tell(shop: Shop, *beside: Message) -> tuple[str, ...]:
    """Writes down what is to be told, and sends what may be sent now; what a person reads where it could not.

    Raises nothing: no work waits for it, and none fails by it.
    """
    return (
        *_beside_work(shop, lambda hook: _keep_events(shop, hook, beside)),
        *_beside_work(shop, lambda hook: _keep(shop, hook, of_now(shop))),
        *send_waiting(shop),
    )


def send_waiting(shop: Shop) -> tuple[str, ...]:
    """Sends what waits and may be sent now; what a person reads where it could not. Raises nothing."""
    until = time.monotonic() + LONGEST
    return _beside_work(shop, lambda hook: _send(shop, hook, until))


def _beside_work(shop: Shop, act: Callable[[Webhook], None]) -> tuple[str, ...]:
    faults: list[str] = []
    for hook in shop.settings.alerts.webhook if shop.has_ledger else ():
        try:
            act(hook)
        except Exception as fault:  # one that nobody foresaw too: it is a monitor's, not the work's
            said = str(fault) if isinstance(fault, GallraError) else type(fault).__name__
            faults.append(f"The monitor {hook.name} could not be told: {said}")
    return tuple(faults)


def altered(shop: Shop, found: str) -> Message:
    """That an audit found the ledger changed by hand: where, and nothing of what stood there."""
    data = {"kind": "ledger_altered", "found": found}
    return message(shop, Told.DEVIATION, f"audit {found}", data)


def _keep_events(shop: Shop, hook: Webhook, beside: Sequence[Message]) -> None:
    """Apart from how things stand, which a ledger that was changed by hand may not say any more."""
    with shop.ledger.begin() as connection:
        after = Posts(shop.ledger).told_through(connection, hook.name)
    _keep(shop, hook, [*of_events(shop, after=after), *beside])


def _keep(shop: Shop, hook: Webhook, found: Sequence[Message]) -> None:
    """Writes down what this webhook asked for and is not known yet."""
    posts = Posts(shop.ledger)
    with shop.ledger.begin() as connection:
        if not posts.is_disabled(connection, hook.name, address_of(hook)):
            posts.expire(connection)
            posts.put(connection, hook.name, [one for one in found if one.type in hook.events])


def _send(shop: Shop, hook: Webhook, until: float) -> None:
    """Sends what is due, oldest first, until one is not taken: the rest would fare no better now."""
    with shop.ledger.begin() as connection:
        due = Posts(shop.ledger).due(connection, hook.name)
    keys = keys_of(shop, f"{WEBHOOK}{hook.name}") if due else ()
    for one in _begun(shop, due):
        signed = Signed(one.key, int(shop.clock().timestamp()), one.body.encode())
        reply = send(shop, hook, signed, keys)
        if not _settled(shop, hook, one, reply) or time.monotonic() > until:
            return


def _begun(shop: Shop, due: Sequence[Waiting]) -> Iterator[Waiting]:
    """What is due, each counted on disk before it is sent."""
    for one in due:
        with shop.ledger.begin() as connection:
            begun = Posts(shop.ledger).begin(connection, one)
        if begun:
            yield one


def _settled(shop: Shop, hook: Webhook, one: Waiting, reply: Reply) -> bool:
    """Keeps what came of it; whether it was taken."""
    posts, taken = Posts(shop.ledger), 200 <= reply.status < 300
    answer = str(reply.status) if reply.status else reply.failure
    with shop.ledger.begin() as connection:
        if taken:
            posts.end(connection, one, answer, state=PostState.SENT)
        elif reply.status == _GONE:
            posts.disable(connection, hook.name, address_of(hook))
        elif one.tries + 1 >= TRIES:
            posts.end(connection, one, answer, state=PostState.DEAD)
            shop.ledger.event(connection, FAILED, name=hook.name, error=answer, message=one.id)
        else:
            posts.end(connection, one, answer, state=PostState.WAITING)
            if reply.after is not None:
                posts.put_off(connection, one, reply.after)
    return taken
