"""What commands, conditions and jobs are given, and the tables they stand in.

```python
def payment_is_settled(item: Item, context: Facts) -> bool: ...  # a condition reads
def note(items: Sequence[Item], context: CommandContext, *, text: str) -> None: ...  # a command writes
def refund_payment(context: JobContext) -> Mapping[str, object]: ...  # a job reaches out
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from oms.engine.facts import Facts
from oms.engine.notices import announce
from oms.outbox import Job, promised
from oms.ports.outside import Archive, Judge, LetterWriter, Mailer, Material, Printer, Webhooks
from oms.ports.records import Item, OrderHead
from oms.ports.shop import StoreProfile
from oms.ports.store import Store, UnitOfWork

Condition = Callable[..., bool]
Command = Callable[..., object]
Due = Callable[..., datetime]


Listeners = Mapping[str, Sequence[str]]
"""What may happen to the names of those who are told of it."""


def tell(
    work: UnitOfWork, listeners: Listeners, happening: str, details: Mapping[str, object], *, head: OrderHead, hop: str | None, at: datetime
) -> None:
    """Tell the shop's listeners and endpoints, after the commit: by a job for each listener, by a delivery for each endpoint."""
    announce(work, happening, details, head=head, at=at)
    for listener in listeners.get(happening, ()):
        told = {"listener": listener, "happening": happening, "order": head.reference, **details}
        work.jobs.add(promised("tell_listener", told, order=head.id, hop=hop, at=at))


class AlreadyApplied(Exception):
    """Raised by a `prepare` command: what the trigger reports is known already, nothing is to move (rule 3)."""


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a command sees: the order, why it runs, and the unit of work. Nothing here leaves the house."""

    work: UnitOfWork  #: the transaction: repositories and `execute(statement)`
    facts: Callable[[], Facts]  #: what is known now, loaded anew after each change
    head: OrderHead
    profile: StoreProfile
    now: datetime
    event: str | None
    source: str | None  #: None when several sources meet, and at placing
    target: str | None  #: None in `prepare`
    hop: str  #: `trigger:hop`: the cause of whatever the command orders
    actor: str
    payload: Mapping[str, object]
    reason: str | None
    listeners: Listeners = field(default_factory=dict)
    cause: str | None = None  #: what is behind the trigger, if it was no person: `inbox:7`, `job:…`

    def tell(self, happening: str, details: Mapping[str, object]) -> None:
        """Tell the shop's listeners and endpoints, after the commit."""
        tell(self.work, self.listeners, happening, details, head=self.head, hop=self.hop, at=self.now)

    def promise(self, name: str, arguments: Mapping[str, object] | None = None) -> str:
        """Order a job that no state waits for; returns its id."""
        job = promised(name, arguments or {}, order=self.head.id, hop=self.hop, at=self.now)
        self.work.jobs.add(job)
        return job.id

    def later(self, reference: str, event: str, payload: Mapping[str, object] | None = None) -> None:
        """Let an event happen to this or another order of the store, after the commit: never a trigger inside a trigger."""
        self.promise("trigger_event", {"store": self.head.store, "reference": reference, "event": event, "payload": dict(payload or {})})


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job sees. It runs after the commit, at least once: whatever it does outside carries `job.id` as idempotency key."""

    job: Job
    store: Store
    profile: Callable[[str], StoreProfile]
    tools: Tools
    trigger: Callable[..., object]  #: Engine.trigger
    facts_of: Callable[[UnitOfWork, int], Facts]
    persist: Callable[[Callable[[], None]], None]  #: Engine.persist: for what must be written down, since it happened outside already
    listeners: Listeners = field(default_factory=dict)

    def facts(self, work: UnitOfWork) -> Facts:
        """What is known of the job's order, in a transaction of the caller."""
        return self.facts_of(work, self.job.order or 0)


class Turns:
    """Lets one thread at a time make a thing that several need: the others wait, and find it made."""

    def __init__(self) -> None:
        self._locks = tuple(Lock() for _ in range(64))

    def of(self, number: int) -> Lock:
        """The lock of this thing, and of a few others."""
        return self._locks[number % len(self._locks)]


@dataclass(frozen=True, slots=True)
class Tools:
    """Ways out of the house, for jobs only."""

    archive: Archive
    printer: Printer
    mailer: Mailer
    write_letter: LetterWriter
    webhooks: Webhooks
    judge: Judge
    validation: str = "off"  #: of e-invoices: `off`; `warn`: faults are an incident; `strict`: nothing is made of a faulty one
    papers: Turns = field(default_factory=Turns)  #: by document
    materials: dict[str, str] = field(default_factory=dict)  #: what papers are made of, as far as it was kept: hash to key

    def keep(self, material: Material) -> str:
        """Keep it, unless it is kept already; once per process that is looked at. Returns its key."""
        if material.sha256 not in self.materials:
            self.materials[material.sha256] = self.archive.put(material.content, suffix=".zip").key
        return self.materials[material.sha256]


JobHandler = Callable[..., Mapping[str, object] | None]
"""Does what leaves the house, given a `JobContext` and its arguments. Returns what JSON can hold: the payload of the event that follows.

Raises `Permanent` when no repetition would mend it; any other error is tried again later.
"""


@dataclass(frozen=True, slots=True)
class JobWord:
    """A job of the vocabulary."""

    run: JobHandler
    freeze: Callable[[Sequence[Item], CommandContext, str], Mapping[str, object]] | None = None
    """Computes arguments when the job is ordered, in the hop's transaction; the text is the job's id."""
    policy: str = "job"  #: `job` or `mail`: when it is tried again


@dataclass(frozen=True, slots=True)
class Tables:
    """The vocabulary as functions: explicit tables, name to function."""

    conditions: Mapping[str, Condition]
    commands: Mapping[str, Command]
    jobs: Mapping[str, JobWord]
    dues: Mapping[str, Due]
    listeners: Listeners = field(default_factory=dict)
