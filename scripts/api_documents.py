"""Writes docs/openapi.json and docs/errors.md: what the API says of itself, for those who read it without a server."""

from __future__ import annotations

import json
from pathlib import Path

from oms.api.app import the_interface
from oms.api.meanings import MEANINGS

DOCS = Path(__file__).parent.parent / "docs"


def openapi_text() -> str:
    """The OpenAPI document."""
    return json.dumps(the_interface().openapi(), ensure_ascii=False, indent=1) + "\n"


def errors_text() -> str:
    """What each code of a problem means."""
    head = """# Errors of the API

Every answer from 400 on is a problem of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), `application/problem+json`: `type` is the address of a
page like a section below, then `title`, `status`, `code`, `detail` (a sentence for people), `request_id` (under which the log knows the request) and,
where an input is wrong, `errors` with a JSON pointer and a sentence for each fault. Programs decide by `code`; `detail` may be worded otherwise
tomorrow. Nothing that was sent is echoed beyond 80 characters.

`scripts/api_documents.py` writes this page from `oms/api/meanings.toml`.
"""
    parts = [f"## {code}\n\n{each.status} {each.title}. {each.means}\n\n{each.mend}\n\n> {each.example}\n" for code, each in MEANINGS.items()]
    return "\n".join([head, *parts])


def main() -> None:
    """Write both."""
    (DOCS / "openapi.json").write_text(openapi_text(), encoding="utf-8")
    (DOCS / "errors.md").write_text(errors_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
