"""`/static/HASH/NAME`: style, scripts, picture. The hash of the bytes stands in the address, so browsers keep them for a year.

They alone are sent packed: how long a packed page is could tell who watches the line what stands in it (BREACH), and files hold no secret.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
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
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


def folder() -> Path:
    """Where they lie."""
    return resource_folder("templates") / "backoffice" / "static"


@cache
def addresses() -> Mapping[str, str]:
    """Name to address."""
    return {name: f"/static/{_hash(file)}/{file}" for name, (file, _) in FILES.items()}


@router.get("/{sha256}/{name}")
def static(request: Request, sha256: str, name: str) -> Response:
    """One of them, as it is now; packed for a browser that takes it so."""
    kind = next((kind for file, kind in FILES.values() if file == name), None)
    if kind is None or sha256 != _hash(name):
        raise HTTPException(404)
    if "gzip" in request.headers.get("Accept-Encoding", "").lower():
        return Response(_packed(name), media_type=kind, headers=_FOR_EVER | {"Content-Encoding": "gzip"})
    return Response((folder() / name).read_bytes(), media_type=kind, headers=_FOR_EVER)


@cache
def _packed(file: str) -> bytes:
    return gzip.compress((folder() / file).read_bytes(), mtime=0)


@cache
def _hash(file: str) -> str:
    return hashlib.sha256((folder() / file).read_bytes()).hexdigest()[:16]
