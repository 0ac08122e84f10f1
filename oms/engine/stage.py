"""Where an event is rehearsed: reads what a database holds, and keeps for itself whatever is written. Nothing of it outlives the page that asked.

It stands in for a `UnitOfWork` as far as hops and the house's own commands need one; the transaction behind it can't write anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from oms.outbox import Job
from oms.ports.drafts import NewDocument, NewMessage, NewPaper, NewPayment
from oms.ports.records import Billed, Document, Item, Paper, Payment
from oms.ports.store import UnitOfWork
from oms.ports.views import OrderView


@dataclass(frozen=True, slots=True)
class ToPrint:
    """An invoice that a person is to print, for there is nobody to mail it to. The remark that tells of it follows."""

    document: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What would be noted on the order."""

    text: str


@dataclass(frozen=True, slots=True)
class OfTheShop:
    """A command of the shop's own, which was not called: what it writes nobody here knows."""

    name: str


Written = Document | NewMessage | Paper | Payment | Job | ToPrint | Remark | OfTheShop
"""What would be written, as far as somebody may want to know it beforehand."""


class Stage:
    """One order, as it would be."""

    def __init__(self, work: UnitOfWork, view: OrderView, *, said: Mapping[int, str], now: datetime) -> None:
        """Nothing is written yet.

        Args:
            work: A transaction that only reads.
            view: The order in it.
            said: Invoice or credit note of the order to its snapshot.
            now: When it would happen.
        """
        self._now = now
        self.written: list[Written] = []
        self.unknown = False  #: something was asked that nobody can answer beforehand
        self.orders = _Orders(work.orders)
        self.items = _Items(view.items)
        self.documents = _Documents(work.documents, self.written, dict(said))
        self.payments = _Payments(work.payments, self.written)
        self.papers = _Papers(work.papers, self.written)
        self.jobs = _Jobs(work.jobs, self.written)
        self.mails = _Mails(view, self.written)
        self.prints = _Prints(view, self.written)
        self.notes = _Notes(self.written)
        self.triggers, self.history, self.timers = _Deaf(0), _Deaf(None), _Deaf(())
        self.incidents, self.endpoints, self.holds = _Deaf(()), _Deaf(False), _Deaf(view.process_held)

    @property
    def is_touched(self) -> bool:
        """Whether a command of the shop's own would have written something here by now."""
        return any(isinstance(each, OfTheShop) for each in self.written)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What was written inside is forgotten after an exception."""
        before = len(self.written)
        try:
            yield
        except Exception:
            del self.written[before:]
            raise

    def now(self) -> datetime:
        """The one moment of it."""
        return self._now

    def usable(self, _error: BaseException) -> bool:
        """Nothing was sent that could have ended the transaction."""
        return True

    def lost(self, _error: BaseException) -> bool:
        """As above."""
        return False


class _Deaf:
    """Takes whatever it is told, and always answers the same."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_named: self._answer


class _Over:
    """Reads as the repository below."""

    def __init__(self, below: Any) -> None:
        self._below = below

    def __getattr__(self, name: str) -> Any:
        return getattr(self._below, name)


class _Orders(_Over):
    def mark(self, *_args: object, **_named: object) -> None:
        """That it needs attention is told by the page itself."""


class _Items:
    def __init__(self, items: Sequence[Item]) -> None:
        self._items = list(items)

    def of(self, _order: int) -> list[Item]:
        return list(self._items)

    def move(self, items: Sequence[Item], **_named: object) -> int:
        return len(items)

    def count(self, items: Sequence[Item]) -> int:
        return len(items)

    def look(self, _items: Sequence[int], **_named: object) -> None:
        """When it would be looked at next matters to nobody."""

    def split(self, item: Item, *, quantity: int, final: bool) -> Item:  # noqa: ARG002 - as the port has it
        part = max(each.part for each in self._items if each.line == item.line) + 1
        new = replace(item, id=max(each.id for each in self._items) + 1, part=part, quantity=quantity, seq=0, split_from=item.id)
        self._items.append(new)
        return new


class _Documents(_Over):
    credited = False

    def __init__(self, below: Any, written: list[Written], said: dict[int, str]) -> None:
        super().__init__(below)
        self._written, self._said = written, said
        self._billed: dict[int, list[Billed]] = {}

    def wait_for(self, _series: str) -> None:
        """Nobody else is kept waiting."""

    def draw(self, _series: str, *, day: date) -> tuple[int, date]:
        """No number is drawn."""
        return 0, day

    def last_sha256(self, _series: str) -> None:
        """Nothing is chained."""

    def add(self, draft: NewDocument) -> Document:
        known = {each.name: getattr(draft, each.name) for each in fields(Document) if each.name != "id"}
        paper = Document(id=-1 - len(self._written), **known)
        self._billed[paper.id] = [Billed(paper.id, *entry) for entry in draft.billed]
        self._said[paper.id] = draft.snapshot
        self._written.append(paper)
        return paper

    def of(self, order: int) -> list[Document]:
        return [*self._below.of(order), *self._added()]

    def billed(self, order: int) -> list[Billed]:
        return [*self._below.billed(order), *(entry for paper in self._added() for entry in self._billed[paper.id])]

    def snapshot(self, document: int) -> str:
        return self._said[document] if document in self._said else str(self._below.snapshot(document))

    def revocations(self, _document: int) -> int:
        """Of links, which are written into mails that nobody gets."""
        return 0

    def _added(self) -> list[Document]:
        return [each for each in self._written if isinstance(each, Document)]


class _Payments(_Over):
    booked = False

    def __init__(self, below: Any, written: list[Written]) -> None:
        super().__init__(below)
        self._written = written

    def of(self, order: int) -> list[Payment]:
        return [*self._below.of(order), *(each for each in self._written if isinstance(each, Payment))]

    def add(self, new: NewPayment) -> bool:
        known = {each.name: getattr(new, each.name) for each in fields(Payment) if each.name != "id"}
        self._written.append(Payment(id=-1 - len(self._written), **known))
        return True


class _Papers(_Over):
    def __init__(self, below: Any, written: list[Written]) -> None:
        super().__init__(below)
        self._written = written

    def of(self, order: int) -> list[Paper]:
        return [*self._below.of(order), *(each for each in self._written if isinstance(each, Paper))]

    def add(self, new: NewPaper) -> Paper:
        known = {each.name: getattr(new, each.name) for each in fields(Paper) if each.name != "id"}
        paper = Paper(id=-1 - len(self._written), **known)
        self._written.append(paper)
        return paper


class _Jobs(_Over):
    def __init__(self, below: Any, written: list[Written]) -> None:
        super().__init__(below)
        self._written = written

    def add(self, job: Job) -> None:
        self._written.append(job)

    def drop(self, _jobs: Sequence[str]) -> None:
        """It is not tried while somebody only looks."""


class _Mails:
    def __init__(self, view: OrderView, written: list[Written]) -> None:
        self._known, self._written = {message.key for message, _ in view.mails}, written

    def add(self, message: NewMessage) -> int | None:
        if message.key in self._known:
            return None
        self._known.add(message.key)
        self._written.append(message)
        return -1


class _Prints:
    def __init__(self, view: OrderView, written: list[Written]) -> None:
        self._known, self._written = {each.document for each in view.printing}, written

    def add(self, document: int, *, at: datetime) -> bool:  # noqa: ARG002 - as the port has it
        is_new = document not in self._known
        self._known.add(document)
        if is_new:
            self._written.append(ToPrint(document))
        return is_new

    def remove(self, _document: int) -> None:
        """It is mailed after all."""


class _Notes:
    def __init__(self, written: list[Written]) -> None:
        self._written = written

    def add(self, _order: int, *, text: str, **_named: object) -> None:
        self._written.append(Remark(text))
