"""Pages for people who write clients: the API in plain HTML, and what each error means. No script, no foreign host, nothing of the shop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from oms import __version__
from oms.api.documented import failing
from oms.api.meanings import MEANINGS
from oms.errors import NotFound

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent / "pages"


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@router.get("/docs", responses=failing())
def documentation(request: Request) -> HTMLResponse:
    """The API for people to read."""
    document = request.app.openapi()
    page = _templates().get_template("docs.html")
    return HTMLResponse(page.render(document=document, groups=_groups(document), shown=_shown, version=__version__))


@router.get("/errors", responses=failing())
def all_errors() -> HTMLResponse:
    """All codes."""
    return HTMLResponse(_templates().get_template("errors.html").render(meanings=MEANINGS, version=__version__))


@router.get("/errors/{code}", responses=failing())
def error(code: str) -> HTMLResponse:
    """What one code means, and how to mend it."""
    meaning = MEANINGS.get(code)
    if meaning is None:
        raise NotFound("No error has this code. /api/v1/errors lists them.")
    return HTMLResponse(_templates().get_template("error.html").render(code=code, meaning=meaning, version=__version__))


@router.get("/pages.css", responses=failing())
def style() -> Response:
    """How these pages look."""
    return Response((_FOLDER / "pages.css").read_bytes(), media_type="text/css")


def _groups(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Tag to its operations, each with method and path."""
    groups: dict[str, list[dict[str, Any]]] = {each["name"]: [] for each in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation.get("tags", ["more"])[0], []).append({"method": method.upper(), "path": path, **operation})
    return {tag: operations for tag, operations in groups.items() if operations}


def _shown(content: Mapping[str, Any]) -> str:
    """The example of a body, as it is read."""
    example = content.get("example", "")
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
