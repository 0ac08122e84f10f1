"""The OpenAPI document: what FastAPI knows of the routes, and what all of them have in common. `docs/openapi.json` is this, written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from oms import __version__
from oms.api.answers.told import ProblemTold
from oms.api.documented import PROBLEM, failing
from oms.api.exemplary import Exemplary
from oms.api.meanings import MEANINGS, PAGES
from oms.api.once import HEADER, PARAMETER, is_once

DESCRIPTION = """\
Orders, what may happen to them, their papers and their money.

Amounts are texts in the currency that stands beside them, times are UTC (RFC 3339), lists go on with `cursor`. Errors are problems of RFC 9457: their
`code` says which, their `type` is the address of a page that explains it, `errors` has the place of each fault. A POST that is repeated with the
same `Idempotency-Key` is answered as the first time. Keys are made by `oms key create`, each belongs to one store.
"""
TAGS = {
    "orders": "Place them, look them up.",
    "events": "Let things happen.",
    "care": "What people do to an order besides.",
    "invoices": "Issued papers: invoices and credit notes.",
    "links": "Links that open one paper for a while.",
    "processes": "What may follow what.",
    "stock": "What is reserved.",
    "customer": "For the shop's customer page.",
    "payments": "What payment providers say.",
    "webhooks": "Whom the shop tells what happens.",
    "health": "Is it there?",
}
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
_LINKS: Mapping[tuple[str, str], Mapping[str, Mapping[str, str]]] = {
    ("placeOrder", "201"): {
        "getOrder": {"reference": "$response.body#/order"},
        "letEventHappen": {"reference": "$response.body#/order"},
        "issueInvoice": {"reference": "$response.body#/order"},
        "listTimers": {"reference": "$response.body#/order"},
        "comment": {"reference": "$response.body#/order"},
    },
    ("issueInvoice", "201"): {
        "getInvoice": {"number": "$response.body#/number"},
        "getInvoicePdf": {"number": "$response.body#/number"},
        "getInvoiceXml": {"number": "$response.body#/number"},
        "creditInvoice": {"number": "$response.body#/number"},
        "cancelInvoice": {"number": "$response.body#/number"},
        "sendInvoice": {"number": "$response.body#/number"},
        "listDeliveries": {"number": "$response.body#/number"},
        "makeLink": {"number": "$response.body#/number"},
    },
}
"""(operation, status) to what may be asked next, and with what of the answer."""


def describe(app: FastAPI) -> None:
    """Let an app give this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = contract_of(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def contract_of(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    document = get_openapi(
        title="oms",
        version=__version__,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/", "description": "where it is served"}],
        tags=[{"name": name, "description": description} for name, description in TAGS.items()],
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= _parts(ProblemTold.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization"))
    once = {route.unique_id for route in _routes(app) if is_once(route)}
    for operation in _operations(document):
        _complete(operation, schemas, is_repeatable=operation["operationId"] in once)
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "bearerFormat": "oms_…", "description": "A key that `oms key create` made."}
    }
    exemplary = Exemplary(schemas)
    for operation in _operations(document):
        _exemplify(operation, exemplary)
    return document


def _routes(app: FastAPI) -> Iterator[Any]:
    """All of them, however they are nested."""
    todo = list(app.routes)
    while todo:
        route = todo.pop()
        yield route
        todo += getattr(getattr(route, "original_router", None), "routes", [])


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from (operation for operation in methods.values() if "operationId" in operation)


def _complete(operation: dict[str, Any], schemas: dict[str, Any], *, is_repeatable: bool) -> None:
    answers: dict[str, Any] = operation["responses"]
    parameters = _parameters(operation, is_repeatable=is_repeatable)
    may_be = (400, 409, 422) if any(each["name"] == HEADER for each in parameters) else (400,) if parameters else ()
    answers |= {str(status): told for status, told in failing(*may_be, always=()).items() if str(status) not in answers}
    if "application/json" in answers.get("422", {}).get("content", {}):
        answers["422"] = failing(422, always=())[422]
    if "403" in answers:
        operation["security"] = [{"key": []}]
    if operation.get("requestBody"):
        _name_body(operation["requestBody"], schemas)
    for status in answers:
        if links := _LINKS.get((operation["operationId"], status)):
            answers[status]["links"] = {name: {"operationId": name, "parameters": dict(given)} for name, given in links.items()}
    operation["responses"] = dict(sorted(answers.items()))


def _parameters(operation: dict[str, Any], *, is_repeatable: bool) -> list[dict[str, Any]]:
    """What may stand in the address and the headers."""
    parameters: list[dict[str, Any]] = operation.get("parameters", []) + ([PARAMETER] if is_repeatable else [])
    if parameters:
        operation["parameters"] = parameters
    for parameter in parameters:
        parameter["schema"] = _said(parameter["schema"])
        if parameter["in"] in {"path", "query"}:
            _refuse_control(parameter["schema"])
    return parameters


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a parameter that may be left out: nobody can say null in an address."""
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **kinds[0]}


def _refuse_control(schema: dict[str, Any]) -> None:
    """No address may hold a control character."""
    if schema.get("type") == "string" and not {"pattern", "enum", "format"} & set(schema):
        schema["pattern"] = _NO_CONTROL
    for each in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        _refuse_control(each)


def _name_body(body: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Bodies are schemas with a name of their own, so that clients have classes for them."""
    for content in body["content"].values():
        schema = content["schema"]
        if "title" in schema and schema.get("type") == "object":
            schemas |= _parts(schema)
            content["schema"] = {"$ref": f"#/components/schemas/{schema['title']}"}


def _parts(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema and those that it is made of, by name."""
    found: dict[str, Any] = dict(schema.get("$defs", {}))

    def hoisted(part: Any) -> Any:
        if isinstance(part, list):
            return [hoisted(each) for each in part]
        if not isinstance(part, dict):
            return part
        whole = {name: hoisted(value) for name, value in part.items() if name not in {"$defs", "example", "examples", "default"}}
        whole |= {name: part[name] for name in ("example", "examples", "default") if name in part}
        if part.get("type") != "object" or "properties" not in part or not isinstance(part.get("title"), str):
            return whole
        found[part["title"]] = whole
        return {"$ref": f"#/components/schemas/{part['title']}"}

    hoisted(schema)
    return found


def _exemplify(operation: dict[str, Any], exemplary: Exemplary) -> None:
    """An example for every body that has none: what is asked, what is answered, what is refused."""
    bodies = [operation.get("requestBody", {}), *(told for status, told in operation["responses"].items() if status < "400")]
    for content in (each for body in bodies for each in body.get("content", {}).items()):
        media_type, told = content
        if media_type == "application/json" and "example" not in told:
            told["example"] = exemplary.of(told["schema"])
    for status, told in operation["responses"].items():
        if PROBLEM in told.get("content", {}):
            told["content"][PROBLEM] = {**told["content"][PROBLEM], "example": _problem(int(status))}


def _problem(status: int) -> dict[str, Any]:
    code, meaning = next((code, meaning) for code, meaning in MEANINGS.items() if meaning.status == status)
    told = {"type": f"{PAGES}{code}", "title": meaning.title, "status": status, "code": code, "detail": meaning.example, "request_id": "9f1c2a7e"}
    return told | ({"errors": [{"pointer": "/items/0/quantity", "detail": meaning.example.partition(": ")[2]}]} if code == "invalid-input" else {})
