"""The connections to one account, shared by every shop of this machine that has its key.

Mailchimp answers at most ten calls of a user at once and the eleventh 429, whichever shop it is for
(mailchimp.com/developer/marketing/docs/fundamentals: throttling). So each call holds one of a few files, by a
lock that ends with its process, however that ends.
"""

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SLOTS = 8
"""Of the ten: two are left to the shop's own connection, which asks with a key of its own or this one."""
_AGAIN = 0.02
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class Slots:
    """The few calls at once that are made with one key."""

    def __init__(
        self, key: str, *, folder: Path | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        name = hashlib.sha256(f"gallra mailchimp {key}".encode()).hexdigest()[:24]
        above = folder or Path(tempfile.gettempdir()) / f"gallra-{os.getuid()}"
        self._folder, self._sleep = above / f"mailchimp-{name}", sleep

    @contextmanager
    def take(self) -> Iterator[None]:
        """Waits for a free one, and holds it; where the machine lets no such file be, nothing waits."""
        handle = self._held() if self._is_ours() else None
        try:
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def _held(self) -> int | None:
        while True:
            for number in range(SLOTS):
                try:
                    handle = os.open(self._folder / str(number), _OPEN, 0o600)
                except OSError:  # a full disk, or a folder that was emptied meanwhile
                    return None
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    os.close(handle)
                else:
                    return handle
            self._sleep(_AGAIN)

    def _is_ours(self) -> bool:
        """Whether the folder is there and nobody else's: another user's could hold every call for ever."""
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return all(
                place.lstat().st_uid == os.getuid() and not place.is_symlink()
                for place in (self._folder.parent, self._folder)
            )
        return False


__all__ = ["SLOTS", "Slots"]
