"""A pooler of transactions before PostgreSQL, as small as one can be: a session is lent for a transaction."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

_SSL, _GSS = 80877103, 80877104


@contextmanager
def transaction_pooler(url: str) -> Iterator[int]:
    """Listens on loopback for clients of the server at this address; its port."""
    folder = parse_qs(urlsplit(url).query)["host"][0]
    pool = _Pool(f"{folder}/.s.PGSQL.{urlsplit(url).port or 5432}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with suppress(OSError):
                    client, _ = server.accept()
                    threading.Thread(target=_serve, args=(client, pool), daemon=True).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        ended.set()
        with suppress(OSError):
            socket.create_connection(server.getsockname()).close()
    pool.close()


class _Pool:
    """Sessions that nobody uses, the last that was given back first."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._free: list[socket.socket] = []
        self._all: list[socket.socket] = []
        self.greeting = b""

    def lend(self, startup: bytes) -> socket.socket:
        if self._free:
            return self._free.pop()
        session = socket.socket(socket.AF_UNIX)
        session.connect(self._path)
        session.sendall(startup)
        self.greeting, _ = _until_ready(session)
        self._all.append(session)
        return session

    def give_back(self, session: socket.socket) -> None:
        self._free.append(session)

    def close(self) -> None:
        for one in self._all:
            one.close()


def _serve(client: socket.socket, pool: _Pool) -> None:
    with client, suppress(OSError, EOFError):
        startup = _startup(client)
        pool.give_back(pool.lend(startup))
        client.sendall(pool.greeting)
        session: socket.socket | None = None
        asked = b""
        while True:
            kind, message = _message(client)
            if kind == b"X":
                break
            asked += message
            if kind not in (b"Q", b"S"):
                continue
            session = session or pool.lend(startup)
            session.sendall(asked)
            asked = b""
            answer, state = _until_ready(session)
            client.sendall(answer)
            if state == b"I":
                pool.give_back(session)
                session = None


def _startup(client: socket.socket) -> bytes:
    while True:
        [length] = struct.unpack("!I", _exactly(client, 4))
        rest = _exactly(client, length - 4)
        if struct.unpack("!I", rest[:4])[0] not in (_SSL, _GSS):
            return struct.pack("!I", length) + rest
        client.sendall(b"N")


def _until_ready(session: socket.socket) -> tuple[bytes, bytes]:
    found = b""
    while True:
        kind, message = _message(session)
        found += message
        if kind == b"Z":
            return found, message[-1:]


def _message(place: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(place, 5)
    [length] = struct.unpack("!I", head[1:])
    return head[:1], head + _exactly(place, length - 4)


def _exactly(place: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        some = place.recv(count - len(found))
        if not some:
            raise EOFError
        found += some
    return found
