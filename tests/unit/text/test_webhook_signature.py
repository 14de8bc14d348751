"""Signatures by Standard Webhooks, held to the published example and to what others may do to a message."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from connector.text.webhook_signature import Signed, headers_of, is_signed, key_of

# The secret, message and signature of the specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLISHED = Signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = datetime.fromtimestamp(PUBLISHED.at, tz=UTC)
OTHER = "whsec_" + base64.b64encode(b"x" * 32).decode()


def test_the_published_message_has_the_published_signature() -> None:
    assert headers_of(PUBLISHED, [key_of(SECRET)]) == {
        "webhook-id": PUBLISHED.id,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_two_secrets_sign_beside_each_other_and_either_is_enough() -> None:
    both = headers_of(PUBLISHED, [key_of(OTHER), key_of(SECRET)])
    assert both["webhook-signature"].split()[1] == SIGNATURE
    for secret in (SECRET, OTHER):
        assert is_signed(both, PUBLISHED.body, [key_of(secret)], now=NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,å v1a," + SIGNATURE[3:]},
    ],
)
def test_a_header_that_was_changed_is_no_signature(changed: dict[str, str]) -> None:
    headers = headers_of(PUBLISHED, [key_of(SECRET)]) | changed
    assert not is_signed(headers, PUBLISHED.body, [key_of(SECRET)], now=NOW)


def test_another_body_another_key_and_an_old_message_are_no_signature() -> None:
    headers, key = headers_of(PUBLISHED, [key_of(SECRET)]), key_of(SECRET)
    assert is_signed({name.title(): one for name, one in headers.items()}, PUBLISHED.body, [key], now=NOW)
    assert not is_signed(headers, b"{}", [key], now=NOW)
    assert not is_signed(headers, PUBLISHED.body, [key_of(OTHER)], now=NOW)
    for far in (timedelta(minutes=6), -timedelta(minutes=6)):
        assert not is_signed(headers, PUBLISHED.body, [key], now=NOW + far)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_ÅÄÖ", "whsec_" + "A" * 8, "whsec_" + "A" * 100, "whsk_AA=="]
)
def test_what_is_no_secret_is_refused_and_not_quoted(secret: str) -> None:
    with pytest.raises(ValueError, match=r"^(no base64|too short or too long)$"):
        key_of(secret)
