"""PDFs: made once from a snapshot, kept in the archive under the hash of their bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

from oms.engine.context import JobContext
from oms.failpoints import reach
from oms.ports.records import DocumentFile

PDF = "pdf"


def render_invoice(context: JobContext, *, document: int) -> Mapping[str, object]:
    """Make an invoice's PDF, once."""
    return {"file": ensure_file(context, document).key}


def ensure_file(context: JobContext, document: int) -> DocumentFile:
    """The PDF of a paper; made from the snapshot if it isn't there yet. The job that renders it and the one that mails it often begin together."""
    with context.tools.papers.of(document):
        return _made(context, document) or _make(context, document)


def _made(context: JobContext, document: int) -> DocumentFile | None:
    with context.store.reading() as work:
        return work.documents.file(document, PDF)


def _make(context: JobContext, document: int) -> DocumentFile:
    """Of two that are made by two processes at once, the first stored counts."""
    with context.store.reading() as work:
        paper, snapshot = work.documents.get(document), work.documents.snapshot(document)
    data = context.tools.printer.invoice(json.loads(snapshot), store=paper.store, identifier=paper.sha256, created_at=paper.created_at)
    reach("pdf.after_render")
    stored = context.tools.archive.put(data, suffix=".pdf")
    reach("pdf.after_store")
    with context.store.writing() as work:
        made = DocumentFile(document, PDF, stored.sha256, stored.size, stored.key)
        work.documents.add_file(made, engine=_engine(), at=work.now())
        return work.documents.file(document, PDF) or made


@cache
def _engine() -> str:
    """What makes the files. Asked once: Python reads it from a file of its own."""
    return f"weasyprint {version('weasyprint')}"
