"""`Idempotency-Key`: a request that is repeated gets the answer of the first time, and nothing happens again.

Triggers answer from their own row, for ever (rule 11); their routes say `Key`. Every other POST is a route of `OnceRoute`, whose answers are kept
for a day. What a handler notes by `Once.note` is stored in its own transaction with what it did: no crash comes between.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from oms.api.bodies import read_body
from oms.api.entry import Asks, caller_here, shop_of
from oms.engine.repeating import begin, settle
from oms.errors import OmsError, StoreUnavailable, Unreadable
from oms.failpoints import reach
from oms.ports.access import KeptAnswer
from oms.ports.store import Store, UnitOfWork

log = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
SAID = "Repeated with the same request, it answers as the first time and nothing happens."
LARGEST = 10 * 1024 * 1024
"""Bytes of a body, before the handler looks at it, which may take less."""
_KEY = re.compile(r"[ -~]{1,255}", re.ASCII)
_PATTERN = r"^[!-~]([ -~]{0,253}[!-~])?$"
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": SAID,
    "schema": {"type": "string", "pattern": _PATTERN, "maxLength": 255, "title": "Idempotency-Key"},
}
"""As the OpenAPI document tells it of routes that don't declare it themselves."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def key_of(request: Request) -> str | None:
    """What `Idempotency-Key` says.

    Raises:
        Unreadable: it is no key.
    """
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise Unreadable(f"{HEADER} must have 1 to 255 printable ASCII characters.")
    return key


def _declared(
    request: Request,
    _key: Annotated[str | None, Header(alias=HEADER, description=SAID, json_schema_extra={"pattern": _PATTERN, "maxLength": 255})] = None,
) -> str | None:
    return key_of(request)


Key = Annotated[str | None, Depends(_declared)]
"""Of a trigger's route: what makes it answer as the first time."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is answered once."""

    answer: KeptAnswer | None  #: None: it has no key

    def note(self, work: UnitOfWork, told: BaseModel, *, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Keep the answer in the transaction of what was done.

        Raises:
            InProgress: another has taken the request over.
        """
        if self.answer is not None:
            heads = {"content-type": "application/json", **(headers or {})}
            settle(work, replace(self.answer, status=status, headers=json.dumps(heads), body=told.model_dump_json(by_alias=True)))


def once_of(request: Request) -> Once:
    """For `Annotated[Once, Depends(once_of)]`."""
    return getattr(request.state, "once", None) or Once(None)


class OnceRoute(APIRoute):
    """Routes whose POSTs are answered once for each key."""

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        handle = super().get_route_handler()
        asked = [each.call for each in self.dependant.dependencies if isinstance(each.call, Asks)]
        return _once(handle, asked) if is_once(self) else handle


def is_once(route: object) -> bool:
    """Whether it keeps its answers: it is a POST, and no trigger."""
    if not isinstance(route, OnceRoute) or "POST" not in (route.methods or ()):
        return False
    return not any(each.call is _declared for each in route.dependant.dependencies)


def _once(handle: Handler, asked: Sequence[Asks]) -> Handler:
    async def answer(request: Request) -> Response:
        key = key_of(request)
        if key is None:
            return await handle(request)
        shop = shop_of(request)
        caller = await run_in_threadpool(caller_here, request, shop)
        raw = await read_body(request, limit=LARGEST)
        sha256 = _sha256(request, raw, store=caller.store)
        kept = await run_in_threadpool(begin, shop.store, caller.actor, key, sha256=sha256, path=request.scope["path"])
        if kept.status is not None:
            for each in asked:  # who may no longer do it may no longer read what came of it
                each(request, caller)
            return _again(kept)
        return await _first(handle, _with_body(request, raw), shop.store, kept)

    return answer


async def _first(handle: Handler, request: Request, store: Store, kept: KeptAnswer) -> Response:
    request.state.once = Once(kept)
    try:
        response = await handle(request)
    except OmsError:
        await run_in_threadpool(_drop, store, kept)
        raise
    if response.status_code < 300:  # noqa: PLR2004 - what was refused changed nothing, and may be tried anew
        await run_in_threadpool(_keep, store, _as_kept(kept, response))
    else:
        await run_in_threadpool(_drop, store, kept)
    return response


def _keep(store: Store, answer: KeptAnswer) -> None:
    """Nothing happens if it was noted with what was done."""
    reach("once.before_keep")
    try:
        with store.writing() as work:
            work.kept_answers.settle(answer)
    except StoreUnavailable as error:  # it was done, and is answered; who repeats it is told that it is being answered, and may do it again later
        log.warning("the answer of a request could not be kept: %s", error)


def _drop(store: Store, answer: KeptAnswer) -> None:
    try:
        with store.writing() as work:
            work.kept_answers.drop(answer)
    except StoreUnavailable as error:  # its time will be over by itself
        log.warning("a request that was refused could not be forgotten: %s", error)


def _as_kept(kept: KeptAnswer, response: Response) -> KeptAnswer:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return replace(kept, status=response.status_code, headers=json.dumps(headers), body=bytes(response.body).decode("utf-8"))


def _again(kept: KeptAnswer) -> Response:
    headers = {**json.loads(kept.headers or "{}"), "Idempotency-Replayed": "true"}
    return Response(kept.body, kept.status or 200, headers=headers)


def _with_body(request: Request, raw: bytes) -> Request:
    """The same request, whose body can be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return Request(request.scope, receive)


def _sha256(request: Request, raw: bytes, *, store: str | None) -> str:
    """What must be the same when a key is repeated. Programs may be called alike one after the other, and see different stores."""
    head = f"{store or ''} {request.method} {request.scope['path']}?{request.scope['query_string'].decode('latin-1')}\n"
    return hashlib.sha256(head.encode("utf-8", "surrogatepass") + raw).hexdigest()
