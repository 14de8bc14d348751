"""A shop's file with [webhooks], its keys beside it."""

import socket
from pathlib import Path

import pytest

from connector.ledger import new_key
from tests.unit.serve.made import DOMAIN

SHOP = """
[shop]
id = "egg"
name = "Linne och lin"
[platform]
name = "shopify"
url = "https://{domain}"
token = {{ env = "SHOP_TOKEN" }}
[ledger]
key = {{ file = "vault.key" }}
subject_key = {{ file = "subject.key" }}
[schedule]
cron = "15 3 * * mon"
[webhooks]
listen = "127.0.0.1:{port}"
secret = {{ env = "WEBHOOK_SECRET" }}
"""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A shop's file, with its keys beside it."""
    for name in ("vault.key", "subject.key"):
        (tmp_path / name).write_text(new_key(), encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "egg.toml"
    path.write_text(SHOP.format(domain=DOMAIN, port=_free_port()), encoding="utf-8")
    return path
