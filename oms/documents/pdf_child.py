"""The child's side of `pdf.py`, and the only module that loads WeasyPrint. It never runs in our own process.

It is given HTML that may hold anything, so it can reach nothing: the fetcher knows only files named beforehand, sockets and
new processes are refused, CPU and memory are limited.
"""

from __future__ import annotations

import json
import logging
import mimetypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from oms.documents.pdf import receive, send


class AssetFetcher(URLFetcher):  # type: ignore[misc]
    """Knows `asset:` names and nothing else."""

    def __init__(self, folders: list[Path]) -> None:
        super().__init__(allowed_protocols=["asset"], allow_redirects=False)
        self._folders = folders

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002 - WeasyPrint's signature
        """The file of that name.

        Raises:
            ValueError: there is none; WeasyPrint goes on without it and warns.
        """
        scheme, _, name = url.partition(":")
        if scheme != "asset":
            raise ValueError("a document can only use asset: names")
        for folder in self._folders:
            path = (folder / name).resolve()
            if path.is_file() and path.is_relative_to(folder):
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})
        raise ValueError(f"there is no asset {name}")


def main(start: Mapping[str, Any]) -> None:
    """Make documents until the parent closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and a stopping service reach the whole group; the parent decides
        signal.signal(number, signal.SIG_IGN)
    inbox, outbox = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    fonts = FontConfiguration()
    fetcher = AssetFetcher([Path(folder) for folder in start["folders"]])
    warnings = _Warnings()
    logging.getLogger("weasyprint").handlers = [warnings]
    _limit(resource.RLIMIT_AS, start["memory_mb"] * 1024 * 1024)
    while True:
        try:
            head, html = json.loads(receive(inbox)), receive(inbox).decode()
        except EOFError:
            return
        _limit(resource.RLIMIT_CPU, int(sum(os.times()[:2])) + start["cpu_seconds"])
        warnings.heard.clear()
        _answer(outbox, head, html, fetcher=fetcher, fonts=fonts, heard=warnings.heard)


def _answer(outbox: IO[bytes], head: Mapping[str, Any], html: str, *, fetcher: AssetFetcher, fonts: FontConfiguration, heard: list[str]) -> None:
    try:
        pdf, error = _write(head, html, fetcher=fetcher, fonts=fonts), ""
    except Exception as failure:  # noqa: BLE001 - one document's failure is its own
        pdf, error = b"", f"{type(failure).__name__}: {failure}"
    send(outbox, json.dumps({"error": error, "warnings": heard}).encode())
    send(outbox, pdf)


def _write(head: Mapping[str, Any], html: str, *, fetcher: AssetFetcher, fonts: FontConfiguration) -> bytes:
    document = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url=None).render(font_config=fonts)
    document.metadata.created = document.metadata.modified = head["created_at"]
    document.metadata.attachments = []
    if head["title"]:
        document.metadata.title = head["title"]
    pdf: bytes = document.write_pdf(pdf_identifier=head["identifier"].encode())
    return pdf


def _limit(what: int, soft: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


class _Warnings(logging.Handler):
    """Collects what WeasyPrint complains about, for the parent's log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.heard) < 20:  # noqa: PLR2004 - a broken template complains once per line
            self.heard.append(record.getMessage())
