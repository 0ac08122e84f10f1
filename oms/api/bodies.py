"""Bodies of requests: read to a limit, in bearable time, as the strict JSON of `oms.orders.raw`, then by a model. Faults have JSON pointers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from oms.errors import InvalidInput, InvalidOrder, Problem, TooLarge, Unreadable
from oms.orders.raw import TEXT_LIMIT, load_json, unstorable

PATIENCE = 30.0
"""Seconds that a body may take to come."""


class Body(BaseModel):
    """What a request says. Unknown keys are refused, and nothing is turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=Body)


async def read_body(request: Request, *, limit: int = TEXT_LIMIT) -> bytes:
    """The bytes of a body.

    Raises:
        TooLarge: it has more bytes than `limit`; the rest isn't read.
        Unreadable: it doesn't come to its end in time.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and len(declared) < 19 and int(declared) > limit:  # noqa: PLR2004 - longer ones are refused by the server
        raise _too_large(limit)
    try:
        async with asyncio.timeout(PATIENCE):
            parts, size = [], 0
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(part)
    except TimeoutError as error:
        raise Unreadable(f"The body did not come to its end within {PATIENCE:.0f} seconds.") from error
    return b"".join(parts)


async def json_body(request: Request) -> object:
    """The value of a JSON body: the dependency of whoever reads it by itself.

    Raises:
        TooLarge: it is too long.
        Unreadable: it is no JSON of ours: no UTF-8, a key twice, nested too deep.
        InvalidInput: a number or a text can't be kept.
    """
    raw = await read_body(request)
    try:
        document = load_json(raw)
        problems = unstorable(document)
    except InvalidOrder as error:
        raise Unreadable(" ".join(problem.sentence for problem in error.problems).replace("the document", "The body", 1)) from error
    if problems:
        raise InvalidInput(problems)
    return document


def body_of(model: type[Model]) -> Callable[[Request], Coroutine[Any, Any, Model]]:
    """A dependency that reads a body as this model."""

    async def read(request: Request) -> Model:
        return parsed(model, await json_body(request))

    return read


def parsed(model: type[Model], document: object) -> Model:
    """What a document says.

    Raises:
        InvalidInput: with the pointer of each fault.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(
            [Problem(_pointer(fault["loc"]), _sentence(fault, _example(model, fault["loc"]))) for fault in error.errors(include_input=False)]
        ) from error


def described(model: type[Body], example: object) -> dict[str, Any]:
    """How the OpenAPI document tells of a body that `body_of` reads."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}") | {"examples": [example]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _pointer(place: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')[:80]}" for part in place)


def _example(model: Any, place: tuple[int | str, ...]) -> str:
    """How the object at that place is written, if its model says so: pydantic itself would name a class."""
    schema = model.model_json_schema()
    found: Any = schema
    for part in place:
        found = _inner(found, schema)
        found = found.get("items", {}) if isinstance(part, int) else found.get("properties", {}).get(part, {})
    examples = _inner(found, schema).get("examples")
    return f", as in {json.dumps(examples[0])}" if examples else ""


def _inner(schema: Any, root: Any) -> Any:
    """What a reference or a choice with null stands for."""
    schema = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    return root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _sentence(fault: Any, example: str) -> str:
    said = {"missing": "is missing.", "extra_forbidden": "is no key of this document: remove it, or look for a spelling mistake."}
    if fault["type"] in {"model_type", "model_attributes_type", "dataclass_type"}:
        return f"must be an object{example}."
    return said.get(fault["type"], f"{fault['msg'][:1].lower()}{fault['msg'][1:]}.")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body has more than {limit // 1024} KB, which is all that is read here.")
