"""One shop on its stand-in services, in a process without threads: whatever runs is forked from it."""

import contextlib
import json
import os
import select
import shutil
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.calendar import STOCKHOLM
from connector.shop import system_clock
from sandbox.box import Sandbox
from sandbox.server import Server
from tests.crash.ends import end_of_services
from tests.postgres_support import asked, template, url_of
from tests.sandbox_support import SandboxShop, make_shop, make_shopify_shop

SEED = 7
PLATFORMS = ("woocommerce", "shopify")
STANDING = """
[objections]
by = "Disa Demo"
role = "owner"
on_behalf = "Kvarnbackens Kök AB"
evidence = "board, item 4"
on = {day}
until = {day}
"""
FILE, SERVER = LEDGERS = ("sqlite", "postgresql")
ADDRESS = "ledger.url"
MEMORY = Path("/dev/shm")  # a killed process leaves there what it would leave on a disk


class World:
    """The services' state, and the folder of the shop as it stands."""

    def __init__(self, platform: str, *, customers: int, orders: int, ledger: str = FILE) -> None:
        self.platform = platform
        self.ledger = ledger
        self.box = Sandbox(seed=SEED, customers=customers, orders=orders)
        self._turned = to_noon()
        self.box.turn(seconds=self._turned.total_seconds())
        self.scratch = Path(tempfile.mkdtemp(prefix="gallra-crash-", dir=MEMORY if MEMORY.is_dir() else None))
        self.made = self.scratch / "base"
        self.made.mkdir()
        if platform == "woocommerce":
            self.base = make_shop(self.box, self.made)
        else:
            self.base = make_shopify_shop(self.box, self.made / "shop")
        if ledger == SERVER:
            asked(f"CREATE DATABASE {self._database('base')} TEMPLATE {template()}")
            lay_on_a_server(self.base, self._database("base"))

    def _database(self, name: str) -> str:
        """The database of a copy; each line of work has its own."""
        return f"{self.scratch.name.replace('-', '_').lower()}_{name}"

    def lets_objections_go(self) -> None:
        """The shop's file has a standing approval of objections, from this day on."""
        day = self.now().date().isoformat()
        with self.base.file.open("a", encoding="utf-8") as file:
            file.write(STANDING.format(day=day))

    @property
    def objector(self) -> str:
        """Whoever is mailed by both the shop and the mailing service."""
        account = self.box.mailchimp.shop
        for row in self.box.woocommerce.shop.customers.values():
            contact = account.find(self.box.mailchimp.list_id, row["email"])
            said = {one["key"]: one["value"] for one in row["meta_data"]}
            if contact and said.get("mailchimp_woocommerce_is_subscribed") == "1":
                return str(row["email"])
        raise AssertionError("nobody is mailed by both")

    def now(self) -> datetime:
        """The moment for shop and services alike: no run crosses a midnight."""
        return system_clock() + self._turned

    def pass_time(self, time: timedelta) -> None:
        """Turns the clocks of shop and services on alike."""
        self._turned += time
        self.box.turn(seconds=time.total_seconds())

    @property
    def servers(self) -> list[Server]:
        """The servers of the services."""
        return [service.server for service in self.box._services.values()]

    def copy(self, name: str) -> SandboxShop:
        """The shop in a folder of its own, as it stands in the base."""
        to = self.scratch / name
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.made, to)
        shop = SandboxShop(self.box, to / self.base.folder.relative_to(self.made))
        if self.ledger == SERVER:
            asked(f"DROP DATABASE IF EXISTS {self._database(name)} WITH (FORCE)")
            asked(f"CREATE DATABASE {self._database(name)} TEMPLATE {self._database('base')}")
            (shop.folder / ADDRESS).write_text(url_of(self._database(name)))
        return shop

    def forget(self, name: str) -> None:
        """Removes such a folder."""
        shutil.rmtree(self.scratch / name, ignore_errors=True)

    def remove(self) -> None:
        """Removes all folders, and closes the ports."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        for name in ("base", "calm", "struck") if self.ledger == SERVER else ():
            asked(f"DROP DATABASE IF EXISTS {self._database(name)} WITH (FORCE)")
        for server in self.servers:
            server._listener.close()


def lay_on_a_server(shop: SandboxShop, database: str) -> None:
    """The shop's file names a database, whose address stands in a file beside it."""
    (shop.folder / ADDRESS).touch(0o600)
    (shop.folder / ADDRESS).write_text(url_of(database))
    text = shop.file.read_text("utf-8")
    shop.file.write_text(text.replace('path = "gallra.sqlite"', f'url = {{ file = "{ADDRESS}" }}'), "utf-8")


def to_noon() -> timedelta:
    """From now to noon of this day in Stockholm."""
    now = system_clock().astimezone(STOCKHOLM)
    return now.replace(hour=12, minute=0, second=0, microsecond=0) - now


@contextlib.contextmanager
def served(servers: Sequence[Server]) -> Iterator[None]:
    """The services answer while the block runs; no thread of them is left after it."""
    asleep, wake = socket.socketpair()
    threads: list[threading.Thread] = []

    def accept() -> None:
        of = {server._listener: server for server in servers}
        while asleep not in (ready := select.select([asleep, *of], [], [])[0]):
            for listener in ready:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                of[listener]._open.add(connection)
                threads.append(threading.Thread(target=of[listener]._serve, args=(connection,), daemon=True))
                threads[-1].start()

    doorman = threading.Thread(target=accept, daemon=True)
    doorman.start()
    try:
        yield
    finally:
        wake.send(b".")
        doorman.join()
        for connection in [one for server in servers for one in server._open]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        asleep.close()
        wake.close()


class Services:
    """The services of a world in a process of their own, from the state they have in it."""

    def __init__(self, world: World) -> None:
        self._ask, asked = socket.socketpair()
        self.process = os.fork()
        if not self.process:
            self._ask.close()
            in_child(lambda: self._run(world, asked))
        asked.close()

    @staticmethod
    def _run(world: World, asked: socket.socket) -> None:
        with served(world.servers):
            wanted = asked.recv(1)
        if wanted:
            asked.sendall(json.dumps(end_of_services(world)).encode())
        asked.close()

    def end(self) -> dict[str, Any]:
        """Ends them; how they stand."""
        with self._ask, self._ask.makefile("rb") as answer:
            self._ask.sendall(b"?")
            said = answer.read()
        os.waitpid(self.process, 0)
        return dict(json.loads(said))


def in_child(run: Callable[[], int | None]) -> None:
    """Runs what a forked process is for, and ends it; a fault is told on stderr."""
    code = 1
    try:
        code = run() or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def forked(run: Callable[[], int | None]) -> int:
    """Runs this in a process of its own; how it ended: its code, or minus the signal that killed it."""
    process = os.fork()
    if not process:
        in_child(run)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
