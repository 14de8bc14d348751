"""A recipient whose key is optional: what a look with it shows, beside what the letter lacks."""

from collections.abc import Callable

from connector.errors import AccessDenied, RemoteError
from connector.ports import Access, Problem


def tried(access: Access, ask: Callable[[], object], *, refused: str, silent: str) -> Access:
    """The access once the service has been asked; where it fails, nothing can be read and it says why.

    `refused` and `silent` are the Swedish sentences for a key that is not taken and for no answer.
    """
    try:
        ask()
    except RemoteError as error:
        denied = isinstance(error, AccessDenied)
        problem = Problem(
            severity="error",
            code="key_refused" if denied else "unreachable",
            en=str(error),
            sv=refused if denied else silent,
        )
        return Access(
            adapter=access.adapter,
            reachable=denied,
            can_read=False,
            problems=(problem, *access.problems),
        )
    return access
