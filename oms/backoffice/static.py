"""`/static/HASH/NAME`: style, scripts, picture. The hash of the bytes stands in the address, so browsers keep them for a year."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from oms.resources import resource_folder

router = APIRouter(prefix="/static")

FILES = {
    "style": ("app.css", "text/css"),
    "script": ("app.js", "text/javascript"),
    "htmx": ("htmx-2.0.11.min.js", "text/javascript"),
    "icon": ("icon.svg", "image/svg+xml"),
}
"""What a template calls it, its file, its media type."""
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def folder() -> Path:
    """Where they lie."""
    return resource_folder("templates") / "backoffice" / "static"


@cache
def addresses() -> Mapping[str, str]:
    """Name to address."""
    return {name: f"/static/{_hash(file)}/{file}" for name, (file, _) in FILES.items()}


@router.get("/{sha256}/{name}")
def static(sha256: str, name: str) -> Response:
    """One of them, as it is now."""
    kind = next((kind for file, kind in FILES.values() if file == name), None)
    if kind is None or sha256 != _hash(name):
        raise HTTPException(404)
    return Response((folder() / name).read_bytes(), media_type=kind, headers=_FOR_EVER)


@cache
def _hash(file: str) -> str:
    return hashlib.sha256((folder() / file).read_bytes()).hexdigest()[:16]
