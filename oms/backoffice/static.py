"""`/static/HASH/NAME`: style, scripts, fonts, picture. The hash of the bytes stands in the address, so browsers keep them for a year.

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
FONTS = dict.fromkeys(("inter-5.3.0-latin.woff2", "inter-5.3.0-latin-ext.woff2"), "font/woff2")
"""What the style names; a browser takes those whose letters a page has. They are packed already."""
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
    kind = FONTS.get(name) or dict(FILES.values()).get(name)
    if kind is None or sha256 != _hash(name):
        raise HTTPException(404)
    if name not in FONTS and "gzip" in request.headers.get("Accept-Encoding", "").lower():
        return Response(_packed(name), media_type=kind, headers=_FOR_EVER | {"Content-Encoding": "gzip"})
    return Response((folder() / name).read_bytes(), media_type=kind, headers=_FOR_EVER)


@cache
def _packed(file: str) -> bytes:
    return gzip.compress((folder() / file).read_bytes(), mtime=0)


@cache
def _hash(file: str) -> str:
    return hashlib.sha256((folder() / file).read_bytes()).hexdigest()[:16]
