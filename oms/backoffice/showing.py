"""An order as its page shows it: items, why they wait, what may be done. Text and addresses for the template; nothing is asked of the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from oms.backoffice.looks import OF_WAITING
from oms.backoffice.naming import titled, titles_of
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor
from oms.engine.waiting import Waiting
from oms.lookup.events import PossibleEvent, possible_events
from oms.lookup.order import OrderPage
from oms.outbox import NOT_DELIVERED, JobStatus
from oms.ports.records import Item

FIRST = ("failed", "held", "person", "outside", "timer", "engine", "nobody")
"""Which reasons to wait are told first."""


@dataclass(frozen=True, slots=True)
class Showing:
    """An order, who looks at it, and how they are told."""

    page: OrderPage
    visitor: Visitor
    tongue: Tongue

    def state(self, name: str) -> str:
        """What a state is called."""
        state = self.page.process.states.get(name)
        return self.tongue.title(state.title, name) if state else name

    def event(self, name: str | None) -> str:
        """What an event is called; those of the house have words of their own."""
        if not name:
            return self.tongue.word("event_none")
        if name.startswith("__"):
            return self.tongue.word(f"event{name.rstrip('_')}")
        event = self.page.process.events.get(name)
        return self.tongue.title(event.title, name) if event else name

    def told(self, sentence: str) -> str:
        """A sentence of the house with titles where it has names."""
        return titled(sentence, titles_of([self.page.process], self.tongue))

    def items(self, labels: list[str]) -> str:
        """`Item 1`, `Items 1, 2`."""
        return self.tongue.several("items", len(labels), labels=", ".join(labels))

    def at(self, *parts: str) -> str:
        """An address of this order."""
        return self.visitor.at("orders", self.page.view.head.reference, *parts)

    def events(self) -> list[PossibleEvent]:
        """What the process lets people let happen, and this person may."""
        if not self.visitor.caller.may("orders.trigger"):
            return []
        mine = self.visitor.caller.roles
        possible = possible_events(self.page, locale=self.tongue.locale)
        return [event for event in possible if event.manual and (not event.roles or set(event.roles) & mine)]


def new_key() -> str:
    """For one form: posted twice, it happens once."""
    return secrets.token_urlsafe(18)


def waits_of(show: Showing) -> list[dict[str, Any]]:
    """Why the items wait: alike ones together, the most urgent first."""
    groups: dict[tuple[str, str], list[tuple[Item, Waiting]]] = {}
    for item, waits in zip(show.page.view.items, show.page.waits, strict=True):
        groups.setdefault((waits.kind, waits.sentence if waits.kind in {"failed", "held"} else item.state), []).append((item, waits))
    told = [_wait(show, group) for group in groups.values()]
    return sorted(told, key=lambda each: FIRST.index(each["kind"]))


def undelivered(show: Showing) -> list[dict[str, str]]:
    """Mails that nobody got: they keep no item from moving, so no item waits for them."""
    return [{"kind": each.kind, "text": show.told(each.text)} for each in show.page.view.incidents if each.kind == NOT_DELIVERED]


def _wait(show: Showing, group: list[tuple[Item, Waiting]]) -> dict[str, Any]:
    item, waits = group[0]
    everybody = len(group) == len(show.page.view.items)
    return {
        "kind": waits.kind,
        "look": OF_WAITING[waits.kind],
        "headline": show.tongue.word(f"wait_{waits.kind}"),
        "for": _for_what(show, item, waits),
        "items": "" if everybody else show.items([each.label for each, _ in group]),
        "state": show.state(item.state),
        "since": show.tongue.age(min(each.since for _, each in group)),
        "due": show.tongue.due(waits.due_at) if waits.due_at else None,
        "sentence": show.told(waits.sentence) if waits.kind in {"failed", "held", "engine"} else "",
        "others": [show.told(each) for each in waits.others],
    }


def _for_what(show: Showing, item: Item, waits: Waiting) -> str:
    """The titles of what would move it."""
    process, possible = show.page.process, show.page.possible(item)
    if waits.kind == "timer":
        timers = sorted((timer for timer in show.page.view.timers if timer.item == item.id), key=lambda timer: timer.due_at)
        return show.event(timers[0].event) if timers else ""
    if waits.kind not in {"person", "outside"}:
        return ""
    is_person = waits.kind == "person"
    names = [name for name in possible if process.events[name].manual == is_person and (is_person or not process.events[name].timer)]
    onward = [name for name in names if any(arrow.happy for arrow in process.ways_out[item.state][name])]
    return f" {show.tongue.word('or')} ".join(show.event(name) for name in onward or names)


def picks_of(show: Showing) -> list[PossibleEvent]:
    """What may be let happen to items that are chosen, or to some of their units; nothing where there is no choice."""
    items = show.page.view.items
    return show.events() if len(items) > 1 or items[0].quantity > 1 else []


def button(show: Showing, event: PossibleEvent, *, items: list[str] | None = None) -> dict[str, Any]:
    """A button that lets an event happen: at once, or by a form that asks for what the event wants."""
    reached = items or list(event.items)
    asks = bool(event.fields) or event.reason or event.confirm
    states = {item.state for item in show.page.view.items if item.label in reached}
    text = event.title
    if items is None and 1 < len(reached) < len(show.page.view.items):
        text = f"{event.title} ({show.items(reached)})"
    return {
        "event": event.event,
        "text": f"{text}…" if asks else text,
        "asks": asks,
        "look": "danger" if event.confirm else "main" if event.main else "",
        "items": reached,
        "expect": states.pop() if len(states) == 1 else "",
        "key": new_key(),
        "address": f"{show.at()}?{urlencode([('dialog', 'event'), ('event', event.event), *(('item', label) for label in reached)])}",
    }


def buttons_of(show: Showing) -> list[dict[str, Any]]:
    """Buttons for the whole order: the events for people, the main one last."""
    return [button(show, event) for event in sorted(show.events(), key=lambda event: (event.main, not event.confirm))]


def timers_of(show: Showing) -> list[dict[str, Any]]:
    """What waits for its time; alike ones together."""
    groups: dict[tuple[str, Any], list[str]] = {}
    for timer in sorted(show.page.view.timers, key=lambda timer: timer.due_at):
        groups.setdefault((timer.event, timer.due_at), []).append(show.page.label(timer.item))
    return [
        {
            "event": event,
            "title": show.event(event),
            "due": show.tongue.due(due),
            "items": show.items(labels) if len(labels) < len(show.page.view.items) else "",
            "key": new_key(),
        }
        for (event, due), labels in groups.items()
    ]


def may_skip(show: Showing) -> bool:
    """Whether some item waits for a job that was given up, and this person may go on without it."""
    process = show.page.process
    stays = {(item.id, item.moves) for item in show.page.view.items}
    dead = [job for job in show.page.view.jobs if job.status is JobStatus.DEAD and job.state and stays & set(job.items)]
    return show.visitor.caller.may("orders.skip") and any(process.states[str(job.state)].then for job in dead)
