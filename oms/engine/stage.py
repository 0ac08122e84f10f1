"""Where an event is rehearsed: reads what a database holds, and keeps for itself whatever is written. Nothing of it outlives the page that asked.

It stands in for a `UnitOfWork` as far as hops and the house's own commands need one; the transaction behind it can't write anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from oms.engine.overlays import Deaf, Documents, Items, Jobs, Mails, Notes, OfTheShop, Orders, Papers, Payments, Prints, Written
from oms.ports.store import UnitOfWork
from oms.ports.views import OrderView


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
        self.orders = Orders(work.orders)
        self.items = Items(view.items)
        self.documents = Documents(work.documents, self.written, dict(said))
        self.payments = Payments(work.payments, self.written)
        self.papers = Papers(work.papers, self.written)
        self.jobs = Jobs(work.jobs, self.written)
        self.mails = Mails(view, self.written)
        self.prints = Prints(view, self.written)
        self.notes = Notes(self.written)
        self.triggers, self.history, self.timers = Deaf(0), Deaf(None), Deaf(())
        self.incidents, self.endpoints, self.holds = Deaf(()), Deaf(False), Deaf(view.process_held)

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
