"""The port to the database: one unit of work is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from oms.ports.access import ApiKeys, KeptAnswers
from oms.ports.accounts import Accounts, Sessions
from oms.ports.bulk import Bulk, SavedViews
from oms.ports.deeds import Deed, Deeds
from oms.ports.endpoints import Endpoints
from oms.ports.erasures import Erasures
from oms.ports.inbox import Inbox
from oms.ports.operations import Counts, Figures
from oms.ports.orders import History, Items, Orders, Triggers
from oms.ports.papers import Documents, Mails, Notes, Papers, Payments, Prints, Standings
from oms.ports.versions import Versions
from oms.ports.work import Holds, Incidents, Jobs, Looks, Timers, Workers


class UnitOfWork(Protocol):
    """One database transaction, and what can be done in it."""

    @property
    def orders(self) -> Orders:
        """See `Orders`."""
        ...

    @property
    def items(self) -> Items:
        """See `Items`."""
        ...

    @property
    def triggers(self) -> Triggers:
        """See `Triggers`."""
        ...

    @property
    def history(self) -> History:
        """See `History`."""
        ...

    @property
    def timers(self) -> Timers:
        """See `Timers`."""
        ...

    @property
    def looks(self) -> Looks:
        """See `Looks`."""
        ...

    @property
    def jobs(self) -> Jobs:
        """See `Jobs`."""
        ...

    @property
    def incidents(self) -> Incidents:
        """See `Incidents`."""
        ...

    @property
    def holds(self) -> Holds:
        """See `Holds`."""
        ...

    @property
    def counts(self) -> Counts:
        """See `Counts`."""
        ...

    @property
    def workers(self) -> Workers:
        """See `Workers`."""
        ...

    @property
    def payments(self) -> Payments:
        """See `Payments`."""
        ...

    @property
    def documents(self) -> Documents:
        """See `Documents`."""
        ...

    @property
    def papers(self) -> Papers:
        """See `Papers`."""
        ...

    @property
    def mails(self) -> Mails:
        """See `Mails`."""
        ...

    @property
    def prints(self) -> Prints:
        """See `Prints`."""
        ...

    @property
    def standings(self) -> Standings:
        """See `Standings`."""
        ...

    @property
    def notes(self) -> Notes:
        """See `Notes`."""
        ...

    @property
    def versions(self) -> Versions:
        """See `Versions`."""
        ...

    @property
    def api_keys(self) -> ApiKeys:
        """See `ApiKeys`."""
        ...

    @property
    def kept_answers(self) -> KeptAnswers:
        """See `KeptAnswers`."""
        ...

    @property
    def accounts(self) -> Accounts:
        """See `Accounts`."""
        ...

    @property
    def sessions(self) -> Sessions:
        """See `Sessions`."""
        ...

    @property
    def inbox(self) -> Inbox:
        """See `Inbox`."""
        ...

    @property
    def erasures(self) -> Erasures:
        """See `Erasures`."""
        ...

    @property
    def deeds(self) -> Deeds:
        """See `Deeds`."""
        ...

    def write_down(self, deed: Deed) -> None:
        """Who did what is done here, at the time that was read last."""
        ...

    @property
    def figures(self) -> Figures:
        """See `Figures`."""
        ...

    @property
    def endpoints(self) -> Endpoints:
        """See `Endpoints`."""
        ...

    @property
    def bulk(self) -> Bulk:
        """See `Bulk`."""
        ...

    @property
    def saved_views(self) -> SavedViews:
        """See `SavedViews`."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """What is done inside is undone by an exception, and nothing else."""
        ...

    def now(self) -> datetime:
        """The clock of this database, aware UTC (rule 21): the host's on SQLite, the server's on PostgreSQL, which all hosts share."""
        ...

    def lost(self, error: BaseException) -> bool:
        """Whether this error means that the database didn't answer, and not that it refused what was asked (rule 14)."""
        ...

    def usable(self, error: BaseException) -> bool:
        """Whether the transaction survived this error. If not, nothing more is to be written."""
        ...

    def execute(self, statement: Any, parameters: dict[str, Any] | Sequence[dict[str, Any]] | None = None) -> Any:
        """Run a statement of a shop's own command on this transaction's connection."""
        ...


class Store(Protocol):
    """A database."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that is committed at the end, and rolled back by an exception.

        The first one that is committed for a visit holds what was done by it, too (`oms.ports.deeds`).

        Raises:
            StoreUnavailable: the database didn't answer, is locked or gone. Nothing was changed (or, at the commit, nobody knows).
        """
        ...

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that never waits for a writer; writing fails."""
        ...

    def now(self) -> datetime:
        """As `UnitOfWork.now`, for whoever has no transaction open."""
        ...

    def scrub(self) -> None:
        """Forget what was deleted: nothing of it is left in the database's own files that somebody could still read there.

        Raises:
            StoreUnavailable: it could not be done now; nothing else has changed.
        """
        ...
