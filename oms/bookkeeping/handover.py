"""The papers of a period as one ZIP: the stored PDFs and e-invoices, byte for byte, and a table of what they are. Nothing is made for it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from oms.bookkeeping.cells import line_of, money, rate
from oms.bookkeeping.period import Entry, Period
from oms.bookkeeping.zipping import ZipWriter
from oms.errors import FileDamaged, NotFound
from oms.ports.keys import stored_bytes
from oms.ports.outside import Archive
from oms.ports.store import Store

INDEX, README = "index.csv", "README.txt"
COLUMNS = (
    *("number", "kind", "issued_on", "store", "order", "customer", "corrects"),
    *("currency", "net", "taxes", "tax", "gross", "rounding", "payable"),
    *("pdf", "pdf_sha256", "xml", "xml_sha256", "document_sha256"),
)
_KINDS = (("pdf", ".pdf"), ("cii", ".xml"))
_TOLD = 100
"""How many of those that are missing are told one by one."""

_ABOUT = """Invoices and credit notes from {since} to {until}.

STORE/KIND/NUMBER.pdf   each paper as it was made and sent (PDF/A-3); a / in its number is written _
STORE/KIND/NUMBER.xml   the same as an e-invoice (EN 16931, CII): what is embedded in the PDF
index.csv               a row for each paper, UTF-8: number, kind, date, customer, amounts in the paper's currency (those of credit
                        notes are negative), "taxes" as category, rate, net and tax of each rate, and the SHA-256 of each file;
                        document_sha256 is the paper's place in the chain of hashes that `oms invoice verify` goes through
"""


@dataclass(slots=True)
class HandOver:
    """What was written."""

    documents: int = 0
    files: int = 0
    unmade: int = 0  #: documents without a PDF
    missing: list[str] = field(default_factory=list)  #: the numbers of the first of them


def hand_over(store: Store, archive: Archive, papers: Iterable[Entry], *, period: Period, file: IO[bytes]) -> HandOver:
    """Write the ZIP. It may be given a name only if this ends well; the same papers give the same bytes.

    Args:
        store: Knows which files were made.
        archive: Has them, and checks their hashes.
        papers: Those of the period; each is looked at once.
        period: Stands in the README.
        file: At its beginning.

    Raises:
        NotFound: the archive has lost a file.
        FileDamaged: a file is not the one that was stored for its document.
    """
    done = HandOver()
    with tempfile.TemporaryFile() as index, ZipWriter(file) as zip_file:
        index.write(line_of(COLUMNS))
        for entry in papers:
            index.write(line_of([*_about(entry), *_pack(entry, store, archive, zip_file, done), entry.document.sha256]))
        zip_file.add_file(INDEX, index, on=period.until)
        zip_file.add(README, _ABOUT.format(since=period.since, until=period.until).replace("\n", "\r\n").encode(), on=period.until)
    return done


def _pack(entry: Entry, store: Store, archive: Archive, zip_file: ZipWriter, done: HandOver) -> Iterator[str | None]:
    """Name and hash of each of its files."""
    done.documents += 1
    with store.reading() as work:
        made = [(suffix, work.documents.file(entry.document.id, kind)) for kind, suffix in _KINDS]
    if made[0][1] is None:
        done.unmade += 1
        done.missing += [entry.said.number] if len(done.missing) < _TOLD else []
    for suffix, file in made:
        if file is None:
            yield from (None, None)
            continue
        name = f"{entry.document.store}/{entry.document.kind}/{entry.said.number.replace('/', '_')}{suffix}"
        try:
            data = stored_bytes(archive, file.key, sha256=file.sha256)
        except (NotFound, FileDamaged) as error:
            raise type(error)(f"{entry.said.number}: {error}") from error
        zip_file.add(name, data, on=entry.said.issued_on, packed=suffix != ".pdf")
        done.files += 1
        yield from (name, file.sha256)


def _about(entry: Entry) -> tuple[object, ...]:
    said, totals = entry.said, entry.said.totals
    sums = (totals.net_minor, totals.tax_minor, totals.gross_minor, totals.rounding_minor, totals.gross_minor + totals.rounding_minor)
    net, *others = (money(entry.sign * minor, said.currency) for minor in sums)
    taxes = "; ".join(
        " ".join(
            [
                group.category,
                rate(group.rate),
                money(entry.sign * group.base_minor, said.currency),
                money(entry.sign * group.tax_minor, said.currency),
            ]
        )
        for group in said.tax_groups
    )
    about = (said.number, said.kind, said.issued_on, said.store, said.order_reference, said.buyer.name)
    return (*about, said.parent.number if said.parent else None, said.currency, net, taxes, *others)
