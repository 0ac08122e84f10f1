"""Somebody is told of what needs attention (rule 31): the first incident of a kind at once, then a digest at most hourly."""

from __future__ import annotations

from datetime import datetime, timedelta

from oms.engine.trigger import Engine
from oms.outbox import ALERT, ALERT_CALL, LANE, promised
from oms.ports.records import Incident
from oms.ports.store import UnitOfWork

QUIET = timedelta(hours=1)
"""Between two digests."""
MOST = 50
"""Incidents in one mail; the rest is counted."""


def alert(engine: Engine, address: str | None, *, webhook: str | None = None) -> bool:
    """Promise to tell of incidents that nobody was told of. False: there is nothing to tell, or nobody.

    Args:
        engine: Whose incidents.
        address: Who gets a mail.
        webhook: What is called.
    """
    if address is None and webhook is None:
        return False
    with engine.store.reading() as work:
        untold, told = work.incidents.untold(), work.incidents.told_since(work.now() - QUIET)
    new_kinds = {incident.kind for incident in untold} - {incident.kind for incident in told}
    if not untold or (told and not new_kinds):
        return False
    with engine.store.writing() as work:
        now = work.now()
        mine = work.incidents.tell([incident.id for incident in untold], at=now)
        if not mine:
            return False
        if address is not None:
            arguments = {"address": address, "subject": _subject(mine), "text": _text(engine, work, mine)}
            work.jobs.add(promised(ALERT, arguments, order=None, hop=None, at=now, lane=LANE))
        if webhook is not None:
            called = {"url": webhook, "subject": _subject(mine), "incidents": _data(work, mine)}
            work.jobs.add(promised(ALERT_CALL, called, order=None, hop=None, at=now))
    engine.wake()
    return True


def _data(work: UnitOfWork, incidents: list[Incident]) -> list[dict[str, object]]:
    return [
        {"id": incident.id, "kind": incident.kind, "text": incident.text, "opened_at": incident.opened_at.isoformat()}
        | {"order": work.orders.get(incident.order).reference if incident.order is not None else None}
        for incident in incidents[:MOST]
    ]


def _subject(incidents: list[Incident]) -> str:
    return f"{len(incidents)} {'thing needs' if len(incidents) == 1 else 'things need'} attention: {incidents[0].kind}"


def _text(engine: Engine, work: UnitOfWork, incidents: list[Incident]) -> str:
    lines = [f"{_opened(engine, work, each):%Y-%m-%d %H:%M %Z}  {each.kind}: {each.text}" for each in incidents[:MOST]]
    more = [f"… and {len(incidents) - MOST} more"] if len(incidents) > MOST else []
    return "\n\n".join([*lines, *more, "See all of them with: oms incident list"]) + "\n"


def _opened(engine: Engine, work: UnitOfWork, incident: Incident) -> datetime:
    """By the clock of its order's store, as its sentence has times; of what is no order's, by that of the first."""
    store = work.orders.get(incident.order).store if incident.order is not None else next(iter(engine.profiles))
    return engine.profile(store).local(incident.opened_at)
