"""A small shop at the stand-in Shopify, and a client that speaks to it."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from sandbox.shopify.service import Shopify

TODAY = date(2026, 11, 22)
Json = dict[str, Any]


class Client:
    """Sends operations as any client would."""

    def __init__(self, box: Shopify) -> None:
        self.box = box
        self.session = requests.Session()

    def post(
        self, text: str, *, token: str = "", version: str = "2026-10", **variables: Any
    ) -> requests.Response:
        """One GraphQL request."""
        return self.session.post(
            f"{self.box.url}/admin/api/{version}/graphql.json",
            json={"query": text, "variables": variables},
            headers={"X-Shopify-Access-Token": token or self.box.token},
            timeout=120,
        )

    def ask(self, text: str, *, token: str = "", **variables: Any) -> Json:
        """The body of the answer."""
        body: Json = self.post(text, token=token, **variables).json()
        return body

    def data(self, text: str, **variables: Any) -> Json:
        """The data of an answer without errors."""
        body = self.ask(text, **variables)
        assert "errors" not in body, body["errors"]
        found: Json = body["data"]
        return found

    def mutate(self, text: str, **variables: Any) -> Json:
        """The payload of a single mutation."""
        return next(iter(self.data(text, **variables).values()))

    def wait(self, operation_id: str, *, token: str = "") -> Json:
        """A bulk operation when it has ended."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            found: Json = self.ask(POLL, token=token, id=operation_id)["data"]["bulkOperation"]
            if found["status"] not in ("CREATED", "RUNNING", "CANCELING"):
                return found
            time.sleep(0.01)
        raise AssertionError("the bulk operation has not ended")

    def run_query(self, text: str, **more: Any) -> Json:
        """Starts a bulk query; answers the payload."""
        return self.mutate(RUN_QUERY, query=text, **more)

    def bulk(self, text: str, **more: Any) -> Json:
        """A bulk query from its start to its end."""
        started = self.run_query(text, **more)
        assert started["userErrors"] == []
        return self.wait(started["bulkOperation"]["id"])

    def target(self, filename: str = "variables.jsonl") -> Json:
        """Where a file of variables is to be posted."""
        given = {
            "resource": "BULK_MUTATION_VARIABLES", "filename": filename, "mimeType": "text/jsonl",
            "httpMethod": "POST",
        }  # fmt: skip
        found: Json = self.mutate(STAGE, input=[given])["stagedTargets"][0]
        return found

    def upload(self, target: Json, content: bytes) -> requests.Response:
        """Posts a file of variables: every parameter, the file last."""
        fields = [(row["name"], (None, row["value"])) for row in target["parameters"]]
        return requests.post(target["url"], files=[*fields, ("file", ("v.jsonl", content))], timeout=120)


POLL = """query Poll($id: ID!) { bulkOperation(id: $id) {
  id status errorCode objectCount rootObjectCount url partialDataUrl } }"""
RUN_QUERY = """mutation Run($query: String!, $groupObjects: Boolean! = false) {
  bulkOperationRunQuery(query: $query, groupObjects: $groupObjects) {
    bulkOperation { id status } userErrors { field message code } } }"""
STAGE = """mutation Stage($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
  stagedTargets { url parameters { name value } } userErrors { field message } } }"""


def key_of(target: Json) -> str:
    """The stagedUploadPath of a target."""
    return next(str(row["value"]) for row in target["parameters"] if row["name"] == "key")


@pytest.fixture
def box() -> Iterator[Shopify]:
    """A shop of two hundred customers, with a budget that no test exhausts by chance."""
    with Shopify(7, 200, 600, TODAY) as made:
        made.use_plan("Enterprise")
        yield made
        assert made.server.crashes + made.bulk.crashes == []


@pytest.fixture
def client(box: Shopify) -> Iterator[Client]:
    """A client of that shop."""
    made = Client(box)
    yield made
    made.session.close()
