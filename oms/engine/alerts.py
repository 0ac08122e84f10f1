"""Somebody is told of what needs attention (rule 31): the first incident of a kind at once, then a digest at most hourly."""

from __future__ import annotations

from datetime import timedelta

from oms.engine.trigger import Engine
from oms.outbox import ALERT, promised
from oms.ports.records import Incident

QUIET = timedelta(hours=1)
"""Between two digests."""
MOST = 50
"""Incidents in one mail; the rest is counted."""


def alert(engine: Engine, address: str | None) -> bool:
    """Promise a mail about incidents that nobody was told of. False: there is nothing to tell, or nobody."""
    if address is None:
        return False
    with engine.store.reading() as work:
        untold, told = work.incidents.untold(), work.incidents.told_since(work.now() - QUIET)
    new_kinds = {incident.kind for incident in untold} - {incident.kind for incident in told}
    if not untold or (told and not new_kinds):
        return False
    with engine.store.writing() as work:
        now = work.now()
        untold = work.incidents.untold()  # asked again: another worker may have told of them
        if not untold:
            return False
        work.incidents.tell([incident.id for incident in untold], at=now)
        arguments = {"address": address, "subject": _subject(untold), "text": _text(untold)}
        work.jobs.add(promised(ALERT, arguments, order=None, hop=None, at=now))
    engine.wake()
    return True


def _subject(incidents: list[Incident]) -> str:
    return f"{len(incidents)} {'thing needs' if len(incidents) == 1 else 'things need'} attention: {incidents[0].kind}"


def _text(incidents: list[Incident]) -> str:
    lines = [f"{incident.opened_at:%Y-%m-%d %H:%M} UTC  {incident.kind}: {incident.text}" for incident in incidents[:MOST]]
    more = [f"… and {len(incidents) - MOST} more"] if len(incidents) > MOST else []
    return "\n\n".join([*lines, *more, "See all of them with: oms incident list"]) + "\n"
