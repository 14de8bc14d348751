"""An app that was uninstalled is told from every other refusal, by Shopify's own words alone."""

from collections.abc import Iterator
from datetime import date

import pytest
import responses

from connector.ports import Presence
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.conftest import GRAPHQL, check_answer, platform_of

BAD_TOKEN = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A small shop that can uninstall the app."""
    with StandIn(3, 2, 2, date(2026, 11, 22)) as made:
        yield made


@pytest.mark.parametrize("credentials", [("token",), ("key", "secret")])
def test_an_app_that_is_taken_out_is_refused_as_such_until_it_is_taken_in_again(
    stand_in: StandIn, credentials: tuple[str, ...]
) -> None:
    named = {"token": stand_in.token, "key": stand_in.client_id, "secret": stand_in.client_secret}
    given = {name: named[name] if name in credentials else "" for name in named}

    def asked() -> Presence:
        return platform_of([], url=stand_in.url, **given).presence()

    assert asked() is Presence.ANSWERS
    stand_in.uninstall()
    assert asked() is Presence.UNINSTALLED
    platform = platform_of([], url=stand_in.url, **given)
    platform.presence()
    assert platform.service_time() is not None  # a refusal is dated too
    stand_in.install()
    assert asked() is Presence.ANSWERS


def test_a_token_that_was_bought_before_the_app_was_taken_out_is_no_answer_of_the_shop(
    stand_in: StandIn,
) -> None:
    platform = platform_of(
        [], url=stand_in.url, token="", key=stand_in.client_id, secret=stand_in.client_secret
    )
    assert platform.presence() is Presence.ANSWERS
    stand_in.uninstall()
    assert platform.presence() is Presence.UNINSTALLED


@pytest.mark.parametrize(
    ("status", "body", "kind", "found"),
    [
        (401, BAD_TOKEN, "json", Presence.UNINSTALLED),
        (404, {"errors": "Not Found"}, "json", Presence.UNINSTALLED),
        (401, {"errors": "no"}, "json", Presence.NO_ANSWER),
        (401, {}, "json", Presence.NO_ANSWER),
        (401, "<html>Invalid API key or access token</html>", "html", Presence.NO_ANSWER),
        (404, "<html>Not Found</html>", "html", Presence.NO_ANSWER),
        (404, "", "html", Presence.NO_ANSWER),
        (404, {"error": "Not Found here"}, "json", Presence.NO_ANSWER),
        (402, {"errors": "Unavailable Shop"}, "json", Presence.NO_ANSWER),
        (403, BAD_TOKEN, "json", Presence.NO_ANSWER),
        (423, BAD_TOKEN, "json", Presence.NO_ANSWER),
        (430, BAD_TOKEN, "json", Presence.NO_ANSWER),
        (500, BAD_TOKEN, "json", Presence.NO_ANSWER),
        (503, "", "html", Presence.NO_ANSWER),
        (200, {"errors": [{"extensions": {"code": "SHOP_INACTIVE"}}]}, "json", Presence.NO_ANSWER),
        (200, BAD_TOKEN, "json", Presence.NO_ANSWER),
        (200, {"data": {}}, "json", Presence.NO_ANSWER),
        (200, "<html>", "html", Presence.NO_ANSWER),
        (200, {"data": check_answer()}, "json", Presence.ANSWERS),
    ],
)
def test_only_shopifys_own_words_say_that_the_app_is_gone_or_there(
    status: int, body: object, kind: str, found: Presence
) -> None:
    platform = platform_of([])
    sent = {"json": body} if kind == "json" else {"body": str(body), "content_type": "text/html"}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.post(GRAPHQL, status=status, **sent)  # type: ignore[arg-type]
        assert platform.presence() is found


def test_a_service_that_cannot_be_reached_is_no_answer() -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False):
        assert platform_of([]).presence() is Presence.NO_ANSWER


def test_a_kept_copy_of_a_refusal_is_no_answer() -> None:
    with responses.RequestsMock() as wire:
        wire.post(GRAPHQL, status=401, json=BAD_TOKEN, headers={"Age": "60", "X-Cache": "HIT"})
        assert platform_of([]).presence() is Presence.NO_ANSWER
