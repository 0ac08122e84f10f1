"""One database transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from oms.ports.deeds import Deed
from oms.store import driver
from oms.store.accounts import Accounts, Sessions
from oms.store.api_keys import ApiKeys
from oms.store.bulk import Bulk
from oms.store.counts import Counts
from oms.store.deeds import Deeds
from oms.store.endpoints import Endpoints
from oms.store.erasures import Erasures
from oms.store.figures import Figures
from oms.store.held import Holds
from oms.store.history import History, Notes, Triggers
from oms.store.inbox import Inbox
from oms.store.incidents import Incidents
from oms.store.items import Items
from oms.store.jobs import Jobs
from oms.store.kept_answers import KeptAnswers
from oms.store.mails import Mails
from oms.store.orders import Orders
from oms.store.papers import Documents, Papers
from oms.store.payments import Payments
from oms.store.printing import Prints
from oms.store.rings import Bell, Rings
from oms.store.saved_views import SavedViews
from oms.store.standing import Standings
from oms.store.timers import Looks, Timers
from oms.store.versions import Versions
from oms.store.wire import Wire
from oms.store.workers import Workers

Clock = Callable[[Wire], datetime]
"""Reads the time, through the wire if the database has one of its own."""


class SqlUnitOfWork:
    """`oms.ports.store.UnitOfWork` on SQL."""

    def __init__(self, connection: Connection, clock: Clock, *, bell: Bell | None = None) -> None:
        self.connection, self._clock, self.rings = connection, clock, Rings(connection, bell)
        self.wire = wire = Wire(connection)
        self.orders = Orders(wire)
        self.items = Items(wire)
        self.triggers = Triggers(wire)
        self.history = History(wire)
        self.timers = Timers(wire)
        self.looks = Looks(wire)
        self.jobs = Jobs(wire, self.rings)
        self.incidents = Incidents(wire)
        self.holds = Holds(wire)
        self.counts = Counts(wire)
        self.workers = Workers(wire)
        self.payments = Payments(wire)
        self.documents = Documents(wire)
        self.papers = Papers(wire)
        self.mails = Mails(wire)
        self.prints = Prints(wire)
        self.standings = Standings(wire)
        self.notes = Notes(wire)
        self.versions = Versions(wire)
        self.accounts = Accounts(wire)
        self.sessions = Sessions(wire)
        self.api_keys = ApiKeys(wire)
        self.kept_answers = KeptAnswers(wire)
        self.inbox = Inbox(wire)
        self.erasures = Erasures(wire)
        self.deeds = Deeds(wire)
        self._read_at: datetime | None = None
        self.figures = Figures(wire)
        self.endpoints = Endpoints(wire)
        self.bulk = Bulk(wire)
        self.saved_views = SavedViews(wire)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done inside is undone by an exception, and nothing else."""
        self.wire.flush()
        savepoint, mark = self.connection.begin_nested(), self.rings.mark()
        try:
            yield
            self.wire.flush()
        except BaseException:
            self.wire.forget()
            self.rings.back_to(mark)
            with suppress(DBAPIError):  # it is gone with its transaction: what went wrong before says why
                savepoint.rollback()
            raise
        savepoint.commit()

    def now(self) -> datetime:
        """The clock of this database."""
        self._read_at = self._clock(self.wire)
        return self._read_at

    def write_down(self, deed: Deed) -> None:
        """Who did what is done here, at the time that was read last."""
        self.deeds.add(deed, at=self._read_at or self.now())

    def lost(self, error: BaseException) -> bool:
        """Whether the database didn't answer (rule 14)."""
        return driver.lost(error)

    def usable(self, error: BaseException) -> bool:
        """Whether the transaction survived this error."""
        return not driver.lost(error) and driver.usable(self.connection)

    def execute(self, statement: Any, parameters: dict[str, Any] | Sequence[dict[str, Any]] | None = None) -> Any:
        """Run a statement of a shop's own command on this transaction's connection."""
        self.wire.flush()
        self.wire.has_changed = True  # nobody knows what it says
        return self.connection.execute(statement, parameters)
