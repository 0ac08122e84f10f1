"""Documents as one ZIP: the stored bytes, and an index that names each. What is in memory does not grow with them."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from oms.invoicing import invoice_from_json
from oms.money import format_minor
from oms.ports.records import Document, DocumentFile

if TYPE_CHECKING:
    from oms.bootstrap import Shop

_INDEX = (
    *("number", "kind", "store", "issued_on", "order", "corrects", "customer", "net", "tax", "gross", "rounding", "paid", "due", "currency"),
    *("sha256", "pdf", "pdf_sha256", "xml", "xml_sha256"),
)
_ABOUT = """What is in here
===============

index.csv   one line per invoice and credit note: its sums, and the SHA-256 of each file. Amounts of credit notes are positive.
STORE/KIND/NUMBER.pdf   the document as it was issued, PDF/A-3 with its XML inside
STORE/KIND/NUMBER.xml   that XML (Factur-X, EN 16931)

sha256 is the hash of what stands on the document, chained with the one before it in its series.
"""
_KINDS = (("pdf", ".pdf", ZIP_STORED), ("cii", ".xml", ZIP_DEFLATED))
_FIRST_YEAR = 1980
"""ZIP knows none before."""


@dataclass(slots=True)
class Zipped:
    """What was written."""

    documents: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)  #: documents without a PDF


def zipped(target: IO[bytes], shop: Shop, documents: Iterable[Document]) -> Zipped:
    """Write them all. The same documents give the same bytes."""
    done, day = Zipped(), date(_FIRST_YEAR, 1, 1)
    with ZipFile(target, "w", allowZip64=True) as archive, tempfile.TemporaryFile() as spool:
        text = io.TextIOWrapper(spool, encoding="utf-8", newline="", write_through=True)
        index = csv.writer(text)
        index.writerow(_INDEX)
        for document in documents:
            day = max(day, document.issued_on)
            index.writerow(_document(archive, shop, document, done))
        text.seek(0)
        _add(archive, "index.csv", text.detach(), day)
        _add(archive, "README.txt", io.BytesIO(_ABOUT.encode()), day)
    return done


def _document(archive: ZipFile, shop: Shop, document: Document, done: Zipped) -> list[object]:
    done.documents += 1
    with shop.store.reading() as work:
        invoice = invoice_from_json(work.documents.snapshot(document.id))
        files = {kind: work.documents.file(document.id, kind) for kind, _, _ in _KINDS}
    if files["pdf"] is None:
        done.missing.append(document.number)
    named: list[object] = []
    for kind, suffix, method in _KINDS:
        named += _file(archive, shop, document, files[kind], suffix=suffix, method=method)
        done.files += files[kind] is not None
    totals = invoice.totals
    minor = (totals.net_minor, totals.tax_minor, totals.gross_minor, totals.rounding_minor, totals.paid_minor, totals.due_minor)
    said = (document.number, document.kind, document.store, document.issued_on, invoice.order_reference)
    corrects = invoice.parent.number if invoice.parent else ""
    amounts = (format_minor(each, document.currency) for each in minor)
    return [*said, corrects, invoice.buyer.name, *amounts, document.currency, document.sha256, *named]


def _file(archive: ZipFile, shop: Shop, document: Document, file: DocumentFile | None, *, suffix: str, method: int) -> tuple[str, str]:
    """Its name in the archive, and its hash. The bytes are checked against it when they are read."""
    if file is None:
        return "", ""
    name = f"{document.store}/{document.kind}/{document.number.replace('/', '-')}{suffix}"
    _add(archive, name, io.BytesIO(shop.archive.get(file.key)), document.issued_on, method=method)
    return name, file.sha256


def _add(archive: ZipFile, name: str, content: IO[bytes], day: date, *, method: int = ZIP_DEFLATED) -> None:
    entry = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type, entry.external_attr = method, 0o644 << 16
    with archive.open(entry, "w") as file:
        while part := content.read(1 << 20):
            file.write(part)
