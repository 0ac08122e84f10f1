"""What went wrong, as a page that says what to do next: never a bare one, never a trace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from oms.api.problems import FAULT, kind_of
from oms.backoffice.forms import form_of, is_small
from oms.backoffice.rendering import page
from oms.errors import NotAdmitted, OmsError

log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
SAID = {
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "missing",
    HTTPStatus.METHOD_NOT_ALLOWED: "missing",
    HTTPStatus.CONFLICT: "refused",
    HTTPStatus.PRECONDITION_FAILED: "refused",
    HTTPStatus.UNPROCESSABLE_ENTITY: "wrong",
    HTTPStatus.BAD_REQUEST: "wrong",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "wrong",
    HTTPStatus.TOO_MANY_REQUESTS: "wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "away",
}
"""Status to the words that explain it: `error_…` and `error_…_next`."""


class PageRoute(APIRoute):
    """Routes whose errors are pages."""

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except NotAdmitted:
                return await _login_first(request)
            except Exception as error:  # noqa: BLE001 - the door: whatever it is, somebody waits for a page
                return page_of(request, error)

        return answer


def page_of(request: Request, error: Exception) -> Response:
    """The page of an error."""
    status, sentence = _told(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    kind = SAID.get(HTTPStatus(status), "fault")
    given = {"status": status, "kind": kind, "sentence": sentence, "request_id": request.scope.get("request_id", "")}
    return page(request, "error.html", given, status=status)


def _told(error: Exception) -> tuple[int, str]:
    if isinstance(error, OmsError):
        status = kind_of(error)[0]
        return status, str(error) if status != HTTPStatus.INTERNAL_SERVER_ERROR else ""
    if isinstance(error, HTTPException):
        return error.status_code, ""
    if isinstance(error, RequestValidationError):
        return 422, " ".join(f"{each['loc'][-1]}: {each['msg']}." for each in error.errors())[:200]
    return FAULT[0], ""


async def _login_first(request: Request) -> Response:
    """The session is over, or there was none: log in, then go on. What was typed is kept. What an open page asks by itself is answered by nothing."""
    if "HX-Request" in request.headers and "HX-Boosted" not in request.headers:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if request.method in {"GET", "HEAD"}:
        wanted = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse("/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}", 303)
    if "HX-Boosted" in request.headers:  # the page stays, with what was typed
        return _login_over(request)
    if is_small(request):
        form, again, bar = await form_of(request), request.url.path, "session_over"
    else:  # a file can't be kept: back to where it was chosen
        form, again, bar = None, request.url.path.rpartition("/")[0] or "/", "session_over_file"
    given = {"next": again, "kept": form.pairs if form else (), "resumes": form is not None, "bar": bar, "email": "", "wait": ""}
    return page(request, "login.html", given, status=401)


def _login_over(request: Request) -> Response:
    """The login for a dialog over the page that sent a form."""
    page_there = urlsplit(request.headers.get("hx-current-url", ""))
    given = {"next": f"{page_there.path}?{page_there.query}", "kept": (), "resumes": False, "bar": "session_over_here", "email": "", "wait": ""}
    answer = page(request, "login.html", given, status=401)
    answer.headers.update({"HX-Retarget": "#login", "HX-Reselect": "[data-login]", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"})
    return answer
