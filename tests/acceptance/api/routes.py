"""Every address that an interface knows, also those that no document tells of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from oms.api.entry import Asks

_VALUES = {"number": "RE-2026-99999", "store": "main", "event": "none", "provider": "none", "code": "none", "token": "none"}


def routes(app: FastAPI) -> Iterator[tuple[str, str, APIRoute]]:
    """Method, whole path, and the route."""
    todo: list[Any] = list(app.routes)
    while todo:
        each = todo.pop(0)
        if hasattr(each, "effective_candidates"):
            todo += each.effective_candidates()
            continue
        route = getattr(each, "original_route", each)
        if isinstance(route, APIRoute):
            yield from ((method, each.path, route) for method in sorted(route.methods or ()))
        else:
            assert isinstance(route, Route), f"{each} is an address that nobody looks at"
            assert each.path == "/api/v1/openapi.json"


def right_of(route: APIRoute) -> str | None:
    """What it asks for. One right, or none."""
    asked = [each.call.right for each in route.dependant.dependencies if isinstance(each.call, Asks)]
    assert len(asked) <= 1, route.path
    return asked[0] if asked else None


def address_of(path: str) -> str:
    """One that leads there, to something that isn't there."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: _VALUES.get(found[1], "NONE"), path)
