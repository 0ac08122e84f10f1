"""ETags: of an order, so that nobody acts on what has changed since, and of whatever a caller may have already."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header, Request

Had = Annotated[str | None, Header(alias="If-None-Match", max_length=1000, description="ETags that the caller has: then it is told 304.")]
Seen = Annotated[str | None, Header(alias="If-Match", max_length=80, description="The order's ETag: refused if it has changed since.")]


def tag_of(trigger: str, told: bytes) -> str:
    """Of an order: what happened last, which is compared with `If-Match`, and a hash of what is told, which mails and remarks change, too."""
    return f'"{trigger}.{hashlib.sha256(told).hexdigest()[:32]}"'


def trigger_of(seen: str | None) -> str | None:
    """What happened last when the caller looked; None: it doesn't matter."""
    return None if seen is None or seen.strip() == "*" else seen.strip().removeprefix("W/").strip('"').partition(".")[0]


def has(request: Request, tag: str) -> bool:
    """Whether the caller has what this tag stands for."""
    had = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    return tag in had or "*" in had
