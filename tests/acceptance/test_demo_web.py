"""`gallra demo --web`: one link and one address of this machine, until it is stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

LINK = re.compile(r"http://localhost:\d+/enrol/\S+")


class Demo(NamedTuple):
    """A demo that is shown: what it has said, its process, and its link."""

    said: str
    process: "subprocess.Popen[str]"
    link: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    size = ("--orders", "60", "--customers", "30", "--language", "en")
    command = [sys.executable, "-m", "connector", "demo", "--web", "--folder", str(folder / "demo"), *size]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
    said = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "another machine" in line:
                break
        [link] = LINK.findall(said)
        yield Demo(said, process, link)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        if process.stdout is not None:
            process.stdout.close()


def test_it_shows_a_plan_and_a_request_and_gives_out_one_link(demo: Demo) -> None:
    assert "Plan: " in demo.said
    assert "(erase) is taken in" in demo.said
    with httpx.Client(trust_env=False) as client:
        page = client.get(demo.link)
        assert page.status_code == 200
        assert "Disa Demo" in page.text
        assert client.get(demo.link.partition("/enrol")[0]).headers["location"] == "/sign-in"


def test_it_listens_on_this_machine_alone(demo: Demo) -> None:
    port = urlsplit(demo.link).port
    assert port is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 9))  # sends nothing; says which address of this machine others would see
        own = one.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex((own, port)) != 0
