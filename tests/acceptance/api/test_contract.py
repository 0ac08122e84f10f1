"""The OpenAPI document: whole, exemplary and fresh; and the codes of problems, each explained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from oms.api.app import the_interface
from oms.api.documented import PROBLEM
from oms.api.meanings import MEANINGS
from oms.api.problems import FAULT, STATUSES
from scripts.api_documents import DOCS, errors_text, openapi_text

DOCUMENT: dict[str, Any] = the_interface().openapi()
OPEN = {"isAlive", "isReady", "openLink", "receiveMessage"}
"""Operations that need no key."""
ONCE = {"makeKey", "invitePerson", "invitePersonAgain", "acceptInvitation"}
"""Operations that tell or take a secret, which nobody keeps: repeated, a name is taken already, and another invitation ends the one before."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        yield from ((method, path, told) for method, told in methods.items())


EACH = pytest.mark.parametrize(("method", "path", "told"), [pytest.param(*each, id=each[2]["operationId"]) for each in operations()])


def valid(value: object, schema: Mapping[str, Any]) -> None:
    whole = {"components": DOCUMENT["components"], "$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    jsonschema_rs.validator_for(whole).validate(value)


FREE = {
    "EventWanted/payload",
    "Correction/customer",
    "Correction/billing_address",
    "Correction/shipping_address",
    "Crediting/units",
    "Crediting/amounts",
}
"""Parts of requests that hold names of others: fields of a process, of an order, items. Their own rules hold them."""


def objects(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, object]]:
    """Each object of a request, and whether it takes what is not told of it."""
    if "$ref" in schema:
        where = schema["$ref"].rpartition("/")[2]
        schema = DOCUMENT["components"]["schemas"][where]
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from objects(part, where)
    if schema.get("type") == "object":
        yield where, schema.get("additionalProperties", True)
        for name, part in schema.get("properties", {}).items():
            yield from objects(part, f"{where}/{name}")


def test_no_request_takes_a_field_that_is_not_told() -> None:  # S4
    bodies = [body["schema"] for _, _, told in operations() for body in told.get("requestBody", {}).get("content", {}).values()]
    found = {where: is_open for body in bodies for where, is_open in objects(body, "")}
    assert {where for where, is_open in found.items() if is_open is not False} == FREE
    assert len(found) > 25


def test_what_is_written_down_is_what_is_served() -> None:
    """`python scripts/api_documents.py` writes both."""
    assert (DOCS / "openapi.json").read_text("utf-8") == openapi_text()
    assert (DOCS / "errors.md").read_text("utf-8") == errors_text()


def test_operations_have_names_that_make_a_nice_client() -> None:
    names = [told["operationId"] for _, _, told in operations()]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name)] == []
    assert {"placeOrder", "getOrder", "letEventHappen", "issueInvoice", "getInvoicePdf"} <= set(names)


@EACH
def test_an_operation_says_how_it_may_fail_with_an_example_of_each(method: str, path: str, told: dict[str, Any]) -> None:
    failing = {status: answer for status, answer in told["responses"].items() if status >= "400"}
    assert {"500"} <= set(failing)
    assert ({"401", "403"} <= set(failing)) is ("security" in told) is (told["operationId"] not in OPEN), path
    assert ({"400", "413", "422"} <= set(failing)) or "requestBody" not in told or method == "get"
    for status, answer in ((status, answer) for status, answer in failing.items() if PROBLEM in answer["content"]):
        example = answer["content"][PROBLEM]["example"]
        valid(example, answer["content"][PROBLEM]["schema"])
        assert (str(example["status"]), MEANINGS[example["code"]].status) == (status, int(status))


@EACH
def test_an_operation_has_an_example_of_what_is_asked_and_answered(method: str, path: str, told: dict[str, Any]) -> None:
    answers = [answer for status, answer in told["responses"].items() if status < "300"]
    assert answers, (method, path)
    for body in (*answers, told.get("requestBody", {})):
        for media_type, content in body.get("content", {}).items():
            if media_type == "application/json":
                valid(content["example"], content["schema"])


@EACH
def test_a_post_can_be_repeated(method: str, path: str, told: dict[str, Any]) -> None:
    headers = {each["name"] for each in told.get("parameters", []) if each["in"] == "header"}
    # placed again with the same content it answers the same; another session harms nobody; a secret is not kept, and the one before signs on
    by_itself = told["operationId"] in {"placeOrder", "logIn", *ONCE, "exportCustomer", "addWebhook", "rotateWebhook"}
    assert method != "post" or not path.startswith("/api/v1") or by_itself or "Idempotency-Key" in headers


def test_each_code_of_a_problem_is_explained_and_no_other() -> None:
    told = {code: status for status, code in (*STATUSES.values(), FAULT)} | {"not-found": 404, "method-not-allowed": 405, "head-too-large": 431}
    assert {code: meaning.status for code, meaning in MEANINGS.items()} == told
    assert all(meaning.means.endswith(".") and meaning.mend.endswith(".") for meaning in MEANINGS.values())
    assert [meaning.status for meaning in MEANINGS.values()] == sorted(meaning.status for meaning in MEANINGS.values())
