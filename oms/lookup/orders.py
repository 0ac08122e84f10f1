"""Which orders are sought: what people and programs ask for, put so that the store can answer it from its indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING

from oms.ports.views import OrderFilter, OrderLine
from oms.process.model import RESERVED, Process

if TYPE_CHECKING:
    from oms.bootstrap import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """As `oms.ports.views.OrderFilter`, and by the flag of a state."""

    store: str | None = None
    process: str | None = None
    states: tuple[str, ...] = ()
    without_states: tuple[str, ...] = ()
    flag: str | None = None
    search: str | None = None
    sku: str | None = None
    attention: bool | None = None
    placed_from: date | None = None
    placed_to: date | None = None
    older_than: datetime | None = None
    newer_than: datetime | None = None
    least_minor: int | None = None
    most_minor: int | None = None
    currency: str | None = None
    after: int | None = None
    oldest_first: bool = False
    limit: int = 50


def seek(shop: Shop, sought: Sought, *, known: Mapping[int, Process] | None = None) -> list[OrderLine]:
    """The orders that are sought, the newest first. `known`: the processes in use, of whoever has asked for them already."""
    return shop.views.orders(_filter(shop, sought, known))


def newly(shop: Shop, sought: Sought, *, shown: Sequence[int], is_all: bool) -> int:
    """How many of the orders that are sought a list lacks that was drawn before.

    Args:
        shop: Whose.
        sought: As it was drawn; at most `limit` of them are counted.
        shown: The ids in the list.
        is_all: There were no more. Else what comes after the last one doesn't count: it is on the next page.
    """
    found = shop.views.order_ids(_filter(shop, sought, None))
    return sum(each not in shown and (is_all or (each > shown[-1]) != sought.oldest_first) for each in found)


def _filter(shop: Shop, sought: Sought, known: Mapping[int, Process] | None) -> OrderFilter:
    said = {field.name: getattr(sought, field.name) for field in fields(sought) if field.name != "flag"}
    if not (sought.states or sought.flag or sought.older_than or sought.newer_than):
        return OrderFilter(**said)
    processes = processes_in_use(shop) if known is None else known
    flagged = {version: flagged_states(process, sought.flag) for version, process in processes.items()} if sought.flag else None
    still = not any(process.states[name].final for process in processes.values() for name in sought.states if name in process.states)
    unfinished = {name for process in processes.values() for name, state in process.states.items() if not state.final}
    return OrderFilter(**said, flagged=flagged, states_are_open=still, open_states=tuple(sorted(unfinished)))


def processes_in_use(shop: Shop) -> dict[int, Process]:
    """Version to process: what is deployed, and what open orders follow."""
    with shop.store.reading() as work:
        versions = work.versions.in_use()
    return {version.id: shop.engine.processes.load(version).process for version in versions}


def flagged_states(process: Process, flag: str) -> tuple[str, ...]:
    """The states that have a flag."""
    return tuple(name for name, state in process.states.items() if flag in state.flags)


def reservations(shop: Shop, *, store: str | None, sku: str | None = None, after: str = "", limit: int) -> dict[str, int]:
    """Article to the units of it that orders on their way hold: those that stand in states with the flag `reserved`."""
    states = {version: flagged_states(process, RESERVED) for version, process in processes_in_use(shop).items()}
    return shop.views.reserved(states, store=store, sku=sku, after=after, limit=limit)
