"""Ports to what is done to many orders at once, and to the views of lists that people keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from oms.ports.records import Document, DocumentFile

RunStatus = Literal["draft", "running", "done", "stopped"]
"""It was looked at only; the worker does it; every order has its result; somebody stopped it."""
Outcome = Literal["todo", "cannot", "moved", "stayed", "failed"]
"""Of one order. `cannot`: none of its items has the event, so nothing was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRun:
    """One event for many orders."""

    id: int = 0
    key: str  #: of the form that asked for it: the same form makes one run; begins the keys of its triggers
    store: str
    event: str
    query: str  #: what the search box said; empty: orders were chosen one by one
    actor: str
    roles: tuple[str, ...] = ()  #: of the person who started it, as they were then
    reason: str | None = None  #: until it ends: the triggers have it
    payload: str | None = None  #: JSON text; the same
    status: RunStatus = "draft"
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None  #: who stopped it


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOrder:
    """An order of a run, and what came of it."""

    run: int
    order: int
    reference: str = ""
    outcome: Outcome = "todo"
    attempts: int = 0
    trigger: int | None = None
    state: str | None = None  #: where the first of its items went
    said: str | None = None  #: why not


@dataclass(frozen=True, slots=True)
class Tallied:
    """So many orders of a run with the same result."""

    outcome: Outcome
    said: str | None  #: of those that can't: why
    orders: int


class Bulk(Protocol):
    """Runs and their orders."""

    def add(self, run: BulkRun, orders: Sequence[BulkOrder]) -> int:
        """A new run with its orders, whose `run` is filled in. Returns its id; 0: this key has one already."""
        ...

    def get(self, run: int) -> BulkRun:
        """One run.

        Raises:
            NotFound: there is none.
        """
        ...

    def keyed(self, key: str) -> BulkRun | None:
        """The run that this form made."""
        ...

    def started(self, store: str, *, limit: int) -> list[BulkRun]:
        """Those that were started, the newest first."""
        ...

    def standing(self, orders: Sequence[int]) -> dict[int, tuple[int, tuple[str, ...]]]:
        """Order to its version and the states of its items. Reads only."""
        ...

    def versions(self, run: int) -> list[int]:
        """Versions of the orders of a run that are still to be done."""
        ...

    def start(self, run: BulkRun) -> bool:
        """From a draft. False: it is none any more."""
        ...

    def stop(self, run: int, *, by: str, at: datetime) -> bool:
        """What is not done yet stays so. False: it has ended already."""
        ...

    def is_running(self, run: int | None = None) -> bool:
        """This one; None: any."""
        ...

    def finish(self, *, at: datetime) -> None:
        """Runs of which nothing is left to do are done."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[BulkOrder]:
        """Orders of running runs that nobody is at, run by run."""
        ...

    def claim(self, order: BulkOrder, *, now: datetime, again: datetime) -> bool:
        """Count an attempt; nobody else takes it before `again`. False: somebody else has."""
        ...

    def settle(self, order: BulkOrder) -> bool:
        """Write what came of it, once. False: it was written before."""
        ...

    def tally(self, run: int) -> list[Tallied]:
        """How many had which result."""
        ...

    def orders(self, run: int, *, after: int, limit: int) -> list[BulkOrder]:
        """With their references; those that did not move first, else in the order of placing."""
        ...

    def papers(self, run: int) -> list[tuple[Document, DocumentFile | None]]:
        """What the triggers of a run issued, by number of issue, with its PDF."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Drafts that were made earlier, with their orders."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A list that somebody kept under a name."""

    id: int = 0
    account: int
    store: str
    name: str
    query: str  #: of the address: `q=state%3Apaid&sort=oldest`
    created_at: datetime


class SavedViews(Protocol):
    """What people kept; each sees their own."""

    def of(self, account: int, *, store: str) -> list[SavedView]:
        """By name."""
        ...

    def save(self, view: SavedView) -> None:
        """Under a name that is known: instead of what it was."""
        ...

    def drop(self, view: int, *, account: int) -> None:
        """Of this person only."""
        ...
