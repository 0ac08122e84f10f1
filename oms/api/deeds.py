"""Who asked for what is written down: with what was done (`oms.ports.deeds`), or, when nothing was, before the answer leaves."""

from __future__ import annotations

import logging

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oms.api.problems import refusal
from oms.errors import StoreUnavailable
from oms.ports.deeds import Deed, Visit, visit
from oms.ports.store import Store

log = logging.getLogger(__name__)

_FAULTY = 400


class EachVisit:
    """An ASGI middleware: a visit lasts as long as its request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on. What can't be written down is not handed out: 503."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        is_refused = False
        with visit(address=client[0] if client else "", request_id=scope.get("request_id", "")) as guest:

            async def answer(message: Message) -> None:
                nonlocal is_refused
                if message["type"] == "http.response.start" and not is_refused:
                    error = await _written(scope, guest, message["status"])
                    if error is not None:
                        is_refused = True
                        await refusal(Request(scope), error)(scope, receive, send)
                if not is_refused:
                    await send(message)

            await self._app(scope, receive, answer)


async def _written(scope: Scope, guest: Visit, status: int) -> StoreUnavailable | None:
    """What was still to be written down, is. Returns why it can't be, where nothing may be answered without."""
    deed = guest.at_end(status)
    if deed is None:
        return None
    try:
        await run_in_threadpool(_write, scope["app"].state.shop.store, deed)
    except StoreUnavailable as error:
        if status < _FAULTY:
            return error
        log.warning("%s by %s was %s, which could not be written down: %s", deed.what, deed.actor, deed.outcome, error)
    return None


def _write(store: Store, deed: Deed) -> None:
    with visit(), store.writing() as work:
        work.write_down(deed)
