"""A session with one mailbox over IMAP4rev1 (RFC 3501): over TLS, bounded in bytes and time, never logged.

IMAPClient says the commands. Its answers to FETCH are parsed here by sequence number: a server may send news
of other messages in between, without a UID, and IMAPClient would take their number for one.
"""

import contextlib
import imaplib
import logging
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import LoginError, ProtocolError
from imapclient.response_parser import parse_fetch_response

from adapters.network import Network
from adapters.watch import Deadline, hold
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater

NAME = "imap"
AT_ONCE = 200  # messages of one command (a server's line has a limit, and so has patience)
LARGEST = 64 * 2**20  # bytes of the answer to one command; 200 messages' headers of 64 KiB are a fifth of it
SECONDS, WAITS = 180.0, 30.0  # of a whole command, however its bytes come; from byte to byte
TRIES, PAUSE = 3, 2.0
DELETED, FLAGGED = b"\\Deleted", b"\\Flagged"
NO_FOLDER, UNREADABLE = "no_folder", "unreadable"

_PATIENCE = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b", re.IGNORECASE)
HIDDEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RecursionError)
"""What a parser raises for an answer that is none."""

T = TypeVar("T")


class Selected(NamedTuple):
    """A folder as it was opened: its generation of UIDs, its messages, and the UID that comes next."""

    validity: int
    exists: int
    next_uid: int
    writable: bool


class _Bounded:
    """An IMAP connection that reads nothing without an end, and that a deadline can shut."""

    left = LARGEST
    lifeline: socket.socket | None = None

    def __init__(self, *args: Any, **named: Any) -> None:
        try:
            super().__init__(*args, **named)
        except BaseException:
            if self.lifeline is not None:
                self.lifeline.close()
            raise

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]
        self.lifeline = socket.socket(fileno=os.dup(made.fileno()))
        hold(self.lifeline)
        return made

    def read(self, size: int) -> bytes:
        self._spend(size)
        return bytes(super().read(size))  # type: ignore[misc]

    def readline(self) -> bytes:
        line = bytes(super().readline())  # type: ignore[misc]
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise imaplib.IMAP4.abort("the answer has no end")


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Secure(_Bounded, imaplib.IMAP4_SSL):
    pass


class _Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over a bounded connection."""

    line: Any

    def _create_IMAP4(self) -> Any:  # noqa: N802 (IMAPClient calls it so)
        if self.ssl:
            self.line = _Secure(self.host, self.port, ssl_context=self.ssl_context, timeout=WAITS)
        else:
            self.line = _Plain(self.host, self.port, timeout=WAITS)
        return self.line


class Session:
    """A mailbox, logged in; each method is one command or a few. Raises RemoteError."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        # Its debug lines hold every answer, and so other people's mail.
        logging.getLogger("imapclient").setLevel(logging.CRITICAL)
        self._lifeline: socket.socket | None = None
        with self._answering("open the mailbox", opening=True):
            self._client = _Client(
                str(table["host"]), port=int(table.get("port") or 993), ssl=table.get("security") != "none",
                ssl_context=Network.of(table).mail(), timeout=WAITS,
            )  # fmt: skip
            self._client.line.debug = 0
            self._lifeline = self._client.line.lifeline
        try:
            with self._answering("log in"):
                self._log_in(str(table["user"]), str(table["password"]))
                self._capabilities = frozenset(self._client.capabilities())
        except BaseException:
            self.close()
            raise

    def _log_in(self, user: str, password: str) -> None:
        if (user + password).isascii() and (user + password).isprintable():
            self._client.login(_quoted(user), password)  # imaplib quotes the password alone
        else:  # LOGIN takes no other letters (RFC 3501 §6.2.3), and a line break would be a command
            self._client.plain_login(user, password)

    @property
    def uidplus(self) -> bool:
        """Whether single messages can be expunged (RFC 4315); without it only a whole folder's."""
        return b"UIDPLUS" in self._capabilities

    def folders(self) -> Sequence[tuple[frozenset[bytes], str]]:
        """Every folder with its flags (RFC 6154 among them), its name decoded."""
        with self._answering("list the folders"):
            found = self._client.list_folders()
            return [(frozenset(flags), str(name)) for flags, _, name in found]

    def select(self, folder: str, *, write: bool = False) -> Selected:
        """Opens a folder; for reading only, unless it is to be written."""
        with self._answering("open a folder", missing=True):
            try:
                said = self._client.select_folder(folder, readonly=not write)
            except imaplib.IMAP4.readonly:
                write, said = False, self._client.select_folder(folder, readonly=True)
            kept = said.get(b"PERMANENTFLAGS", (DELETED,))
            writable = write and not said.get(b"READ-ONLY") and (DELETED in kept or b"\\*" in kept)
            return Selected(int(said[b"UIDVALIDITY"]), int(said[b"EXISTS"]), int(said[b"UIDNEXT"]), writable)

    def search(self, *criteria: str | int) -> tuple[int, ...]:
        """The UIDs of the open folder that match, in order."""
        with self._answering("search a folder"):
            return tuple(sorted({int(uid) for uid in self._client.search(list(criteria))}))

    def fetch(self, uids: Sequence[int], items: str) -> dict[int, Mapping[bytes, Any]]:
        """What the server tells of these, by the UID that it names itself; none that it leaves out."""
        if not uids:
            return {}
        with self._answering("read messages"):
            typ, data = self._client.line.uid("FETCH", ",".join(map(str, uids)), f"(UID {items})")
            if typ != "OK":
                raise imaplib.IMAP4.error("not answered")
            rows = parse_fetch_response(data, normalise_times=False, uid_is_key=False)
            asked = frozenset(uids)
            named = ((row.get(b"UID"), row) for row in rows.values())
            return {int(uid): row for uid, row in named if uid is not None and int(uid) in asked}

    def mark(self, uids: Sequence[int]) -> None:
        """Marks these as deleted: nothing of them goes by that."""
        with self._answering("mark messages as deleted", write=True):
            self._client.add_flags(list(uids), [DELETED], silent=True)

    def unmark(self, uids: Sequence[int]) -> None:
        """Takes the mark back."""
        with self._answering("take a mark back", write=True):
            self._client.remove_flags(list(uids), [DELETED], silent=True)

    def expunge(self, uids: Sequence[int]) -> None:
        """Removes these and no other that is marked: UID EXPUNGE (RFC 4315 §2.1)."""
        with self._answering("remove messages", write=True):
            self._client.uid_expunge(list(uids))

    def count(self, folder: str) -> int:
        """How many messages a folder that is not open has."""
        with self._answering("count a folder", missing=True):
            return int(self._client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])

    def close(self) -> None:
        """Leaves; whatever the server says to that."""
        with contextlib.suppress(*_FAULTS, *HIDDEN), Deadline(WAITS):
            if self._lifeline is not None:
                hold(self._lifeline)
            self._client.logout()
        with contextlib.suppress(*_FAULTS, *HIDDEN):
            self._client.shutdown()
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None

    @contextlib.contextmanager
    def _answering(
        self, operation: str, *, opening: bool = False, missing: bool = False, write: bool = False
    ) -> Iterator[None]:
        """One exchange, with an end in bytes and in time; what it raises holds no word of the server's."""
        fault: RemoteError
        try:
            with Deadline(SECONDS):
                if self._lifeline is not None:
                    hold(self._lifeline)
                    self._client.line.left = LARGEST
                yield
                return
        except (*_FAULTS, *HIDDEN) as error:
            fault = _fault(error, operation, opening=opening, missing=missing, write=write)
        raise fault from None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_FAULTS = (imaplib.IMAP4.error, OSError, EOFError)


def _fault(error: Exception, operation: str, *, opening: bool, missing: bool, write: bool) -> RemoteError:
    """What to do next; the server's own words, which may name persons, are dropped."""
    told = _Told(adapter=NAME, operation=operation)
    if isinstance(error, ssl.SSLCertVerificationError):
        return AccessDenied(
            f"imap: {operation}: its certificate is not trusted. Correct `host`, or, where the company "
            "signed it itself, name that certificate's PEM file in ca_file under [network].",
            code="certificate", **told
        )  # fmt: skip
    cause = error.__context__ if isinstance(error, LoginError) else error
    gone = isinstance(cause, OSError | EOFError | imaplib.IMAP4.abort) or opening
    if gone or _PATIENCE.search(str(error)):
        if write:
            return RetryLater(
                f"imap: {operation}: the mail server did not answer. Whether it was done is not known. Run "
                "again in a few minutes; what is done stays done.", code="not_answered", **told
            )  # fmt: skip
        return RetryLater(
            f"imap: {operation}: the mail server did not answer. Run again in a few minutes; what is done "
            "stays done.", code="not_answered", **told
        )  # fmt: skip
    if isinstance(error, LoginError):
        return AccessDenied(
            "imap: the mail server refused the login. Check `user` and `password`; some hosts want a "
            "password for programs.", code="login_refused", **told
        )  # fmt: skip
    if isinstance(error, (*HIDDEN, ProtocolError)):
        return Rejected(
            f"imap: {operation}: what the mail server answered cannot be read. Run again; if it stays so, "
            "see what stands between this machine and the mail server.", code=UNREADABLE, **told
        )  # fmt: skip
    if missing:
        return AccessDenied(
            f"imap: {operation}: the mailbox has no such folder, or does not let it be opened. Correct "
            "`folders`; `gallra check` lists what there is.", code=NO_FOLDER, **told
        )  # fmt: skip
    return Rejected(
        f"imap: {operation}: the mail server refused. It was left as it was; look at it there, then run "
        "again.", code="refused", **told
    )  # fmt: skip


class _Told(TypedDict):
    adapter: str
    operation: str


class Line:
    """A mailbox that is asked piece by piece: a piece whose connection breaks is asked again on a new one."""

    def __init__(self, table: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep) -> None:
        self._table = table
        self._sleep = sleep
        self._session: Session | None = None

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_fault: object) -> None:
        self._leave()

    def ask(self, piece: Callable[[Session], T]) -> T:
        """What a piece comes to; it must be one that may be asked twice. Raises RemoteError."""
        for left in reversed(range(TRIES)):
            try:
                self._session = self._session or Session(self._table)
                return piece(self._session)
            except RetryLater:
                self._leave()
                if not left:
                    raise
                self._sleep(PAUSE * (TRIES - left))
            except RemoteError as error:
                if error.code == UNREADABLE:  # what comes next may be the rest of it
                    self._leave()
                raise
        raise AssertionError

    def _leave(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


__all__ = [
    "AT_ONCE", "DELETED", "FLAGGED", "HIDDEN", "NAME", "NO_FOLDER", "Line", "Selected", "Session",
]  # fmt: skip
