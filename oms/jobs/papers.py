"""PDFs and e-invoices: made once from a snapshot, kept in the archive under the hash of their bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version

from oms.engine.context import JobContext
from oms.engine.printing import e_invoice, print_document
from oms.errors import InTheMaking, NotJudged, Permanent, Temporary
from oms.failpoints import reach
from oms.ports.outside import Material, Printer
from oms.ports.papers import Files
from oms.ports.records import Document, DocumentFile
from oms.ports.store import UnitOfWork

PDF, CII = "pdf", "cii"
"""Kinds of files: a paper, and the XML inside it."""

_CHANGES = 3
"""How often a paper is printed anew since a template was changed meanwhile."""
_PATIENCE = 1.0
"""Seconds in which a small paper is made by the thread whose turn it is."""
_TOLD = 1_000
"""Characters of what is wrong."""
_SUFFIXES = {PDF: ".pdf", CII: ".xml"}

Shelf = Callable[[UnitOfWork], Files]
"""Where papers of a kind are kept."""


def render_invoice(context: JobContext, *, document: int) -> Mapping[str, object]:
    """Make an invoice's PDF, once."""
    return {"file": ensure_file(context, document).key}


def render_paper(context: JobContext, *, paper: int) -> Mapping[str, object]:
    """Make the PDF of a delivery note or the like, once."""
    with context.store.reading() as work:
        row = work.papers.get(paper)

    def print_(snapshot: str) -> Sequence[tuple[str, bytes]]:
        given = json.loads(snapshot)
        return [(PDF, context.tools.printer.paper(row.template, snapshot=given, store=row.store, identifier=row.sha256, created_at=row.created_at))]

    return {"file": _ensure(context, paper, _papers, print_).key}


def ensure_file(context: JobContext, document: int) -> DocumentFile:
    """The PDF of an invoice; made if it isn't there yet. The job that renders it and the one that mails it often begin together."""
    with context.store.reading() as work:
        row = work.documents.get(document)

    def print_(snapshot: str) -> Sequence[tuple[str, bytes]]:
        xml = e_invoice(snapshot)
        if xml and context.tools.validation != "off":
            _judge(context, row, xml)
        pdf = print_document(context.tools.printer, row, snapshot=snapshot, xml=xml)
        return [(PDF, pdf), *([(CII, xml)] if xml else [])]

    return _ensure(context, document, _documents, print_)


def _judge(context: JobContext, document: Document, xml: bytes) -> None:
    """Hold the XML to its rules before anything is made of it.

    Raises:
        Permanent: it breaks them, or nobody can say, and that is not to happen.
    """
    try:
        faults = context.tools.judge.judge(xml).faults
    except NotJudged as error:
        faults = (str(error),)
    if not faults:
        return
    text = f"The e-invoice in {document.number} breaks the rules of EN 16931: {' '.join(faults)[:_TOLD]}"
    if context.tools.validation == "strict":
        raise Permanent(f'{text} Nothing is made of it while einvoice.validation is "strict".')
    with context.store.writing() as work:
        work.incidents.open("e-invoice", f"document:{document.id}", text=text, at=work.now(), order=document.order)
        work.orders.mark(document.order, attention=True)


def _documents(work: UnitOfWork) -> Files:
    return work.documents


def _papers(work: UnitOfWork) -> Files:
    return work.papers


def _ensure(context: JobContext, number: int, shelf: Shelf, print_: Callable[[str], Sequence[tuple[str, bytes]]]) -> DocumentFile:
    """The file that is there, or a new one of the snapshot.

    Raises:
        InTheMaking: another thread makes it, and it takes longer than a small one does.
    """
    turn = context.tools.papers.of(number)
    if not turn.acquire(timeout=_PATIENCE):
        raise InTheMaking("The paper is being made by another job; this one is done when it is there.")
    try:
        with context.store.reading() as work:
            made, snapshot = shelf(work).file(number, PDF), shelf(work).snapshot(number)
        return made or _make(context, number, shelf, lambda: print_(snapshot))
    finally:
        turn.release()


def _make(context: JobContext, number: int, shelf: Shelf, print_: Callable[[], Sequence[tuple[str, bytes]]]) -> DocumentFile:
    """Of two that are made by two processes at once, the first stored counts."""
    material, printed = _printed(context.tools.printer, print_)
    reach("pdf.after_render")
    made_with = context.tools.keep(material) if material else None
    made = []
    for kind, data in printed:
        stored = context.tools.archive.put(data, suffix=_SUFFIXES[kind])
        made.append(DocumentFile(number, kind, stored.sha256, stored.size, stored.key, made_with))
    reach("pdf.after_store")
    with context.store.writing() as work:
        now, files = work.now(), shelf(work)
        for file in made:
            files.add_file(file, engine=_engine(), at=now)
        return files.file(number, PDF) or made[0]


def _printed(printer: Printer, print_: Callable[[], Sequence[tuple[str, bytes]]]) -> tuple[Material | None, Sequence[tuple[str, bytes]]]:
    """The files, and what they were made of. If that changes meanwhile, nobody knows which of it was used: they are made again."""
    material = printer.material()
    for _ in range(_CHANGES):
        printed, before, material = print_(), material, printer.material()
        if before == material:
            return material, printed
    raise Temporary("The templates are being changed: it is printed when that is over.")


@cache
def _engine() -> str:
    """What makes the files. Asked once: Python reads it from a file of its own."""
    return f"weasyprint {version('weasyprint')}"
