"""A small IMAP4rev1 server on loopback, a thread a connection; KINDS is what it can be told to do wrong."""

import contextlib
import re
import shlex
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar

from sandbox.imap.answers import fetched
from sandbox.imap.mailbox import OWN, Folder, Mail, Mailbox, make_mailbox
from sandbox.running import Running
from sandbox.woocommerce.shop import Shop

KINDS = frozenset({
    "busy", "refused", "failing", "html", "cut", "cut_after", "no_uidplus", "renumber", "leaves_out",
    "says_ok", "other_message", "other_uid", "endless", "huge", "garbage", "to_trash", "read_only", "drops",
    "deep", "news",
})  # fmt: skip
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n\Z")


@dataclass(slots=True)
class Fault:
    """One ordered fault: `match` is a part of the command, `row` the UID that it is about."""

    kind: str
    match: str
    times: int
    row: int = 0


class Faults:
    """The faults ordered of the mail server."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, kind: str, match: str = "", times: int = 1, *, row: int = 0) -> None:
        """Orders a fault of the next `times` commands that `match`; below 0 means for ever."""
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; choose one of {', '.join(sorted(KINDS))}")
        with self._lock:
            self._ordered.append(Fault(kind, match, times, row))

    def clear(self) -> None:
        """Takes back every fault that has not struck yet."""
        with self._lock:
            self._ordered.clear()

    def strikes(self, command: str, *kinds: str) -> Fault | None:
        """The first fault of these kinds that strikes this command, if any."""
        with self._lock:
            for one in self._ordered:
                if one.kind in kinds and one.times and one.match.upper() in command.upper():
                    one.times -= 1
                    return one
        return None


class Server:
    """The mail server on a port of 127.0.0.1."""

    def __init__(self, box: Mailbox, user: str, password: str) -> None:
        self.box, self.user, self.password = box, user, password
        self.faults = Faults()
        self.requests: Counter[tuple[str, str]] = Counter()
        self.clock: Callable[[], float] = time.time
        self.on_stop: Callable[[], None] = lambda: None
        self.lock = threading.RLock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._closing = False

    def start(self) -> None:
        """Begins to accept connections."""
        threading.Thread(target=self._accept, daemon=True, name=f"sandbox-imap-{self.port}").start()

    def stop(self) -> None:
        """Closes the port and every open connection."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.on_stop()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            _Conversation(self, connection).hold(stream)
        self._open.discard(connection)


class _Cut(Exception):
    """The connection is dropped."""


class _Conversation:
    """One connection: who is logged in, and the folder that is open."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        self.server = server
        self.box = server.box
        self._to = connection
        self._in = False
        self._name = ""
        self._reading = True

    def hold(self, stream: BinaryIO) -> None:
        if self.server.faults.strikes("", "html"):
            self._to.sendall(b"HTTP/1.1 503 Service Unavailable\r\n\r\n<html>Closed</html>")
            return
        self._to.sendall(b"* OK [CAPABILITY IMAP4rev1] Sandbutiken\r\n")
        with contextlib.suppress(_Cut):
            while line := self._command(stream):
                tag, _, rest = line.partition(" ")
                self._answer(tag, rest)
                if rest.upper() == "LOGOUT":
                    return

    def _command(self, stream: BinaryIO) -> str:
        data = stream.readline(1_000_000)
        while found := _LITERAL.search(data):
            self._to.sendall(b"+ \r\n")
            literal = stream.read(int(found[1]))
            quoted = literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            data = data[: found.start()] + b'"' + quoted + b'"' + stream.readline(1_000_000)
        return data.decode("utf-8", "surrogateescape").rstrip("\r\n")

    def _answer(self, tag: str, rest: str) -> None:
        words = rest.split(" ", 2)
        verb = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
        arguments = rest[len(verb) :].strip()
        if verb == "AUTHENTICATE":
            raise _Cut
        if self.server.faults.strikes(rest, "cut"):
            raise _Cut
        self.server.requests["IMAP", verb] += 1
        if told := self._wrong(rest):
            self._say(f"{tag} {told}")
            return
        with self.server.lock:
            done = getattr(self, "_do_" + verb.lower().replace(" ", "_"), None)
            if done is None or not (self._in or verb in ("CAPABILITY", "LOGIN", "LOGOUT", "NOOP")):
                self._say(f"{tag} BAD unknown command")
                return
            said = done(arguments) or "OK done"
        if self.server.faults.strikes(rest, "cut_after"):
            raise _Cut
        self._say(f"{tag} {said}")

    def _wrong(self, rest: str) -> str:
        faults = self.server.faults
        if faults.strikes(rest, "busy"):
            return "NO [UNAVAILABLE] come back later"
        if faults.strikes(rest, "failing"):
            return "NO [SERVERBUG] something broke"
        if faults.strikes(rest, "refused"):
            return "NO it may not be"
        if faults.strikes(rest, "endless"):
            with contextlib.suppress(OSError):
                while True:
                    self._to.sendall(b"* OK still here\r\n" * 4000)
            raise _Cut
        if faults.strikes(rest, "huge"):
            self._to.sendall(b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n")
            raise _Cut
        if faults.strikes(rest, "renumber"):
            with self.server.lock:
                for folder in self.box.folders.values():
                    folder.renumber()
        return ""

    def _say(self, line: str) -> None:
        self._to.sendall(line.encode("utf-8", "surrogateescape") + b"\r\n")

    # Commands -----------------------------------------------------------------------------

    def _do_capability(self, _arguments: str) -> str:
        plus = "" if self.server.faults.strikes("CAPABILITY", "no_uidplus") else " UIDPLUS"
        self._say(f"* CAPABILITY IMAP4rev1 SPECIAL-USE{plus}")
        return ""

    def _do_noop(self, _arguments: str) -> str:
        return ""

    def _do_logout(self, _arguments: str) -> str:
        self._say("* BYE")
        return ""

    def _do_login(self, arguments: str) -> str:
        user, password = shlex.split(arguments)
        self._in = (user, password) == (self.server.user, self.server.password)
        return "" if self._in else f"NO [AUTHENTICATIONFAILED] {user} may not"

    def _do_list(self, _arguments: str) -> str:
        for name, folder in self.box.folders.items():
            self._say(f'* LIST (\\HasNoChildren {folder.use}) "/" "{name}"'.replace(" )", ")"))
        return ""

    def _do_status(self, arguments: str) -> str:
        name = shlex.split(arguments)[0]
        if name not in self.box.folders:
            return "NO no such folder"
        self._say(f'* STATUS "{name}" (MESSAGES {len(self.box.folders[name].mails)})')
        return ""

    def _do_select(self, arguments: str) -> str:
        return self._opened(arguments, reading=bool(self.server.faults.strikes("SELECT", "read_only")))

    def _do_examine(self, arguments: str) -> str:
        return self._opened(arguments, reading=True)

    def _opened(self, arguments: str, *, reading: bool) -> str:
        name = shlex.split(arguments)[0]
        if name not in self.box.folders:
            return "NO no such folder"
        self._name, self._reading = name, reading
        folder = self._folder
        self._say(r"* FLAGS (\Answered \Flagged \Deleted \Seen)")
        self._say(f"* {len(folder.mails)} EXISTS")
        self._say("* 0 RECENT")
        self._say(r"* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \*)] kept")
        self._say(f"* OK [UIDVALIDITY {folder.validity}] generation")
        self._say(f"* OK [UIDNEXT {folder.next_uid}] next")
        return "OK [READ-ONLY] opened" if reading else "OK [READ-WRITE] opened"

    @property
    def _folder(self) -> Folder:
        return self.box.folders[self._name]

    def _do_uid_search(self, arguments: str) -> str:
        found = [str(mail.uid) for mail in self._folder.mails if _matches(mail, shlex.split(arguments))]
        fault = self.server.faults.strikes(f"SEARCH {arguments}", "leaves_out")
        if fault:
            found = [uid for uid in found if uid != str(fault.row)]
        self._say("* SEARCH" + "".join(f" {uid}" for uid in found))
        return ""

    def _do_uid_fetch(self, arguments: str) -> str:
        which, _, items = arguments.partition(" ")
        faults = self.server.faults
        if faults.strikes(f"FETCH {arguments}", "garbage"):
            self._say('* 1 FETCH (UID 1 FLAGS ("open')
            return ""
        if faults.strikes(f"FETCH {arguments}", "deep"):
            self._say("* 1 FETCH (UID 1 BODYSTRUCTURE " + "(" * 5000 + ")" * 5000 + ")")
            return ""
        if faults.strikes(f"FETCH {arguments}", "news"):
            self._say(r"* 1 FETCH (FLAGS (\Seen))")
        drops = faults.strikes(f"FETCH {arguments}", "drops")
        mixed = faults.strikes(f"FETCH {arguments}", "other_message")
        wrong = faults.strikes(f"FETCH {arguments}", "other_uid")
        for position, mail in enumerate(self._folder.mails, 1):
            if not _in_set(mail.uid, which) or (drops and mail.uid == drops.row):
                continue
            told = mail
            if mixed:
                other = self._folder.mails[position % len(self._folder.mails)]
                told = Mail(mail.uid, other.raw, other.arrived, other.flags)
            elif wrong:
                told = Mail(mail.uid + 1, mail.raw, mail.arrived, mail.flags)
            self._to.sendall(fetched(position, told, items))
        return ""

    def _do_uid_store(self, arguments: str) -> str:
        which, how, flags = arguments.split(" ", 2)
        if self._reading:
            return "NO the folder is read-only"
        for mail in self._chosen(which):
            given = set(flags.strip("()").split())
            mail.flags = mail.flags | given if how.startswith("+") else mail.flags - given
        return ""

    def _do_uid_expunge(self, arguments: str) -> str:
        if self._reading:
            return "NO the folder is read-only"
        if self.server.faults.strikes("EXPUNGE", "says_ok"):
            return ""
        chosen = [mail for mail in self._chosen(arguments) if "\\Deleted" in mail.flags]
        moved = self.server.faults.strikes("EXPUNGE", "to_trash")
        for mail in chosen:
            self._say(f"* {self._folder.mails.index(mail) + 1} EXPUNGE")
            self.box.remove(self._name, [mail], to_trash=moved is not None)
        return ""

    def _do_expunge(self, _arguments: str) -> str:
        self.box.misuse.append("EXPUNGE")
        self.box.remove(self._name, [mail for mail in self._folder.mails if "\\Deleted" in mail.flags])
        return ""

    def _chosen(self, which: str) -> list[Mail]:
        return [mail for mail in self._folder.mails if _in_set(mail.uid, which)]


def _in_set(uid: int, which: str) -> bool:
    for part in which.split(","):
        first, _, last = part.partition(":")
        if last == "*" and uid >= int(first):
            return True
        if int(first) <= uid <= int(last or first):
            return True
    return False


def _matches(mail: Mail, keys: list[str]) -> bool:
    """Whether a message matches the few keys that Gallra searches by."""
    return all(_each(mail, iter(keys)))


def _each(mail: Mail, keys: Iterator[str]) -> Iterator[bool]:
    for key in keys:
        wanted = True
        if key.upper() == "NOT":
            wanted, key = False, next(keys)
        yield _has(mail, key.upper(), keys) is wanted


def _has(mail: Mail, key: str, keys: Iterator[str]) -> bool:
    head, _, body = mail.raw.partition(b"\r\n\r\n")
    if key == "ALL":
        return True
    if key == "UID":
        return _in_set(mail.uid, next(keys))
    if key == "BODY":
        return next(keys).lower().encode() in body.lower()
    if key == "HEADER":
        name, text = next(keys).lower().encode(), next(keys).lower().encode()
        lines = re.split(rb"\r\n(?![ \t])", head.lower())
        return any(line.startswith(name + b":") and text in line for line in lines)
    raise ValueError(key)


class Imap(Running):
    """The stand-in mail server as others reach it."""

    names: ClassVar[tuple[str, ...]] = ("host", "port", "user", "password")
    host = "127.0.0.1"
    user = OWN

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop: Any = make_mailbox(shop, seed)
        self.password = f"mail-{seed:05d}"
        self.server: Any = Server(self.shop, self.user, self.password)

    @property
    def port(self) -> int:
        """The port of the server."""
        return int(self.server.port)
