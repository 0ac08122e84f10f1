"""Issued documents and other papers: rows are added, never changed; the database refuses anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.errors import NotFound
from oms.invoicing import CREDIT_NOTE
from oms.ports.chain import Link, Series, Span
from oms.ports.drafts import NewDocument, NewPaper
from oms.ports.records import Billed, Document, DocumentFile, Paper
from oms.store.access import Access
from oms.store.tables import BillingRow, InvoiceFileRow, InvoiceRow, LinkRevocationRow, NumberSeriesRow, PaperFileRow, PaperRow, table_of

REVOKED = table_of(LinkRevocationRow)
SERIES, INVOICES, BILLING, FILES = (table_of(model) for model in (NumberSeriesRow, InvoiceRow, BillingRow, InvoiceFileRow))
PAPERS, PAPER_FILES = table_of(PaperRow), table_of(PaperFileRow)

INVOICE_COLUMNS = tuple(INVOICES.c[name] for name in Document.__slots__)
FILE_COLUMNS = (FILES.c.invoice, FILES.c.kind, FILES.c.sha256, FILES.c.size, FILES.c.key, FILES.c.made_with)
PAPER_COLUMNS = tuple(PAPERS.c[name] for name in Paper.__slots__)
PAPER_FILE_COLUMNS = (PAPER_FILES.c.paper, PAPER_FILES.c.kind, PAPER_FILES.c.sha256, PAPER_FILES.c.size, PAPER_FILES.c.key, PAPER_FILES.c.made_with)

_DRAFTED = tuple(name for name in NewDocument.__slots__ if name != "billed")
_values_of = attrgetter(*_DRAFTED)
_kept_of = attrgetter(*(name for name in Document.__slots__ if name != "id"))
"""Both read a draft at once: name by name takes as long as the INSERT."""

_START = insert_or_ignore(SERIES).on_conflict_do_nothing()
_DRAW = (
    update(SERIES)
    .where(SERIES.c.key == bindparam("series"))
    .values(
        last=SERIES.c.last + 1,
        last_date=case((SERIES.c.last_date > bindparam("day"), SERIES.c.last_date), else_=bindparam("day")),
    )
    .returning(SERIES.c.last, SERIES.c.last_date)
)
_ADD = insert(INVOICES)
_BILL = insert(BILLING)
DOCUMENTS_OF = select(*INVOICE_COLUMNS).where(INVOICES.c.order == bindparam("wanted")).order_by(INVOICES.c.id)
_GET = select(*INVOICE_COLUMNS).where(INVOICES.c.id == bindparam("wanted"))
_FIND = select(*INVOICE_COLUMNS).where(
    INVOICES.c.order == bindparam("wanted"),
    INVOICES.c.seller == bindparam("sold_by"),
    INVOICES.c.kind == bindparam("of_kind"),
    INVOICES.c.cause == bindparam("the_cause"),
)
_ISSUED = (
    select(*INVOICE_COLUMNS)
    .where(INVOICES.c.issued_on >= bindparam("first"), INVOICES.c.issued_on <= bindparam("last"), INVOICES.c.id > bindparam("before"))
    .order_by(INVOICES.c.id)
    .limit(bindparam("most"))
)
_ISSUED_IN = _ISSUED.where(INVOICES.c.store == bindparam("in_store"))
_REVOCATIONS = select(func.count()).select_from(REVOKED).where(REVOKED.c.invoice == bindparam("wanted"))
_REVOKE = insert(REVOKED)
_NUMBERED = select(*INVOICE_COLUMNS).where(INVOICES.c.number == bindparam("wanted"))
_MENTIONED = select(*INVOICE_COLUMNS).where(INVOICES.c.number.in_(bindparam("these", expanding=True))).order_by(INVOICES.c.id)
BILLED_OF = select(BILLING.c.invoice, BILLING.c.line, BILLING.c.item, BILLING.c.quantity).where(BILLING.c.order == bindparam("wanted"))
_UNITS = select(BILLING.c.line, func.sum(BILLING.c.quantity)).where(BILLING.c.invoice == bindparam("wanted")).group_by(BILLING.c.line)
_SNAPSHOT = select(INVOICES.c.snapshot).where(INVOICES.c.id == bindparam("wanted"))
_LAST = select(INVOICES.c.sha256).where(INVOICES.c.series == bindparam("wanted")).order_by(INVOICES.c.seq.desc()).limit(1)
_SERIES = select(SERIES.c.key, SERIES.c.last, SERIES.c.last_date).order_by(SERIES.c.key)
_UNCOUNTED = select(INVOICES.c.series).where(INVOICES.c.series.not_in(select(SERIES.c.key))).distinct().order_by(INVOICES.c.series)
_LOCK_SERIES = _SERIES.where(SERIES.c.key == bindparam("wanted")).with_for_update()
_COUNT_FROM = update(SERIES).where(SERIES.c.key == bindparam("wanted")).values(last=bindparam("before"))
_CHAIN = (
    select(INVOICES.c.id, *(INVOICES.c[name] for name in Link.__slots__ if name != "document"))
    .where(INVOICES.c.series == bindparam("wanted"), INVOICES.c.seq > bindparam("before"))
    .order_by(INVOICES.c.seq)
    .limit(bindparam("most"))
)
_PLACE = func.row_number().over(partition_by=INVOICES.c.series, order_by=INVOICES.c.seq)
_PLACED = select(INVOICES.c.series, INVOICES.c.seq, (INVOICES.c.seq - _PLACE).label("missing")).subquery()
_FIRST = func.min(_PLACED.c.seq)
_SPANS = select(_PLACED.c.series, _FIRST, func.max(_PLACED.c.seq)).group_by(_PLACED.c.series, _PLACED.c.missing).order_by(_PLACED.c.series, _FIRST)
"""Where no number is missing, number and place differ by the same. Read from the index of the numbers."""
_FILE = select(*FILE_COLUMNS).where(FILES.c.invoice == bindparam("wanted"), FILES.c.kind == bindparam("of_kind"))
_ADD_FILE = insert_or_ignore(FILES).on_conflict_do_nothing()
_ADD_PAPER = insert(PAPERS)
PAPERS_OF = select(*PAPER_COLUMNS).where(PAPERS.c.order == bindparam("wanted")).order_by(PAPERS.c.id)
_GET_PAPER = select(*PAPER_COLUMNS).where(PAPERS.c.id == bindparam("wanted"))
SAID_OF = select(PAPERS.c.id, PAPERS.c.snapshot).where(PAPERS.c.order == bindparam("wanted")).order_by(PAPERS.c.id)
_SAID = select(PAPERS.c.snapshot).where(PAPERS.c.id == bindparam("wanted"))
_PAPER_FILE = select(*PAPER_FILE_COLUMNS).where(PAPER_FILES.c.paper == bindparam("wanted"), PAPER_FILES.c.kind == bindparam("of_kind"))
_ADD_PAPER_FILE = insert_or_ignore(PAPER_FILES).on_conflict_do_nothing()


class Documents(Access):
    """`oms.ports.papers.Documents` on SQL."""

    credited = False

    def draw(self, series: str, *, day: date) -> tuple[int, date]:
        """The next number of a series and the date that stands on it: one statement, so that no other can come between (rule 10)."""
        row = self._first(_DRAW, wanted := {"series": series, "day": day})
        if row is None:
            self._run(_START, {"key": series, "last": 0, "last_date": day})
            row = self._one(_DRAW, wanted)
        return row.last, row.last_date

    def wait_for(self, series: str) -> None:
        """Nobody else draws from this series until the transaction ends. Nothing is done where it has not begun."""
        self._first(_LOCK_SERIES, {"wanted": series})

    def add(self, document: NewDocument) -> Document:
        """A paper with its entries in the billing ledger."""
        number = self._insert(_ADD, dict(zip(_DRAFTED, _values_of(document), strict=True)))
        about = {"invoice": number, "order": document.order}
        if document.billed:  # a credit of an amount takes no units back
            self._run(_BILL, [{**about, "line": line, "item": item, "quantity": quantity} for line, item, quantity in document.billed])
        self.credited |= document.kind == CREDIT_NOTE
        self._wire.unsettled.add(document.order)
        return Document(number, *_kept_of(document))

    def of(self, order: int) -> list[Document]:
        """Oldest first."""
        return [Document(*row) for row in self._all(DOCUMENTS_OF, {"wanted": order})]

    def billed(self, order: int) -> list[Billed]:
        """The ledger of an order."""
        return [Billed(*row) for row in self._all(BILLED_OF, {"wanted": order})]

    def units(self, document: int) -> dict[int, int]:
        """Order line to its units that the ledger has on a document."""
        return {line: int(units) for line, units in self._all(_UNITS, {"wanted": document})}

    def find(self, order: int, *, seller: str, kind: str, cause: str) -> Document | None:
        """The paper of this cause, if it was issued (rule 5)."""
        row = self._first(_FIND, {"wanted": order, "sold_by": seller, "of_kind": kind, "the_cause": cause})
        return Document(*row) if row else None

    def get(self, document: int) -> Document:
        """One paper."""
        row = self._first(_GET, {"wanted": document})
        if row is None:
            raise NotFound(f"There is no invoice with id {document}. `oms invoice list` shows what there is.")
        return Document(*row)

    def numbered(self, number: str, *, store: str | None = None) -> Document:
        """By its number."""
        rows = [row for row in self._all(_NUMBERED, {"wanted": number}) if store in (None, row.store)]
        if not rows:
            raise NotFound(f'There is no invoice "{number[:80]}". `oms invoice list` shows what there is.')
        if len(rows) > 1:
            raise NotFound(f'The number "{number[:80]}" exists in several stores: {", ".join(row.store for row in rows)}. Name the store.')
        return Document(*rows[0])

    def snapshot(self, document: int) -> str:
        """What stands on it."""
        return str(self._one(_SNAPSHOT, {"wanted": document})[0])

    def issued(self, first: date, last: date, *, store: str | None, after: int, limit: int) -> list[Document]:
        """Those of a period, oldest first, whose ids come after this one."""
        wanted = {"first": first, "last": last, "before": after, "most": limit} | ({} if store is None else {"in_store": store})
        return [Document(*row) for row in self._all(_ISSUED if store is None else _ISSUED_IN, wanted)]

    def mentioned(self, numbers: Sequence[str], *, store: str | None) -> list[Document]:
        """Those that have one of these numbers."""
        return [Document(*row) for row in self._all_of(_MENTIONED, numbers) if store in (None, row.store)]

    def revocations(self, document: int) -> int:
        """How often the links to a paper were revoked."""
        return int(self._one(_REVOCATIONS, {"wanted": document})[0])

    def revoke(self, document: int, *, actor: str, at: datetime) -> None:
        """Let no link count that was given away before."""
        self._run(_REVOKE, {"invoice": document, "actor": actor, "at": at})

    def last_sha256(self, series: str) -> str | None:
        """Hash of the newest paper of a series."""
        row = self._first(_LAST, {"wanted": series})
        return row.sha256 if row else None

    def series(self) -> list[Series]:
        """All that have begun, by key."""
        return [Series(*row) for row in self._all(_SERIES)]

    def uncounted(self) -> list[str]:
        """Series that have papers, but of which nobody knows any more how far they are."""
        return [row.series for row in self._all(_UNCOUNTED)]

    def lock_series(self, series: str, *, day: date) -> Series:
        """One series, that nobody draws from until the transaction ends; a new one begins at zero, on this day."""
        self._run(_START, {"key": series, "last": 0, "last_date": day})
        return Series(*self._one(_LOCK_SERIES, {"wanted": series}))

    def count_from(self, series: str, last: int) -> None:
        """Let the number after `last` be the next one of a series that is locked."""
        self._run(_COUNT_FROM, {"wanted": series, "before": last})

    def spans(self) -> list[Span]:
        """Papers without a gap in their numbers."""
        return [Span(*row) for row in self._all(_SPANS)]

    def chain(self, series: str, *, after: int, limit: int) -> list[Link]:
        """The papers of a series whose numbers come after this one, in their order."""
        return [Link(*row) for row in self._all(_CHAIN, {"wanted": series, "before": after, "most": limit})]

    def file(self, document: int, kind: str) -> DocumentFile | None:
        """The rendered file, if it was made."""
        row = self._first(_FILE, {"wanted": document, "of_kind": kind})
        return DocumentFile(*row) if row else None

    def add_file(self, file: DocumentFile, *, engine: str, at: datetime) -> bool:
        """False: another worker stored one first."""
        values = {"invoice": file.document, "kind": file.kind, "sha256": file.sha256, "size": file.size, "key": file.key}
        return self._run(_ADD_FILE, values | {"engine": engine, "made_with": file.made_with, "created_at": at}).rowcount == 1


class Papers(Access):
    """`oms.ports.papers.Papers` on SQL."""

    def add(self, paper: NewPaper) -> Paper:
        """One more."""
        values = {name: getattr(paper, name) for name in NewPaper.__slots__}
        number = self._insert(_ADD_PAPER, values)
        return Paper(number, **{name: values[name] for name in Paper.__slots__ if name != "id"})

    def of(self, order: int) -> list[Paper]:
        """Oldest first."""
        return [Paper(*row) for row in self._all(PAPERS_OF, {"wanted": order})]

    def get(self, paper: int) -> Paper:
        """One paper."""
        return Paper(*self._one(_GET_PAPER, {"wanted": paper}))

    def snapshots(self, order: int) -> Mapping[int, str]:
        """Paper to what stands on it, of all of an order."""
        return {row.id: row.snapshot for row in self._all(SAID_OF, {"wanted": order})}

    def snapshot(self, document: int) -> str:
        """What stands on it."""
        return str(self._one(_SAID, {"wanted": document})[0])

    def file(self, document: int, kind: str) -> DocumentFile | None:
        """The rendered file, if it was made."""
        row = self._first(_PAPER_FILE, {"wanted": document, "of_kind": kind})
        return DocumentFile(*row) if row else None

    def add_file(self, file: DocumentFile, *, engine: str, at: datetime) -> bool:
        """False: another worker stored one first."""
        values = {"paper": file.document, "kind": file.kind, "sha256": file.sha256, "size": file.size, "key": file.key}
        return self._run(_ADD_PAPER_FILE, values | {"engine": engine, "made_with": file.made_with, "created_at": at}).rowcount == 1
