"""A recipient whose key is optional: what a look with it shows, beside what the letter lacks."""

from collections.abc import Callable

from connector.errors import AccessDenied, RemoteError, RetryLater
from connector.ports import Access, Problem

KEY_REFUSED = "key_refused"


def tried(access: Access, ask: Callable[[], object], *, refused: str, silent: str) -> Access:
    """The access once the service has been asked; where it fails, nothing can be read and it says why.

    `refused` and `silent` are the Swedish sentences for a key that is not taken and for no answer.
    """
    try:
        ask()
    except RemoteError as error:
        problem = unusable(error, refused=refused, silent=silent)
        denied = problem.code == KEY_REFUSED
        return Access(
            adapter=access.adapter,
            reachable=denied,
            can_read=False,
            problems=(problem, *access.problems),
        )
    return access


def unusable(error: RemoteError, *, refused: str, silent: str) -> Problem:
    """What is wrong: the key, the address (the service was never asked), or that nobody answers now."""
    never_asked = isinstance(error, AccessDenied) and error.status == 0
    denied = isinstance(error, AccessDenied) and not never_asked
    return Problem(
        severity="error",
        code=KEY_REFUSED if denied else "unreachable",
        en=str(error),
        sv=refused if denied else str(error) if never_asked else silent,
        later=isinstance(error, RetryLater),
    )
