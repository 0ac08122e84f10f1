"""Ports to what is still to be done: timers, jobs, incidents, holds. All methods belong to the transaction that is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from oms.outbox import Job, JobStatus
from oms.ports.drafts import NewTimer
from oms.ports.due import DueLook, DueTimer
from oms.ports.operations import WorkerSeen
from oms.ports.records import Incident, Item, TimerRow


class Timers(Protocol):
    """Events that wait for their time."""

    def of(self, order: int) -> list[TimerRow]:
        """All pending ones of an order."""
        ...

    def add(self, rows: Sequence[NewTimer]) -> None:
        """Arm timers."""
        ...

    def disarm(self, order: int, items: Sequence[int]) -> None:
        """All timers of these items: their stay ended."""
        ...

    def use_up(self, timers: Sequence[int]) -> None:
        """These have done their work."""
        ...

    def rearm(self, timer: int, *, due_at: datetime) -> None:
        """Wait again; attempts start anew."""
        ...

    def fail(self, timers: Sequence[int], *, next_at: datetime | None, error: str) -> None:
        """A try failed; None: given up."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[DueTimer]:
        """Of orders and processes that are not held: due first, whole orders."""
        ...

    def claim(self, timers: Sequence[int], *, now: datetime, again: datetime) -> set[int]:
        """Count one more attempt for each that is still due, and say when it is tried again should this one die. Returns those."""
        ...


class Looks(Protocol):
    """Items that the worker looks at, because an arrow without event may have opened."""

    def due(self, now: datetime, *, limit: int) -> list[DueLook]:
        """Items of at most `limit` orders that are not held, longest overdue first."""
        ...

    def claim(self, items: Sequence[int], *, now: datetime, again: datetime) -> set[int]:
        """Count one more attempt for each that is still due, and say when it is tried again should this one die. Returns those."""
        ...

    def found_nothing(self, looks: Sequence[tuple[Item, datetime, int]], *, at: datetime) -> None:
        """(item as claimed, next look, pause in seconds), only where the claim still stands. Nothing failed: attempts start anew.

        Where the order was woken since the claim, nobody knows what would be found now: it is looked at again `at` once.
        """
        ...

    def wake(self, order: int, *, at: datetime) -> None:
        """Something of the order was committed: look at its waiting items now, except those whose try failed or is under way (rule 15).

        What a try that is under way finds closed may be open meanwhile: `found_nothing` knows of it.
        """
        ...


class Jobs(Protocol):
    """The outbox."""

    def add(self, job: Job) -> None:
        """Promise."""
        ...

    def of(self, order: int) -> list[Job]:
        """All jobs of an order, oldest first."""
        ...

    def unfinished(self, order: int) -> list[Job]:
        """Those that are neither done nor dead nor dropped."""
        ...

    def get(self, job: str) -> Job:
        """One job.

        Raises:
            NotFound: there is none of this id.
        """
        ...

    def due(self, now: datetime, *, limit: int, queues: Collection[str] | None = None) -> list[str]:
        """Ids of jobs that wait for a worker: ready, or left by a worker whose lease ended; mails not while the mail lane is held.

        Args:
            now: The time.
            limit: How many.
            queues: Only of these (`oms.outbox.QUEUES`); None: of all.
        """
        ...

    def ring(self, now: datetime, *, limit: int) -> int:
        """Tell workers that listen of due jobs which were not rung for of late (rule 28). Returns of how many."""
        ...

    def claim(self, job: str, *, worker: str, now: datetime, lease_until: datetime, by_hand: bool = False) -> Job | None:
        """Take it, count the attempt; None: somebody else has it or it needs nobody.

        While the mail server takes nothing, one mail in five minutes is let through to see whether it does again, and those by hand.
        """
        ...

    def renew(self, worker: str, *, lease_until: datetime) -> int:
        """Keep everything this worker is running. Returns how many."""
        ...

    def settle(
        self,
        job: Job,
        *,
        status: JobStatus,
        next_at: datetime | None = None,
        result: str | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> bool:
        """Say what came of a claim; `attempts` None: as counted. False: it was claimed by another since (the fence)."""
        ...

    def land(
        self,
        job: str,
        *,
        next_at: datetime | None,
        error: str,
        attempts: int,
        result: str,
        then: str | None,
        items: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """The effect is done or given up, but the event that follows failed: only that is tried again, for these items (None: all).

        `next_at` None: not before somebody asks; the job is dead. `then` None: the effect was given up, `on_error` follows.
        """
        ...

    def postpone(self, lane: str, *, until: datetime) -> None:
        """Let all jobs that need this mail server wait at least that long; no attempt is counted."""
        ...

    def drop(self, jobs: Sequence[str]) -> None:
        """Their items left."""
        ...

    def pass_over(self, job: str) -> None:
        """A dead job counts as done: somebody says so (rule 29)."""
        ...

    def revive(self, job: str, *, at: datetime) -> bool:
        """Try a job again, as if for the first time. False: a worker has it.

        One that is done is done anew. Of one whose effect is done, but whose end failed, only the end is tried again.
        """
        ...


class Incidents(Protocol):
    """What needs attention: at most one open row per (kind, subject)."""

    def open(self, kind: str, subject: str, *, text: str, at: datetime, order: int | None = None, item: int | None = None) -> bool:
        """False: one was open already; its text is brought up to date."""
        ...

    def close(self, kind: str, subject: str, *, by: str, at: datetime) -> bool:
        """It was mended. False: none was open."""
        ...

    def close_of(self, order: int, *, items: Sequence[int], by: str, at: datetime) -> bool:
        """Those of these items, because they moved. Returns whether others of the order stay open."""
        ...

    def is_open(self, kind: str, subject: str) -> bool:
        """Whether it still needs attention."""
        ...

    def of(self, order: int) -> list[Incident]:
        """The open ones of an order."""
        ...

    def untold(self) -> list[Incident]:
        """Open ones that nobody was told of."""
        ...

    def told_since(self, at: datetime) -> list[Incident]:
        """Those that somebody was told of since then."""
        ...

    def tell(self, incidents: Sequence[int], *, at: datetime) -> list[Incident]:
        """Somebody is told of those of these that nobody was told of: they are returned."""
        ...


class Holds(Protocol):
    """A process (`process:prepayment`) or the mail lane (`mail`) that waits for a person (rule 30)."""

    def reason(self, subject: str) -> str | None:
        """Why it is held; None: it isn't."""
        ...

    def hold(self, subject: str, *, reason: str, actor: str, at: datetime) -> None:
        """Let it wait."""
        ...

    def release(self, subject: str) -> bool:
        """False: it was not held."""
        ...


class Workers(Protocol):
    """Who works on this database."""

    def seen(self, name: str, *, queues: Collection[str], at: datetime) -> None:
        """It is there, for these queues; none: for all."""
        ...

    def leave(self, name: str) -> None:
        """It has ended as it should."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Those who were not seen since. Returns how many."""
        ...

    def all(self) -> list[WorkerSeen]:
        """The longest at work first."""
        ...
