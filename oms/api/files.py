"""Files as answers: the bytes with their hash as ETag, under a name that no header can be broken by (RFC 6266)."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from fastapi import Request, Response

from oms.api.tags import has


def file_answer(request: Request, data: bytes, *, name: str, sha256: str | None = None, media_type: str = "application/pdf") -> Response:
    """The file, or 304 if the caller has it.

    Args:
        request: Says what the caller has (`If-None-Match`).
        data: All of it.
        name: As it should be saved.
        sha256: Of the bytes, if it is known.
        media_type: What it is.
    """
    tag = f'"{sha256 or hashlib.sha256(data).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Content-Disposition": f"inline; filename=\"{_plain(name)}\"; filename*=UTF-8''{quote(name, safe='')}",
    }
    if has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)


def _plain(name: str) -> str:
    return "".join(character if character.isascii() and (character.isalnum() or character in "._-") else "-" for character in name)
