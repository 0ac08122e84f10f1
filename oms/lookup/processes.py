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
from oms.process.difference import Change, Rewritten, difference, text_difference
from oms.process.durations import format_duration
from oms.process.findings import ProcessFile
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
    files: tuple[ProcessFile, ...]  #: what somebody wrote; none: it was deployed when nobody kept that
    versions: list[VersionLine]  #: the newest first
    before: int | None  #: the number of the content that it is compared with; None: it is the first
    changes: tuple[Change, ...]  #: since then
    rewritten: tuple[Rewritten, ...] | None  #: the same in the files; None: one of the two has none


def process_among(shop: Shop, name: str, number: int | None, *, against: int | None = None) -> Among:
    """The same, among all contents that it has had, and compared with one of them; nothing said: with the one before.

    Raises:
        NotFound: there is no such process or version.
    """
    with shop.store.reading() as work:
        found, deployed, orders = _versions(work, name), work.versions.all_deployed(), _open_orders(work)
        mine = _one_of(found, next(each.number for each in found if each in deployed) if number is None else number)
        before = next(iter(found[found.index(mine) + 1 :]), None) if against is None else _one_of(found, against)
        files = work.versions.files(*(each.id for each in (mine, before) if each))
        process = shop.engine.processes.get(work, mine.id).process
    return Among(
        _line(mine, deployed, orders),
        process,
        files.get(mine.id, ()),
        [_line(each, deployed, orders) for each in found],
        before.number if before else None,
        tuple(difference(shop.engine.processes.load(before).process, process)) if before else (),
        tuple(text_difference(files[before.id], files[mine.id])) if before and {before.id, mine.id} <= files.keys() else None,
    )


def source_of(shop: Shop, name: str, number: int | None) -> tuple[VersionLine, tuple[ProcessFile, ...]]:
    """What somebody wrote that new orders follow, or an older content of it. No file: it was deployed when nobody kept that.

    Raises:
        NotFound: there is no such process or version.
    """
    found = process_among(shop, name, number)
    return found.line, found.files


def _one_of(found: list[Version], number: int) -> Version:
    """Raises NotFound."""
    mine = next((each for each in found if each.number == number), None)
    if mine is None:
        known = ", ".join(str(each.number) for each in reversed(found))
        raise NotFound(f"The process {found[0].name} has no version {number}. It has: {known}.")
    return mine


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
        "on_enter": list(_calls(state.on_enter)),
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
        "commands": list(_calls((*event.prepare, *event.command))),
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
