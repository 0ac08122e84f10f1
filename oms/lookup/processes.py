"""Processes as they are deployed: which there are, their versions, and what one of them says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oms.engine.counting import OPEN
from oms.engine.processes import calls
from oms.errors import NotFound
from oms.ports.records import Version
from oms.ports.store import UnitOfWork
from oms.process.difference import Change, difference
from oms.process.durations import format_duration
from oms.process.model import Call, Event, Process, State, Transition, title_in

if TYPE_CHECKING:
    from oms.bootstrap import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One content that a process has had."""

    name: str
    number: int
    deployed: bool  #: new orders take it
    open_orders: int  #: that follow it, as a worker counted them last
    counted_at: datetime | None  #: when that was; None: now, for none has counted yet
    first_deployed_at: datetime
    sha256: str


def deployed_processes(shop: Shop) -> list[tuple[VersionLine, Process]]:
    """What new orders take, by name."""
    with shop.store.reading() as work:
        found, orders = work.versions.all_deployed(), _open_orders(work)
        return [(_line(each, found, orders), shop.engine.processes.get(work, each.id).process) for each in found]


def versions_of(shop: Shop, name: str) -> list[VersionLine]:
    """All contents that a process has had, the newest first.

    Raises:
        NotFound: there is no such process.
    """
    with shop.store.reading() as work:
        found = _versions(work, name)
        deployed, orders = work.versions.all_deployed(), _open_orders(work)
        return [_line(each, deployed, orders) for each in found]


def process_of(shop: Shop, name: str, number: int | None) -> tuple[VersionLine, Process]:
    """A process as new orders take it, or an older content of it.

    Raises:
        NotFound: there is no such process or version.
    """
    found = process_among(shop, name, number)
    return found.line, found.process


@dataclass(frozen=True, slots=True)
class Among:
    """A content of a process among all that it has had."""

    line: VersionLine
    process: Process
    versions: list[VersionLine]  #: the newest first
    before: int | None  #: the number of the content that it followed; None: it is the first
    changes: tuple[Change, ...]  #: since then


def process_among(shop: Shop, name: str, number: int | None) -> Among:
    """The same, among all contents that it has had.

    Raises:
        NotFound: there is no such process or version.
    """
    with shop.store.reading() as work:
        found, deployed, orders = _versions(work, name), work.versions.all_deployed(), _open_orders(work)
        mine = [each for each in found if (each in deployed if number is None else each.number == number)]
        if not mine:
            known = ", ".join(str(each.number) for each in reversed(found))
            raise NotFound(f"The process {name} has no version {number}. It has: {known}.")
        lines = [_line(each, deployed, orders) for each in found]
        place, process = found.index(mine[0]), shop.engine.processes.get(work, mine[0].id).process
        before = next(iter(found[place + 1 :]), None)
        changes = difference(shop.engine.processes.load(before).process, process) if before else []
        return Among(lines[place], process, lines, before.number if before else None, tuple(changes))


def process_data(process: Process, *, locale: str) -> dict[str, Any]:
    """What a process says, its titles in one language."""
    return {
        "title": title_in(locale, process.title, process.name),
        "initial": process.initial,
        "parts": list(process.parts),
        "states": [_state(each, locale) for each in process.states.values()],
        "events": [_event(each, locale) for each in process.events.values()],
        "transitions": [_transition(each) for each in process.transitions],
        "words": sorted({call.name for _, _, call in calls(process)}),
    }


def _versions(work: UnitOfWork, name: str) -> list[Version]:
    found = work.versions.of(name)
    if not found:
        known = ", ".join(each.name for each in work.versions.all_deployed()) or "none yet"
        raise NotFound(f"No process of this name is deployed. There is: {known}.")
    return found


def _open_orders(work: UnitOfWork) -> tuple[Mapping[int, int], datetime | None]:
    """Version to the orders that follow it: nobody who opens a page counts through all that is open (rule 40)."""
    kept = work.figures.kept(OPEN)
    told = json.loads(kept.told).get("versions") if kept else None  # an older release did not count them
    return (work.versions.open_orders(), None) if kept is None or told is None else (dict(told), kept.at)


def _line(version: Version, deployed: list[Version], orders: tuple[Mapping[int, int], datetime | None]) -> VersionLine:
    counted, at = orders
    return VersionLine(
        name=version.name,
        number=version.number,
        deployed=version in deployed,
        open_orders=counted.get(version.id, 0),
        counted_at=at,
        first_deployed_at=version.created_at,
        sha256=version.sha256,
    )


def _state(state: State, locale: str) -> dict[str, Any]:
    return {
        "name": state.name,
        "title": title_in(locale, state.title, state.name),
        "customer": title_in(locale, state.customer, "") or None,
        "flags": sorted(state.flags),
        "final": state.final,
        "runs": _call(state.run) if state.run else None,
        "expect_within": format_duration(state.expect_within) if state.expect_within else None,
    }


def _event(event: Event, locale: str) -> dict[str, Any]:
    return {
        "name": event.name,
        "title": title_in(locale, event.title, event.name),
        "manual": event.manual,
        "auto": event.auto,
        "timer": event.timer is not None,
        "reason": event.reason,
        "roles": list(event.roles),
        "fields": [
            {
                "name": each.name,
                "type": each.type,
                "title": title_in(locale, each.title, each.name),
                "required": each.required,
                "choices": list(each.choices),
            }
            for each in event.fields
        ],
    }


def _transition(transition: Transition) -> dict[str, Any]:
    return {
        "from": transition.source,
        "to": transition.target,
        "event": transition.event,
        "conditions": list(_calls(transition.conditions)),
        "commands": list(_calls(transition.command)),
        "happy": transition.happy,
    }


def _calls(called: tuple[Call, ...]) -> Iterator[str]:
    yield from map(_call, called)


def _call(call: Call) -> str:
    return call.name
