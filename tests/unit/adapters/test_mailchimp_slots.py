"""The few calls at once that Mailchimp takes of one key, shared by every shop of a machine."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from adapters.mailchimp.service.wire import Wire
from adapters.mailchimp.slots import SLOTS, Slots
from tests.support import REPOSITORY

_HOLDS = """
import sys
from pathlib import Path
from contextlib import ExitStack
from adapters.mailchimp.slots import Slots
with ExitStack() as held:
    for _ in range(int(sys.argv[2])):
        held.enter_context(Slots("k-us19", folder=Path(sys.argv[1])).take())
    print("held", flush=True)
    sys.stdin.read()
"""


def most_at_once(folder: Path, threads: int) -> int:
    """How many of these threads were ever inside at one time, each of a shop of its own."""
    inside, most, lock = 0, 0, threading.Lock()

    def call() -> None:
        nonlocal inside, most
        with Slots("k-us19", folder=folder).take():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.05)
            with lock:
                inside -= 1

    every = [threading.Thread(target=call) for _ in range(threads)]
    for one in every:
        one.start()
    for one in every:
        one.join()
    return most


def test_no_more_calls_are_made_at_once_than_the_account_takes_however_many_shops(tmp_path: Path) -> None:
    assert most_at_once(tmp_path, 3 * SLOTS) == SLOTS < 10


def test_another_process_counts_too_and_frees_its_calls_however_it_ends(tmp_path: Path) -> None:
    line = [sys.executable, "-c", _HOLDS, str(tmp_path), str(SLOTS - 2)]
    with subprocess.Popen(
        line, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert most_at_once(tmp_path, SLOTS) == 2
        other.kill()
        other.wait()
    assert most_at_once(tmp_path, SLOTS) > 2


def test_another_key_has_calls_of_its_own(tmp_path: Path) -> None:
    with Slots("one-us19", folder=tmp_path).take():
        first = {path.name for path in tmp_path.iterdir()}
        with Slots("two-us19", folder=tmp_path).take():
            assert len(list(tmp_path.iterdir())) == 2
    assert not any("us19" in name for name in first)


def test_where_no_file_may_be_written_nothing_waits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Slots("k-us19", folder=tmp_path / "file").take():
        pass


def test_every_call_to_mailchimp_holds_one(tmp_path: Path) -> None:
    wire = Wire({"key": "k-us19", "url": "http://127.0.0.1:9"})
    assert wire.http.beside.__func__ is Slots.take  # type: ignore[attr-defined]
