"""The child's side of `pdf.py`. It never runs in our own process.

It is given text that may hold anything, so it can reach nothing: see `cage.py` for what is refused and limited.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from oms.documents.cage import allow_cpu, close_doors, limit_memory
from oms.documents.frames import receive, send
from oms.documents.templates import Templates
from oms.errors import InvalidTemplate, RenderFailed

_HEARD_AT_MOST = 20
"""Warnings per document: a broken template complains once per line."""


def main(start: Mapping[str, Any]) -> None:
    """Render until the parent closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and a stopping service reach the whole group; the parent decides
        signal.signal(number, signal.SIG_IGN)
    inbox, outbox = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    tasks = _Tasks([Path(folder) for folder in start["folders"]], press=start["press"])
    gc.collect()
    gc.enable()
    gc.freeze()  # all that is loaded stays: going through it again for each document takes the collector longer than the document's own garbage
    ear = _Ear()
    logging.getLogger().addHandler(ear)
    close_doors(Path(start["room"]))
    spent = False
    while not spent:
        try:
            limits, request = json.loads(receive(inbox)), json.loads(receive(inbox))
        except EOFError:  # the parent has died, else it would have ended us itself: nobody is left to tidy up
            shutil.rmtree(start["room"], ignore_errors=True)
            return
        limit_memory(limits["memory_mb"])
        allow_cpu(limits["cpu_seconds"])
        ear.heard.clear()
        content, error, spent = _attempt(tasks, request)
        send(outbox, json.dumps({"error": error, "warnings": ear.heard, "spent": spent}).encode())
        send(outbox, content)


def _attempt(tasks: _Tasks, request: dict[str, Any]) -> tuple[bytes, str, bool]:
    known: dict[str, Callable[..., bytes]] = {
        "pdf": tasks.pdf,
        "invoice": tasks.invoice,
        "paper": tasks.paper,
        "mail": tasks.mail,
        "programs": tasks.programs,
    }
    task = known[request.pop("task")]
    try:
        return task(**request), "", False
    except MemoryError:
        return b"", "it needs more memory than is allowed.", True
    except (InvalidTemplate, RenderFailed) as error:
        return b"", str(error), False
    except Exception as error:  # noqa: BLE001 - one document's failure is its own
        return b"", f"{type(error).__name__}: {error}", False


class _Tasks:
    """What the child can be asked for."""

    def __init__(self, folders: list[Path], *, press: bool) -> None:
        self._templates = Templates(folders)
        if not press:
            self._missing = "This child writes mails only."
            return
        try:
            from oms.documents.press import Press  # noqa: PLC0415 - mails can be written where Pango is missing
            from oms.documents.programs import programs  # noqa: PLC0415 - the same

            self._press, self._missing = Press(folders), ""
            self._about = programs
        except (ImportError, OSError) as error:
            self._missing = f"WeasyPrint can't be loaded here ({str(error).partition(chr(10))[0]}). `oms doctor` says what is missing."

    def mail(self, template: str, locale: str, context: Mapping[str, object]) -> bytes:
        return json.dumps(asdict(self._templates.mail(template, locale=locale, context=context))).encode()

    def invoice(self, snapshot: Mapping[str, object], store: str, watermark: str | None, **stamp: str) -> bytes:
        return self.pdf(self._templates.invoice_html(snapshot, store=store, watermark=watermark), **stamp)

    def paper(self, template: str, snapshot: Mapping[str, object], store: str, **stamp: str) -> bytes:
        return self.pdf(self._templates.paper_html(template, snapshot=snapshot, store=store), **stamp)

    def programs(self) -> bytes:
        if self._missing:
            raise RenderFailed(self._missing)
        return json.dumps(dict(self._about())).encode()

    def pdf(self, html: str, identifier: str, created_at: str, title: str = "", xml: str = "") -> bytes:
        if self._missing:
            raise RenderFailed(self._missing)
        return self._press.write(html, identifier=identifier, created_at=created_at, title=title, xml=xml)


class _Ear(logging.Handler):
    """Collects what the libraries complain about, for the parent's log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.heard) < _HEARD_AT_MOST:
            self.heard.append(record.getMessage())
