"""What every request gets, whatever it asks for: an id, under which the log and each problem know it, and headers that keep answers out of caches."""

from __future__ import annotations

import time
import uuid
from contextlib import AbstractContextManager, nullcontext
from urllib.parse import unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oms.api.noting import note
from oms.api.problems import fault, problem
from oms.tracing import Kind, following, sane_request_id, sane_traceparent, span

PROTECTING = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer says to browsers, also errors and files (S21, S22, S24). They heed Strict-Transport-Security over TLS only."""
LARGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""
MOST_HEADERS = 100
WATCHING = frozenset({"/healthz", "/readyz", "/metrics"})
"""What only monitors ask for."""


class EachRequest:
    """An ASGI middleware. The caller may say the id (`X-Request-Id`), so that its log and ours go together."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["request_id"] = sane_request_id(headers.get("x-request-id", "")) or uuid.uuid4().hex
        with following(request_id=scope["request_id"], traceparent=sane_traceparent(headers.get("traceparent", ""))), _spanned(scope):
            await self._identified(scope, receive, send)

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.monotonic(), 500
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun, status
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = scope["request_id"]
                for name, value in PROTECTING.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._answered(scope, receive, answer)
        except Exception as error:
            if begun:
                raise
            await fault(Request(scope), error)(scope, receive, answer)
        finally:
            note(scope, status=status, seconds=time.monotonic() - began)

    async def _answered(self, scope: Scope, receive: Receive, answer: Send) -> None:
        if _too_much(scope):
            refused = problem(
                Request(scope), 431, "head-too-large", f"The request has more than {MOST_HEADERS} headers or {LARGEST_HEAD // 1024} KB of them."
            )
            await refused(scope, receive, answer)
        elif _unspeakable(scope):
            refused = problem(Request(scope), 400, "unreadable", "The address holds a control character: leave it out.")
            await refused(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)


def _spanned(scope: Scope) -> AbstractContextManager[None]:
    """What a monitor asks every few seconds is nobody's trace."""
    return nullcontext() if scope["path"] in WATCHING else span("request", kind=Kind.ANSWERING)


def _too_much(scope: Scope) -> bool:
    """The parser of HTTP lets pass what comes in one piece."""
    size = len(scope["raw_path"]) + len(scope["query_string"]) + sum(len(name) + len(value) for name, value in scope["headers"])
    return size > LARGEST_HEAD or len(scope["headers"]) > MOST_HEADERS


def _unspeakable(scope: Scope) -> bool:
    """No name, number or word that we look for has them, and not every database can be asked for them."""
    said = scope["path"] + unquote_plus(scope["query_string"].decode("latin-1"))
    return any(character < " " or character == "\x7f" for character in said)
