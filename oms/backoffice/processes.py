"""`/stores/{store}/processes`: what new orders follow, and what each process says. Processes belong to the shop, not to a store."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.looks import look_of
from oms.backoffice.pictures import Dress, picture
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.processes import needs
from oms.lookup.processes import VersionLine, deployed_processes, process_among, process_data
from oms.process.graph import to_mermaid
from oms.process.model import Process
from oms.process.vocabulary import Vocabulary

router = APIRouter(prefix="/stores/{store}/processes", route_class=PageRoute)

Number = Annotated[int | None, Query(ge=1, le=1_000_000)]
Reads = Annotated[Visitor, Depends(Visits("processes.read"))]


@router.get("", operation_id="listProcesses")
def list_processes(request: Request, visitor: Reads, shop: ShopHere) -> Response:
    """What new orders take."""
    tongue = visitor.tongue
    told = [_line(line, visitor, tongue) | {"title": tongue.title(process.title, line.name)} for line, process in deployed_processes(shop)]
    counted = next((each["counted"] for each in told), None)
    return page(request, "processes.html", {"site": visitor.site("processes"), "processes": told, "counted": counted})


@router.get("/{name}", operation_id="getProcess")
def show_process(request: Request, name: str, visitor: Reads, shop: ShopHere, version: Number = None, against: Number = None) -> Response:
    """One process as it is, or an older content of it, and what is different from another content."""
    tongue = visitor.tongue
    found = process_among(shop, name, version, against=against)
    process = found.process
    data = process_data(process, locale=visitor.locale)
    commands = {event["name"]: event["commands"] for event in data["events"]}
    with shop.store.reading() as work:
        counts: Counter[str] = Counter()
        for each in work.counts.of(visitor.store):
            counts[each.state] += each.items * (each.process == name)
    given = {
        "site": visitor.site("processes"),
        "picture": picture(process, shop.vocabulary, tongue, Dress(counts=counts)),
        "list": visitor.at("processes"),
        "process": _line(found.line, visitor, tongue) | {"title": data["title"]},
        "versions": [_line(each, visitor, tongue) for each in found.versions],
        "here": visitor.at("processes", name),
        "before": found.before,
        "differs": tongue.word("differs", number=found.before) if found.before else None,
        "others": [each.number for each in found.versions if each.number != found.line.number],
        "files": [{"name": each.name, "lines": each.text.splitlines()} for each in found.files],
        "rewritten": found.rewritten,
        "needs": _needs(process, shop.vocabulary),
        "missing": {need.name for need in needs(process, shop.vocabulary) if not need.is_there},
        "changes": [{"what": each.what, "how": each.how, "key": each.key or "", "old": each.before, "new": each.after} for each in found.changes],
        "states": [state | {"look": look_of(process, state["name"])} for state in data["states"]],
        "events": [event | {"who": _who(event)} for event in data["events"]],
        "arrows": [_arrow(arrow, process, tongue) | {"of_event": commands.get(arrow["event"], [])} for arrow in data["transitions"]],
        "mermaid": to_mermaid(process, locale=visitor.locale),
    }
    return page(request, "process.html", given)


def _line(line: VersionLine, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    return {
        "name": line.name,
        "number": line.number,
        "deployed": line.deployed,
        "open": line.open_orders,
        "counted": tongue.when(line.counted_at) if line.counted_at else None,
        "since": tongue.when(line.first_deployed_at),
        "sha256": line.sha256[:12],
        "address": f"{visitor.at('processes', line.name)}?version={line.number}",
    }


def _needs(process: Process, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Each thing that the process names, once, and how often it does."""
    named = Counter((need.kind.replace(" ", "_"), need.name, need.is_there) for need in needs(process, vocabulary))
    return [{"kind": kind, "name": name, "is_there": is_there, "count": count} for (kind, name, is_there), count in sorted(named.items())]


def _who(event: dict[str, Any]) -> list[str]:
    said = [word for word, is_so in (("by_person", event["manual"]), ("by_timer", event["timer"]), ("by_engine", event["auto"])) if is_so]
    return said or ["by_outside"]


def _arrow(arrow: dict[str, Any], process: Process, tongue: Tongue) -> dict[str, Any]:
    event = process.events.get(arrow["event"] or "")
    return {
        "source": tongue.title(process.states[arrow["from"]].title, arrow["from"]),
        "target": tongue.title(process.states[arrow["to"]].title, arrow["to"]),
        "event": tongue.title(event.title, event.name) if event else tongue.word("event_none"),
        "conditions": arrow["conditions"],
        "commands": arrow["commands"],
        "happy": arrow["happy"],
    }
