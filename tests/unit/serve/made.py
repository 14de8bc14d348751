"""Messages as Shopify signs them, made up; and a ledger with an inbox."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

from adapters.shopify.webhooks import ShopifyWebhooks
from connector.ledger import Ledger, Vault
from connector.ledger.inbox import Inbox
from connector.serve.receive import Receiver
from connector.serve.web import Application

SECRET = "shpss_made-up"
DOMAIN = "linne-och-lin.myshopify.com"
CANARY = "kanarie@kund.example"
ENVIRON = {"WEBHOOK_SECRET": SECRET, "SHOP_TOKEN": "shpat_made-up"}
VAULT_KEY = bytes(range(32, 64))

CUSTOMER = {"id": 7001, "email": CANARY, "phone": "+46701740605"}
BODIES: dict[str, dict[str, Any]] = {
    "customers/redact": {
        "shop_id": 1,
        "shop_domain": DOMAIN,
        "customer": CUSTOMER,
        "orders_to_redact": [501],
    },
    "customers/data_request": {
        "shop_id": 1,
        "shop_domain": DOMAIN,
        "customer": CUSTOMER,
        "orders_requested": [501],
        "data_request": {"id": 9},
    },
    "shop/redact": {"shop_id": 1, "shop_domain": DOMAIN},
    "orders/create": {"id": 501, "email": CANARY},
    "orders/updated": {"id": 501, "email": CANARY},
    "orders/delete": {"id": 501},
    "customers/update": {"id": 7001, "email": CANARY},
    "customers/delete": {"id": 7001},
    "customers/merge": {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/7002",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/7001",
        "admin_graphql_api_job_id": "gid://shopify/Job/4",
        "status": "completed",
        "errors": [],
    },
}


def message(topic: str, *, id: str = "w-1", **changes: Any) -> tuple[dict[str, str], bytes]:
    """Headers and body of one signed message."""
    body = json.dumps(BODIES.get(topic, {"id": 1}) | changes).encode()
    return signed(topic, body, id=id), body


def signed(topic: str, body: bytes, *, id: str = "w-1", secret: str = SECRET) -> dict[str, str]:
    """The headers that Shopify sends with a body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": id,
        "x-shopify-shop-domain": DOMAIN,
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
    }


def make_receiver(ledger: Ledger) -> Receiver:
    """A shop's ear."""
    return Receiver(Inbox(ledger, Vault(VAULT_KEY)), ShopifyWebhooks(domain=DOMAIN, secret=SECRET))


def asked_of(
    application: Application, path: str, method: str = "GET", body: bytes = b""
) -> tuple[int, bytes]:
    """The status and body of the web part's answer to one message."""
    told: list[Any] = []
    headers = [(b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "path": path, "method": method, "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    asyncio.run(application(scope, receive, send))
    return told[0]["status"], told[1]["body"]
