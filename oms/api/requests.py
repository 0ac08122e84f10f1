"""What every request gets, whatever it asks for: an id, under which the log and each problem know it, and headers that keep answers out of caches."""

from __future__ import annotations

import re
import uuid
from urllib.parse import unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oms.api.problems import problem

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class EachRequest:
    """An ASGI middleware. The caller may say the id (`X-Request-Id`), so that its log and ours go together."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("x-request-id", "")
        scope["request_id"] = said if _ID.fullmatch(said) else uuid.uuid4().hex

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = scope["request_id"]
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        if _unspeakable(scope):
            refused = problem(Request(scope), 400, "unreadable", "The address holds a control character: leave it out.")
            await refused(scope, receive, answer)
            return
        await self._app(scope, receive, answer)


def _unspeakable(scope: Scope) -> bool:
    """No name, number or word that we look for has them, and not every database can be asked for them."""
    said = scope["path"] + unquote_plus(scope["query_string"].decode("latin-1"))
    return any(character < " " or character == "\x7f" for character in said)
