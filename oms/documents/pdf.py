"""Rendering in a child process that may die (rule 37): templates and PDFs. This is the parent's side; it never loads WeasyPrint.

The child is a fresh interpreter, not a fork and not `multiprocessing`'s spawn: that one runs the caller's main script
again, and a shop's five-line script would place its order twice.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import LifoQueue
from threading import Lock

from oms.documents.process import Limits, Process
from oms.documents.stock import Mark, Stock
from oms.errors import RenderFailed
from oms.ports.outside import MailText, Material
from oms.tracing import span

__all__ = ["Limits", "PdfChild", "PdfChildren"]

log = logging.getLogger(__name__)

HTML_LIMIT = 5_000_000
"""Bytes of HTML; 2,000 order lines need about 1 MB."""

_LARGE = 100_000
"""Bytes of a request after which the child is replaced. What is as large as that has children of its own, so that no small paper waits for it."""


class PdfChild:
    """Renders one thing at a time. Its process starts with the first document and is replaced when it dies."""

    def __init__(self, folders: Sequence[Path], *, limits: Limits | None = None, press: bool = True, stock: Stock | None = None) -> None:
        """Nothing is started yet.

        Args:
            folders: The template folders, the shop's first: templates, `fonts/` and `asset:` names are looked up there.
            limits: Other limits than rule 37's; they grow with the size of what is printed.
            press: Whether it can print. Without WeasyPrint it starts in a seventh of the time.
            stock: What is in the folders, if others look at it, too.
        """
        self._folders, self._press = tuple(folder.resolve() for folder in folders), press
        self._limits = limits or Limits()
        self._stock = stock or Stock(self._folders)
        self._lock = Lock()
        self._process: Process | None = None
        self._mark: Mark = ()
        self._programs: Mapping[str, str] | None = None

    def write(self, html: str, *, identifier: str, created_at: datetime, title: str = "", xml: str = "") -> bytes:
        """The PDF/A-3 of some HTML, which reaches nothing but `asset:` names.

        The same arguments give the same bytes, in every process, folder and time zone.

        Args:
            html: The whole document.
            identifier: Becomes the PDF's ID.
            created_at: Stands in the PDF as its date; the clock is not read.
            title: Stands in the PDF as its title; empty = the HTML's.
            xml: Is embedded as factur-x.xml; empty = nothing is.

        Raises:
            RenderFailed: this document can't be made; the next one may.
        """
        if len(html) > HTML_LIMIT:
            raise RenderFailed(f"The document is too long to be printed: {len(html):,} characters of HTML, at most {HTML_LIMIT:,}.")
        return self._ask("pdf", html=html, title=title, xml=xml, **_stamp(identifier, created_at))

    def invoice(
        self, snapshot: Mapping[str, object], *, store: str, identifier: str, created_at: datetime, xml: str = "", watermark: str | None = None
    ) -> bytes:
        """The PDF/A-3 of an invoice's snapshot, with its XML inside. The template runs in the child as well, so that one that loops harms nobody.

        Raises:
            RenderFailed: as for `write`; also when the template fails.
        """
        return self._ask("invoice", snapshot=snapshot, store=store, watermark=watermark, xml=xml, **_stamp(identifier, created_at))

    def paper(self, template: str, *, snapshot: Mapping[str, object], store: str, identifier: str, created_at: datetime) -> bytes:
        """The PDF of any other paper's snapshot.

        Raises:
            RenderFailed: as for `invoice`.
        """
        return self._ask("paper", template=template, snapshot=snapshot, store=store, **_stamp(identifier, created_at))

    def mail(self, template: str, *, locale: str, context: Mapping[str, object]) -> MailText:
        """A mail's text, as `Templates.mail` makes it, but in the child.

        Raises:
            RenderFailed: the template fails or is missing.
        """
        return MailText(**json.loads(self._ask("mail", template=template, locale=locale, context=context)))

    def material(self) -> Material:
        """What papers are made of now.

        Raises:
            RenderFailed: nothing can be printed here.
        """
        return self._stock.material(self.programs)

    def programs(self) -> Mapping[str, str]:
        """What prints, with versions; asked once.

        Raises:
            RenderFailed: nothing can be printed here.
        """
        if self._programs is None:
            self._programs = json.loads(self._ask("programs"))
        return self._programs

    def close(self) -> None:
        """End the child."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                process.end()

    def _ask(self, task: str, **arguments: object) -> bytes:
        with span(f"render {task}", {"oms.template": str(arguments.get("template", task))}):
            return self._asked(task, arguments)

    def _asked(self, task: str, arguments: Mapping[str, object]) -> bytes:
        request = json.dumps({"task": task, **arguments}).encode()
        limits = self._limits if task == "pdf" else self._limits.grown(len(request))
        with self._lock:
            process = self._fresh()
            try:
                answer, content = process.ask(request, limits)
            except BaseException:
                process.end()
                raise
            is_bloated = len(request) > _LARGE  # what it took may never be given back, and the next one gets less
            if answer["spent"] or is_bloated or process.asked >= self._limits.documents:
                process.end()
            else:
                self._process = process
        for warning in answer["warnings"]:
            log.warning("%s: %s", arguments.get("identifier", arguments.get("template")), warning)
        if answer["error"]:
            raise RenderFailed(f"The document can't be made: {answer['error']}")
        return content

    def _fresh(self) -> Process:
        """The child, if it began with the files of now: fonts and styles are read once, so another one is started when any has changed."""
        process, self._process = self._process, None
        mark = self._stock.mark() if self._press else ()
        if process is not None and mark != self._mark:
            process.end()
            process = None
        self._mark = mark
        return process or Process(self._folders, press=self._press)


class _Team:
    """Whoever is free is asked. The one that worked last comes first, so that no more are started than are needed."""

    def __init__(self, children: Sequence[PdfChild]) -> None:
        self.children = children
        self._free: LifoQueue[PdfChild] = LifoQueue()
        for child in children:
            self._free.put(child)

    @contextmanager
    def any(self) -> Iterator[PdfChild]:
        """One that is free; waits for it."""
        child = self._free.get()
        try:
            yield child
        finally:
            self._free.put(child)


class PdfChildren:
    """Several children that print, as many for large papers, and as many that write mails: those are quick to start, and wait for no paper."""

    def __init__(self, folders: Sequence[Path], *, count: int, limits: Limits | None = None) -> None:
        """Nothing is started yet.

        Args:
            folders: As for `PdfChild`.
            count: How many papers are printed at once, and how many mails are written.
            limits: As for `PdfChild`.
        """
        stock = Stock([folder.resolve() for folder in folders])
        teams = (_Team([PdfChild(folders, limits=limits, press=press, stock=stock) for _ in range(count)]) for press in (True, True, False))
        self._stock = stock
        self.printing, self.printing_large, self.writing = teams

    def invoice(
        self, snapshot: Mapping[str, object], *, store: str, identifier: str, created_at: datetime, xml: str = "", watermark: str | None = None
    ) -> bytes:
        """As `PdfChild.invoice`."""
        with self._team(snapshot).any() as child:
            return child.invoice(snapshot, store=store, identifier=identifier, created_at=created_at, xml=xml, watermark=watermark)

    def paper(self, template: str, *, snapshot: Mapping[str, object], store: str, identifier: str, created_at: datetime) -> bytes:
        """As `PdfChild.paper`."""
        with self._team(snapshot).any() as child:
            return child.paper(template, snapshot=snapshot, store=store, identifier=identifier, created_at=created_at)

    def mail(self, template: str, *, locale: str, context: Mapping[str, object]) -> MailText:
        """As `PdfChild.mail`."""
        with self.writing.any() as child:
            return child.mail(template, locale=locale, context=context)

    def material(self) -> Material:
        """As `PdfChild.material`; no child is waited for, unless something has changed."""
        return self._stock.material(self._programs)

    def close(self) -> None:
        """End the children."""
        for child in (*self.printing.children, *self.printing_large.children, *self.writing.children):
            child.close()

    def _team(self, snapshot: Mapping[str, object]) -> _Team:
        return self.printing_large if len(json.dumps(snapshot)) > _LARGE else self.printing

    def _programs(self) -> Mapping[str, str]:
        with self.printing.any() as child:
            return child.programs()


def _stamp(identifier: str, created_at: datetime) -> dict[str, str]:
    return {"identifier": identifier, "created_at": created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
