"""What is noted of each request: counted for the monitor, and a line in the log. Neither says whose order it was about, nor from where it came."""

from __future__ import annotations

import logging
from typing import Any

from starlette.types import Scope

from oms import tracing

log = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_V1 = "/api/v1"
_FAULT = 500
_UNKNOWN = "unknown"


def route_of(scope: Scope) -> str:
    """The address without what stands in it: `/api/v1/orders/{reference}`; `unknown`, if there is none such."""
    template: str | None = getattr(scope.get("route"), "path", None)
    if template is None:
        return _UNKNOWN
    if not scope["path"].startswith(f"{_V1}/"):
        return template
    return f"{_V1}/stores/{{store}}{template}" if "store" in scope.get("path_params", ()) else f"{_V1}{template}"


def _span(method: str, route: str, status: int) -> None:
    facts: dict[str, tracing.Fact] = {"http.request.method": method, "http.response.status_code": status}
    if route == _UNKNOWN:
        tracing.note(facts, name=method)
    else:
        tracing.note(facts | {"http.route": route}, name=f"{method} {route}")
    if status >= _FAULT:
        tracing.fail(str(status))


def note(scope: Scope, *, status: int, seconds: float) -> None:
    """A request was answered."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    route, state = route_of(scope), scope["app"].state
    state.visits.count("http_requests", method=method, route=route, status=str(status))
    state.visits.observe("http_request_seconds", seconds, method=method, route=route)
    _span(method, route, status)
    about: dict[str, Any] = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1000, 1)}
    actor = scope.get("state", {}).get("actor")
    log.info("answered", extra=about | ({"actor": actor} if actor else {}))
