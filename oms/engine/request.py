"""What a trigger asks for, and what it is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from oms.ports.records import Item, TimerRow, TriggerRow
from oms.tracing import request_id, traceparent

Outcome = Literal["moved", "stayed", "failed", "not applicable"]

By = Literal["outside", "timer", "look", "job"]
"""Who drives: a person or system, or which part of the engine."""

PLACE, IMPORT, SPLIT, CORRECT, SKIP = "__place__", "__import__", "__split__", "__correct__", "__skip__"
REFUND, CREDIT, BILL = "__refund__", "__credit__", "__bill__"
"""Names in the history for what is no event of a process."""


CAUSE = "inbox:"
"""What the cause of a trigger begins with that a provider's message is behind."""


def message_of(cause: str | None) -> int | None:
    """The message that is behind a trigger; None: none is."""
    return int(cause.removeprefix(CAUSE)) if cause is not None and cause.startswith(CAUSE) else None


@dataclass(frozen=True, slots=True)
class Part:
    """An item that a trigger reaches, or some of its units."""

    item: Item
    quantity: int | None = None  #: None: all of it

    @property
    def splits(self) -> bool:
        """Whether the item is cut when it moves."""
        return self.quantity is not None and self.quantity != self.item.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who wants what to happen, and why."""

    event: str | None  #: None: the transitions without event
    key: str
    actor: str
    payload: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None
    cause: str | None = None
    sha256: str = ""
    timers: tuple[TimerRow, ...] = ()  #: those that fired
    by: By = "outside"
    may_repeat: bool = False  #: the key was given by the caller: it may be known already

    @property
    def driven(self) -> bool:
        """By the engine itself: a failure is tried again, and nothing is recorded while nothing opens."""
        return self.by != "outside"

    def row(self, order: int, at: datetime) -> TriggerRow:
        """As it is written; the answer comes later."""
        return TriggerRow(
            id=0,
            order=order,
            key=self.key,
            event=self.event or "",
            actor=self.actor,
            cause=self.cause,
            reason=self.reason,
            payload=json.dumps(dict(self.payload), ensure_ascii=False) if self.payload else None,
            request_sha256=self.sha256,
            answer=None,
            at=at,
            request_id=request_id(),
            traceparent=traceparent(),
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item."""

    item: str  #: its label: `1`, after a split `1.1`
    outcome: Outcome
    state: str  #: where it stands now
    source: str | None = None  #: where it stood
    error: str | None = None
    next_try: str | None = None  #: ISO time
    why: str | None = None
    asked: tuple[str, ...] = ()  #: what conditions answered, in the order in which they were asked: `payment_is_settled: no`


@dataclass(frozen=True, slots=True)
class Answer:
    """What a trigger is answered; stored with it, so that a repeated key is answered alike (rule 11)."""

    order: str
    event: str | None
    results: tuple[Result, ...]
    trigger: int | None = None  #: None: nothing was recorded
    repeated: bool = False

    @property
    def applied(self) -> bool:
        """Whether any item moved or stayed."""
        return any(result.outcome in {"moved", "stayed"} for result in self.results)

    @property
    def moved(self) -> bool:
        """Whether any item moved."""
        return any(result.outcome == "moved" for result in self.results)

    @property
    def failures(self) -> tuple[Result, ...]:
        """What failed."""
        return tuple(result for result in self.results if result.outcome == "failed")

    def to_json(self) -> str:
        """As it is stored."""
        said = [{name: value for name in Result.__slots__ if (value := getattr(result, name)) not in (None, ())} for result in self.results]
        return json.dumps(said, ensure_ascii=False)


def results_from_json(text: str) -> tuple[Result, ...]:
    """Read stored results back."""
    return tuple(Result(**{**result, "asked": tuple(result.get("asked", ()))}) for result in json.loads(text))


def request_sha256(event: str, *, items: Sequence[tuple[str, int | None]] | None, payload: Mapping[str, object], reason: str | None) -> str:
    """What must be the same when a key is repeated."""
    body = {"event": event, "items": items, "payload": payload, "reason": reason}
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def is_applied(row: TriggerRow) -> bool:
    """Whether any item moved or stayed when this trigger happened."""
    return any(result.outcome in {"moved", "stayed"} for result in results_from_json(row.answer or "[]"))
