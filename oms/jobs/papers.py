"""PDFs: made once from a snapshot, kept in the archive under the hash of their bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version

from oms.engine.context import JobContext
from oms.failpoints import reach
from oms.ports.papers import Files
from oms.ports.records import DocumentFile
from oms.ports.store import UnitOfWork

PDF = "pdf"

Shelf = Callable[[UnitOfWork], Files]
"""Where papers of a kind are kept."""


def render_invoice(context: JobContext, *, document: int) -> Mapping[str, object]:
    """Make an invoice's PDF, once."""
    return {"file": ensure_file(context, document).key}


def render_paper(context: JobContext, *, paper: int) -> Mapping[str, object]:
    """Make the PDF of a delivery note or the like, once."""
    with context.store.reading() as work:
        row = work.papers.get(paper)

    def print_(snapshot: Mapping[str, object]) -> bytes:
        return context.tools.printer.paper(row.template, snapshot=snapshot, store=row.store, identifier=row.sha256, created_at=row.created_at)

    return {"file": _ensure(context, paper, _papers, print_).key}


def ensure_file(context: JobContext, document: int) -> DocumentFile:
    """The PDF of an invoice; made if it isn't there yet. The job that renders it and the one that mails it often begin together."""
    with context.store.reading() as work:
        row = work.documents.get(document)

    def print_(snapshot: Mapping[str, object]) -> bytes:
        return context.tools.printer.invoice(snapshot, store=row.store, identifier=row.sha256, created_at=row.created_at)

    return _ensure(context, document, _documents, print_)


def _documents(work: UnitOfWork) -> Files:
    return work.documents


def _papers(work: UnitOfWork) -> Files:
    return work.papers


def _ensure(context: JobContext, number: int, shelf: Shelf, print_: Callable[[Mapping[str, object]], bytes]) -> DocumentFile:
    """The file that is there, or a new one of the snapshot."""
    with context.tools.papers.of(number):
        with context.store.reading() as work:
            made, snapshot = shelf(work).file(number, PDF), shelf(work).snapshot(number)
        return made or _make(context, number, shelf, lambda: print_(json.loads(snapshot)))


def _make(context: JobContext, number: int, shelf: Shelf, print_: Callable[[], bytes]) -> DocumentFile:
    """Of two that are made by two processes at once, the first stored counts."""
    data = print_()
    reach("pdf.after_render")
    stored = context.tools.archive.put(data, suffix=".pdf")
    reach("pdf.after_store")
    with context.store.writing() as work:
        made = DocumentFile(number, PDF, stored.sha256, stored.size, stored.key)
        shelf(work).add_file(made, engine=_engine(), at=work.now())
        return shelf(work).file(number, PDF) or made


@cache
def _engine() -> str:
    """What makes the files. Asked once: Python reads it from a file of its own."""
    return f"weasyprint {version('weasyprint')}"
