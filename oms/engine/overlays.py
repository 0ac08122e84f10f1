"""The repositories of a stage: they read what a database holds, and keep for themselves what is written (`oms.engine.stage`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from oms.outbox import Job
from oms.ports.drafts import NewDocument, NewMessage, NewPaper, NewPayment
from oms.ports.records import Billed, Document, Item, Paper, Payment
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


Row = TypeVar("Row", Document, Paper, Payment)


class Deaf:
    """Takes whatever it is told, and always answers the same."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_named: self._answer


class Over:
    """Reads as the repository below."""

    def __init__(self, below: Any) -> None:
        self._below = below

    def __getattr__(self, name: str) -> Any:
        return getattr(self._below, name)


class Keeping(Over):
    """The same, with what would be written."""

    def __init__(self, below: Any, written: list[Written]) -> None:
        super().__init__(below)
        self._written = written

    def _keep(self, kind: type[Row], new: object) -> Row:
        """The record that a draft would become, with an id that no row has."""
        known = {each.name: getattr(new, each.name) for each in fields(kind) if each.name != "id"}
        row = kind(id=-1 - len(self._written), **known)
        self._written.append(row)
        return row

    def _kept(self, kind: type[Row]) -> list[Row]:
        return [each for each in self._written if isinstance(each, kind)]


class Orders(Over):
    """Its document, its lines; nothing is marked."""

    def mark(self, *_args: object, **_named: object) -> None:
        """That it needs attention is told by the page itself."""


class Items:
    """Where they stand is known to the run; what is cut off is a new one."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = list(items)

    def of(self, _order: int) -> list[Item]:
        """What there is, and what would be."""
        return list(self._items)

    def move(self, items: Sequence[Item], **_named: object) -> int:
        """As if all of them did."""
        return len(items)

    def count(self, items: Sequence[Item]) -> int:
        """As if all of them were."""
        return len(items)

    def look(self, _items: Sequence[int], **_named: object) -> None:
        """When it would be looked at next matters to nobody."""

    def split(self, item: Item, *, quantity: int, final: bool) -> Item:  # noqa: ARG002 - as the port has it
        """A new one, cut off."""
        part = max(each.part for each in self._items if each.line == item.line) + 1
        new = replace(item, id=max(each.id for each in self._items) + 1, part=part, quantity=quantity, seq=0, split_from=item.id)
        self._items.append(new)
        return new


class Documents(Keeping):
    """Issued papers, with those that would be."""

    credited = False

    def __init__(self, below: Any, written: list[Written], said: dict[int, str]) -> None:
        super().__init__(below, written)
        self._said = said
        self._billed: dict[int, list[Billed]] = {}

    def wait_for(self, _series: str) -> None:
        """Nobody else is kept waiting."""

    def draw(self, _series: str, *, day: date) -> tuple[int, date]:
        """No number is drawn."""
        return 0, day

    def last_sha256(self, _series: str) -> None:
        """Nothing is chained."""

    def add(self, draft: NewDocument) -> Document:
        """As if it were written."""
        paper = self._keep(Document, draft)
        self._billed[paper.id] = [Billed(paper.id, *entry) for entry in draft.billed]
        self._said[paper.id] = draft.snapshot
        return paper

    def of(self, order: int) -> list[Document]:
        """What there is, and what would be."""
        return [*self._below.of(order), *self._kept(Document)]

    def billed(self, order: int) -> list[Billed]:
        """The ledger, with what would be entered."""
        return [*self._below.billed(order), *(entry for paper in self._kept(Document) for entry in self._billed[paper.id])]

    def snapshot(self, document: int) -> str:
        """What stands on it."""
        return self._said[document] if document in self._said else str(self._below.snapshot(document))

    def revocations(self, _document: int) -> int:
        """Of links, which are written into mails that nobody gets."""
        return 0


class Payments(Keeping):
    """Money, with what would be booked."""

    booked = False

    def of(self, order: int) -> list[Payment]:
        """What there is, and what would be."""
        return [*self._below.of(order), *self._kept(Payment)]

    def add(self, new: NewPayment) -> bool:
        """As if it were written."""
        self._keep(Payment, new)
        return True


class Papers(Keeping):
    """Papers without money, with those that would be made."""

    def of(self, order: int) -> list[Paper]:
        """What there is, and what would be."""
        return [*self._below.of(order), *self._kept(Paper)]

    def add(self, new: NewPaper) -> Paper:
        """As if it were written."""
        return self._keep(Paper, new)


class Jobs(Keeping):
    """Promises; none is dropped."""

    def add(self, job: Job) -> None:
        """As if it were written."""
        self._written.append(job)

    def drop(self, _jobs: Sequence[str]) -> None:
        """It is not tried while somebody only looks."""


class Mails:
    """Each is promised once, as ever."""

    def __init__(self, view: OrderView, written: list[Written]) -> None:
        self._known, self._written = {message.key for message, _ in view.mails}, written

    def add(self, message: NewMessage) -> int | None:
        """As if it were written."""
        if message.key in self._known:
            return None
        self._known.add(message.key)
        self._written.append(message)
        return -1


class Prints:
    """The list of what is to be printed."""

    def __init__(self, view: OrderView, written: list[Written]) -> None:
        self._known, self._written = {each.document for each in view.printing}, written

    def add(self, document: int, *, at: datetime) -> bool:  # noqa: ARG002 - as the port has it
        """As if it were written."""
        is_new = document not in self._known
        self._known.add(document)
        if is_new:
            self._written.append(ToPrint(document))
        return is_new

    def remove(self, _document: int) -> None:
        """It is mailed after all."""


class Notes:
    """Remarks."""

    def __init__(self, written: list[Written]) -> None:
        self._written = written

    def add(self, _order: int, *, text: str, **_named: object) -> None:
        """As if it were written."""
        self._written.append(Remark(text))
