"""The items of an order: where each stands, since when, and what may be done to it."""

from __future__ import annotations

from typing import Any

from oms.backoffice.looks import OF_WAITING
from oms.backoffice.ordered import details_of, line_minor
from oms.backoffice.showing import Showing, button
from oms.engine.waiting import LATE


def items_of(show: Showing) -> list[dict[str, Any]]:
    """The items with their states, ages and own buttons."""
    buttons = show.events()
    several = len(show.page.view.items) > 1
    late = {incident.item for incident in show.page.view.incidents if incident.kind == LATE}
    told = []
    for item, waits in zip(show.page.view.items, show.page.waits, strict=True):
        line = show.page.order.lines[item.line - 1]
        sign = -1 if line.quantity < 0 else 1
        told.append(
            {
                "label": item.label,
                "group": line.group or "",
                "name": line.name,
                "sku": line.sku,
                "quantity": item.quantity * sign,
                "total": sign * (abs(line_minor(line)) * item.quantity // line.units),
                "details": details_of(show, line),
                "state": show.state(item.state),
                "look": OF_WAITING[waits.kind],
                "age": show.tongue.age(item.entered_at),
                "late": item.id in late,
                "buttons": [button(show, event, items=[item.label]) for event in buttons if several and item.label in event.items],
            }
        )
    return told


def groups_of(show: Showing) -> list[dict[str, Any]]:
    """The items, those of a parcel or a seller together with buttons for all of it; where there is no group, one without a name."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items_of(show):
        groups.setdefault(item["group"], []).append(item)
    told = []
    for name, items in groups.items():
        labels = [item["label"] for item in items]
        reached = [(event, [label for label in labels if label in event.items]) for event in show.events()] if len(groups) > 1 else []
        told.append({"name": name, "items": items, "buttons": [button(show, event, items=mine) for event, mine in reached if mine]})
    return told
