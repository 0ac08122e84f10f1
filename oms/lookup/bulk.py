"""What is done to many orders at once, to be looked at: which orders a list means, how a run goes, and its papers as one file to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, cast

from oms.bookkeeping.zipping import Sink, ZipWriter
from oms.errors import FileDamaged, InvalidInput, NotFound, Problem
from oms.lookup.events import AskedField, asked_fields
from oms.lookup.orders import Sought, seek
from oms.ports.bulk import BulkOrder, BulkRun, Tallied
from oms.ports.keys import stored_bytes
from oms.ports.records import Document, DocumentFile
from oms.ports.store import UnitOfWork
from oms.process.model import Event, Process, title_in

if TYPE_CHECKING:
    from oms.bootstrap import Shop

_AT_ONCE = 500
_MISSING = "missing.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPage:
    """A run at one moment."""

    run: BulkRun
    tally: tuple[Tallied, ...]
    orders: tuple[BulkOrder, ...]  #: a page of them
    papers: int  #: that its triggers issued
    printable: int  #: those whose PDF is made
    processes: tuple[Process, ...]  #: the versions in use
    events: tuple[Event, ...]  #: as they have it
    fields: tuple[AskedField, ...]

    def count(self, *outcomes: str) -> int:
        """Orders with one of these results; none named: all."""
        return sum(each.orders for each in self.tally if not outcomes or each.outcome in outcomes)


def bulk_page(shop: Shop, number: int, *, store: str, locale: str, after: int, limit: int) -> BulkPage:
    """Read a run.

    Args:
        shop: Whose.
        number: Its id.
        store: Where it must belong.
        locale: Of titles.
        after: So many orders are left out.
        limit: At most so many are read.

    Raises:
        NotFound: there is none in this store.
    """
    with shop.store.reading() as work:
        run = bulk_run(work, number, store=store)
        processes = tuple(shop.engine.processes.load(version).process for version in work.versions.in_use())
        events = tuple(process.events[run.event] for process in processes if run.event in process.events)
        papers = work.bulk.papers(number) if run.status != "draft" else []
        return BulkPage(
            run=run,
            tally=tuple(work.bulk.tally(number)),
            orders=tuple(work.bulk.orders(number, after=after, limit=limit)),
            papers=len(papers),
            printable=sum(file is not None for _, file in papers),
            processes=processes,
            events=events,
            fields=tuple({field.name: field for event in events for field in asked_fields(event.fields, locale)}.values()),
        )


def bulk_run(work: UnitOfWork, number: int, *, store: str) -> BulkRun:
    """A run of this store.

    Raises:
        NotFound: there is none.
    """
    run = work.bulk.get(number)
    if run.store != store:
        raise NotFound("Nothing of this number was done to many orders.")
    return run


def bulk_events(processes: list[Process], *, roles: frozenset[str], locale: str) -> list[tuple[str, str]]:
    """Name and title of what people may let happen by hand, with these roles; by title."""
    events = {event.name: event for process in processes for event in process.events.values() if event.manual}
    mine = [event for event in events.values() if not event.roles or set(event.roles) & roles]
    return sorted(((event.name, title_in(locale, event.title, event.name)) for event in mine), key=lambda each: each[1].casefold())


def chosen(shop: Shop, references: list[str], *, store: str) -> list[int]:
    """Ids of orders that were chosen one by one; what is no order of this store is left out."""
    with shop.store.reading() as work:
        return [head.id for head in work.orders.mentioned(references, store=store)]


def all_matching(shop: Shop, sought: Sought, *, most: int) -> list[int]:
    """Ids of all orders that a search finds.

    Raises:
        InvalidInput: they are more than `most`.
    """
    found: list[int] = []
    wanted = replace(sought, limit=_AT_ONCE, oldest_first=True, after=None)
    while lines := seek(shop, wanted):
        found += [line.id for line in lines]
        if len(found) > most:
            raise InvalidInput([Problem("order", f"the search finds more than {most:,}: narrow it, and do them part by part.")])
        if len(lines) < _AT_ONCE:
            break
        wanted = replace(wanted, after=found[-1])
    return found


def printed(shop: Shop, number: int, *, store: str) -> Iterator[bytes]:
    """The PDFs of what a run issued, as one ZIP, piece by piece, in the order of their issue; in memory is one file at a time.

    Raises:
        NotFound: there is no such run in this store, or it issued nothing.
    """
    with shop.store.reading() as work:
        bulk_run(work, number, store=store)
        papers = work.bulk.papers(number)
    if not papers:
        raise NotFound("This issued no paper.")
    return _pieces(shop, papers)


def _pieces(shop: Shop, papers: list[tuple[Document, DocumentFile | None]]) -> Iterator[bytes]:
    """A paper without PDF stops nobody; it is told in a file of its own."""
    sink, missing, names = Sink(), list[str](), Counter[str]()
    with ZipWriter(cast("IO[bytes]", sink)) as out:
        for paper, file in papers:
            try:
                data = stored_bytes(shop.archive, file.key, sha256=file.sha256) if file else None
            except (NotFound, FileDamaged) as error:
                missing.append(f"{paper.number}: {error}")
                continue
            if data is None:
                missing.append(f"{paper.number}: its PDF is not made yet. Load the file again in a moment.")
                continue
            name = paper.number.replace("/", "_")
            names[name] += 1
            out.add(f"{name}.pdf" if names[name] == 1 else f"{name}.{names[name]}.pdf", data, on=paper.issued_on, packed=False)
            yield sink.taken()
        if missing:
            out.add(_MISSING, "\n".join([*missing, ""]).encode(), on=papers[0][0].issued_on)
    yield sink.taken()
