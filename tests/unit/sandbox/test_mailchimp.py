"""The stand-in Mailchimp: erasure for good, archiving that is none, and its limits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox import Sandbox

Call = Callable[..., requests.Response]
Json = dict[str, Any]


@pytest.fixture
def member(box: Sandbox) -> Json:
    """A subscribed contact of the shop's audience."""
    rows = box.mailchimp.shop.members[box.mailchimp.list_id].values()
    return next(row for row in rows if row["status"] == "subscribed")


@pytest.fixture
def path(box: Sandbox, member: Json) -> str:
    """The contact's path."""
    return f"lists/{box.mailchimp.list_id}/members/{member['id']}"


def test_a_key_that_is_wrong_is_told_so_as_a_problem(box: Sandbox) -> None:
    answer = requests.get(f"{box.mailchimp.url}/3.0/ping", auth=("any", "wrong-us19"), timeout=120)
    assert (answer.status_code, answer.json()["title"]) == (401, "API Key Invalid")
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_erasing_is_for_good(mailchimp: Call, box: Sandbox, member: Json, path: str) -> None:
    assert mailchimp("POST", f"{path}/actions/delete-permanent").status_code == 204
    gone = mailchimp("GET", path)
    assert (gone.status_code, gone.json()["title"]) == (404, "Resource Not Found")
    assert mailchimp("POST", f"{path}/actions/delete-permanent").status_code == 404
    again = mailchimp(
        "POST",
        f"lists/{box.mailchimp.list_id}/members",
        json={"email_address": member["email_address"], "status": "subscribed"},
    )
    assert (again.status_code, again.json()["title"]) == (400, "Forgotten Email Not Subscribed")


def test_erasing_asks_for_the_hash_and_reading_takes_the_contact_id_too(
    mailchimp: Call, member: Json, path: str
) -> None:
    by_contact = path.replace(member["id"], member["contact_id"])
    assert mailchimp("GET", by_contact).json()["id"] == member["id"]
    assert mailchimp("POST", f"{by_contact}/actions/delete-permanent").status_code == 404


def test_archiving_keeps_everything_and_hides_it_from_the_plain_list(
    mailchimp: Call, box: Sandbox, path: str, member: Json
) -> None:
    assert mailchimp("DELETE", path).status_code == 204
    assert mailchimp("GET", path).json()["email_address"] == member["email_address"]
    listed = mailchimp("GET", f"lists/{box.mailchimp.list_id}/members", params={"count": 1000}).json()[
        "members"
    ]
    assert member["id"] not in {row["id"] for row in listed}
    assert mailchimp("DELETE", path).status_code == 405


def test_erasing_a_contact_leaves_the_stores_copies(mailchimp: Call, box: Sandbox) -> None:
    service = box.mailchimp
    emails = {row["email_address"].lower(): row for row in service.shop.members[service.list_id].values()}
    customer = next(row for row in service.shop.customers.values() if row["email_address"].lower() in emails)
    member = emails[customer["email_address"].lower()]
    mailchimp("POST", f"lists/{service.list_id}/members/{member['id']}/actions/delete-permanent")
    store = f"ecommerce/stores/{service.store_id}"
    found = mailchimp("GET", f"{store}/customers", params={"email_address": customer["email_address"]}).json()
    assert [row["id"] for row in found["customers"]] == [customer["id"]]
    assert mailchimp("DELETE", f"{store}/customers/{customer['id']}").status_code == 204
    assert mailchimp("DELETE", f"{store}/customers/{customer['id']}").status_code == 404


def test_nobody_is_subscribed_again_after_a_stop(mailchimp: Call, path: str, member: Json) -> None:
    before = member["last_changed"]
    assert mailchimp("PATCH", path, json={"status": "unsubscribed"}).json()["status"] == "unsubscribed"
    assert member["last_changed"] > before
    again = mailchimp("PATCH", path, json={"status": "subscribed"})
    assert (again.status_code, again.json()["title"]) == (400, "Member In Compliance State")


def test_a_put_is_remembered(mailchimp: Call, box: Sandbox, path: str, member: Json) -> None:
    mailchimp("PUT", path, json={"email_address": member["email_address"], "status_if_new": "subscribed"})
    assert box.mailchimp.shop.puts == [f"/3.0/{path}"]


def test_lists_are_paged_filtered_and_trimmed(mailchimp: Call, box: Sandbox) -> None:
    base = f"lists/{box.mailchimp.list_id}/members"
    whole = mailchimp("GET", base, params={"count": 1000, "status": "subscribed"}).json()
    assert {row["status"] for row in whole["members"]} == {"subscribed"}
    fields = {"fields": "total_items,members.id", "status": "subscribed", "count": 3, "offset": 2}
    page = mailchimp("GET", base, params=fields).json()
    assert page["members"] == [{"id": row["id"]} for row in whole["members"][2:5]]
    assert page["total_items"] == len(whole["members"])
    assert mailchimp("GET", base, params={"count": 1001}).status_code == 400


def test_a_walk_by_last_change_can_go_on_where_it_ended(mailchimp: Call, box: Sandbox) -> None:
    base = f"lists/{box.mailchimp.list_id}/members"
    sort = {"sort_field": "last_changed", "sort_dir": "ASC", "count": 1000}
    rows = mailchimp("GET", base, params=sort).json()["members"]
    middle = rows[len(rows) // 2]["last_changed"]
    later = mailchimp("GET", base, params={**sort, "since_last_changed": middle}).json()["members"]
    assert [row["id"] for row in later] == [row["id"] for row in rows if row["last_changed"] > middle]


def test_many_contacts_were_changed_in_the_same_second(box: Sandbox) -> None:
    changed = [row["last_changed"] for row in box.mailchimp.shop.members[box.mailchimp.list_id].values()]
    assert max(changed.count(moment) for moment in set(changed)) > 2


def test_an_eleventh_request_at_once_is_one_too_many(mailchimp: Call, box: Sandbox) -> None:
    box.mailchimp.faults.add("latency", times=-1, seconds=0.5)
    with ThreadPoolExecutor(11) as pool:
        answers = sorted(pool.map(lambda _: mailchimp("GET", "ping").status_code, range(11)))
    assert answers == [200] * 10 + [429]
