"""Errors as HTTP answers: `application/problem+json` (RFC 9457), the one place that knows their statuses. No trace, no echo of what came."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from oms import errors
from oms.api.meanings import MEANINGS, PAGES
from oms.api.noting import route_of
from oms.errors import OmsError, Problem

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[type[OmsError], tuple[int, str]] = {
    errors.Unreadable: (400, "unreadable"),
    errors.TooLarge: (413, "too-large"),
    errors.NotAdmitted: (401, "not-admitted"),
    errors.NotAllowed: (403, "not-allowed"),
    errors.TooManyTries: (429, "too-many-tries"),
    errors.NotFound: (404, "not-found"),
    errors.NotPossible: (409, "not-possible"),
    errors.Changed: (412, "changed"),
    errors.Elsewhere: (409, "elsewhere"),
    errors.KeyReused: (422, "key-reused"),
    errors.Conflict: (409, "conflict"),
    errors.Busy: (409, "busy"),
    errors.InProgress: (409, "in-progress"),
    errors.NotReady: (409, "not-ready"),
    errors.CommandFailed: (409, "command-failed"),
    errors.Refused: (409, "refused"),
    errors.Permanent: (409, "refused"),
    errors.EndlessChain: (409, "endless-chain"),
    errors.InvalidInput: (422, "invalid-input"),
    errors.StoreUnavailable: (503, "unavailable"),
    errors.ProviderUnavailable: (503, "provider-unavailable"),
    errors.FileDamaged: (500, "file-damaged"),
}
"""Error to status and code; the nearest class counts. Anything else is a fault of ours."""
FAULT = (500, "fault")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_RETRY_SECONDS = "2"


def answer_errors(app: FastAPI) -> None:
    """Let an app answer every error as a problem."""
    app.add_exception_handler(OmsError, _of_house)
    app.add_exception_handler(RequestValidationError, _of_address)
    app.add_exception_handler(HTTPException, _of_http)


def problem(request: Request, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """One problem, with the id under which the log knows the request."""
    content = {
        "type": f"{PAGES}{code}",
        "title": MEANINGS[code].title if code in MEANINGS else HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request.scope.get("request_id", ""),
        **more,
    }
    return JSONResponse(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def refusal(request: Request, error: OmsError) -> JSONResponse:
    """An error of the house as a problem, for who answers it by themselves."""
    return _of_house(request, error)


def kind_of(error: OmsError) -> tuple[int, str]:
    """Its status and code."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), FAULT)


def pointers(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Faults of an input, each with its JSON pointer."""
    return [
        {"pointer": each.where if each.where.startswith("/") or not each.where else f"/{each.where}", "detail": each.sentence} for each in problems
    ]


def _of_house(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, OmsError):
        raise error
    status, code = kind_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s", error, exc_info=error)
    more: dict[str, Any] = {}
    if isinstance(error, errors.InvalidInput):
        more["errors"] = pointers(error.problems)
    if isinstance(error, errors.NotPossible):
        more["event"] = error.event
    if isinstance(error, errors.NotPossible | errors.Elsewhere):
        more |= {"states": error.states, "possible": error.possible}
    return problem(request, status, code, str(error), headers=_headers(error), **more)


def _headers(error: OmsError) -> dict[str, str]:
    """How to come in, or when to come again."""
    if isinstance(error, errors.NotAdmitted):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.TooManyTries):
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, errors.StoreUnavailable | errors.InProgress) or (isinstance(error, errors.NotReady) and error.is_coming):
        return {"Retry-After": _RETRY_SECONDS}
    return {}


def _of_address(request: Request, error: Exception) -> JSONResponse:
    """What FastAPI found in path, query or headers."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = [Problem("".join(f"/{part}" for part in fault["loc"]), f"{fault['msg'][:1].lower()}{fault['msg'][1:]}.") for fault in error.errors()]
    return problem(request, 422, "invalid-input", " ".join(map(str, found)), errors=pointers(found))


def _of_http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    words = {404: "There is no such address.", 405: "This address doesn't know that method."}
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    headers = {**(error.headers or {}), **({"Allow": ", ".join(_methods(request))} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else {})}
    return problem(request, error.status_code, code, words.get(error.status_code, str(error.detail)), headers=headers)


def _methods(request: Request) -> list[str]:
    """Those that this address knows: several routes may have it."""
    scope, routes = request.scope, request.app.routes
    return [method for method in METHODS if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)]


def fault(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw. The log has it under the request's id, the caller learns nothing of it."""
    log.error("%s %s failed", request.method, route_of(request.scope), exc_info=error)
    return problem(request, *FAULT, "This is a fault of oms. The log knows more under the request's id.")
