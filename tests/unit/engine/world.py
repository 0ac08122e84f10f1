"""Words of a shop that tests steer from outside: an extension like any shop's, with a world that can be broken and mended.

`{do: {what: X}}` is a command: it notes X on the order. `{is_open: {door: X}}` is a condition. `{call: {whom: X}}` is a job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text

from oms import on
from oms.engine.context import CommandContext, JobContext
from oms.engine.facts import Facts
from oms.ports.records import Item


@dataclass
class World:
    """What is broken, what is open, and what was done, whether or not it was rolled back."""

    broken: dict[str, BaseException] = field(default_factory=dict)  #: what is tried to what it raises
    times: dict[str, int] = field(default_factory=dict)  #: what is broken to how often it still raises
    doors: set[str] = field(default_factory=set)  #: those that are open
    done: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  #: what, and the labels of its items
    brought: dict[str, Mapping[str, object]] = field(default_factory=dict)  #: what a call returns
    calls: list[tuple[str, str]] = field(default_factory=list)  #: whom, and the idempotency key
    told: list[Mapping[str, object]] = field(default_factory=list)  #: what listeners heard
    due: dict[str, datetime] = field(default_factory=dict)  #: label of an item to its moment
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)  #: door to what happens, once, after a condition asked for it
    later: dict[str, tuple[str, str]] = field(default_factory=dict)  #: what is done to the order and event it asks for

    def reset(self) -> None:
        """As it was before the first test."""
        vars(self).update(vars(World()))

    def break_for(self, what: str, error: BaseException, *, times: int) -> None:
        """It mends itself afterwards."""
        self.broken[what] = error
        self.times[what] = times

    def attempt(self, what: str) -> None:
        error = self.broken.get(what)
        if error is None:
            return
        if what in self.times:
            self.times[what] -= 1
            if not self.times[what]:
                del self.broken[what], self.times[what]
        raise error


WORLD = World()


def do(items: Sequence[Item], context: CommandContext, *, what: str) -> None:
    WORLD.done.append((what, tuple(item.label for item in items)))
    context.work.notes.add(context.head.id, text=what, actor=context.actor, hop=context.hop, at=context.now)
    if what in WORLD.later:
        context.later(*WORLD.later[what])
    WORLD.attempt(what)


def is_open(_item: Item, _context: Facts, *, door: str) -> bool:
    WORLD.attempt(door)
    answer = door in WORLD.doors
    if door in WORLD.meanwhile:
        WORLD.meanwhile.pop(door)()
    return answer


def shrugs(_item: Item, _context: Facts) -> int:
    """A condition that doesn't know."""
    return 1


def call(context: JobContext, *, whom: str) -> Mapping[str, object] | None:
    WORLD.calls.append((whom, context.job.id))
    WORLD.attempt(whom)
    return WORLD.brought.get(whom)


def release_day(item: Item, _context: Facts) -> datetime:
    WORLD.attempt("release_day")
    return WORLD.due[item.label]


def hear(happened: Mapping[str, object]) -> None:
    WORLD.told.append(happened)


def scribble(_items: Sequence[Item], context: CommandContext) -> None:
    """A command that doesn't know its place."""
    context.payload["hand"] = "right"  # type: ignore[index]


def promise(_items: Sequence[Item], context: CommandContext, *, what: str) -> None:
    """A command that promises what no queue could hold."""
    context.promise("call", {"whom": float(what)})


def clash(_items: Sequence[Item], context: CommandContext) -> None:
    """A command that the database refuses."""
    context.work.execute(text("INSERT INTO orders (id) VALUES (1)"))


def roll_back(_items: Sequence[Item], context: CommandContext) -> None:
    """A command that does what is the engine's."""
    context.work.execute(text("ROLLBACK"))


def hear_of_money(happened: Mapping[str, object]) -> None:
    WORLD.told.append(happened)


def hear_of_papers(happened: Mapping[str, object]) -> None:
    WORLD.told.append(happened)


def hear_of_mails(happened: Mapping[str, object]) -> None:
    WORLD.told.append(happened)


COMMANDS = (do, scribble, clash, promise, roll_back)
CONDITIONS = (is_open, shrugs)
JOBS = (call,)
DUES = (release_day,)
LISTENERS = (
    on("moved", hear),
    on("payment booked", hear_of_money),
    on("invoice issued", hear_of_papers),
    on("mail failed", hear_of_mails),
)
