"""`python -m sandbox`: a process of its own, and where it says it is."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.support import REPOSITORY


def start(port_file: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "sandbox", "--port-file", str(port_file)]
    command += ["--customers", "5", "--orders", "5", "--today", "2026-11-22"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, cwd=REPOSITORY)


def wait_for(port_file: Path) -> None:
    deadline = time.monotonic() + 120
    while not port_file.exists():
        assert time.monotonic() < deadline, "the process has not said where it is"
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["stdin closes", "SIGTERM"])
def test_it_says_where_it_is_and_ends(tmp_path: Path, how: str) -> None:
    port_file = tmp_path / "ports.json"
    with start(port_file) as process:
        wait_for(port_file)
        services = json.loads(port_file.read_text(encoding="utf-8"))
        root = requests.get(f"{services['woocommerce']['url']}/wp-json/", timeout=120)
        if how == "SIGTERM":
            os.kill(process.pid, signal.SIGTERM)
        else:
            assert process.stdin is not None
            process.stdin.close()
        assert process.wait(timeout=120) == 0
    assert root.status_code == 200
    assert set(services) == {
        "woocommerce", "mailchimp", "klarna", "payson", "postnord", "shopify", "klaviyo", "hotjar", "mondido",
        "google-ads", "google-analytics", "imap", "kustom", "people", "everywhere",
    }  # fmt: skip
    assert {"url", "key", "secret", "read_key", "read_secret"} <= set(services["woocommerce"])
    assert stat.S_IMODE(port_file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [port_file]
