"""States, events and transitions: nodes → the model's elements, each with the places of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast, get_args

from oms.process.findings import Place, did_you_mean
from oms.process.model import Call, Event, Field, State, Transition, type_of_field
from oms.process.reading.calls import Trade, read_call, read_calls
from oms.process.reading.desk import Desk
from oms.process.reading.keys import Keys
from oms.process.reading.nodes import Items, Node, Table, Text
from oms.process.reading.timing import read_retry, read_timer

Element = TypeVar("Element", State, Event, Transition)

STATE_KEYS = ("title", "customer", "flags", "final", "on_enter", "run", "then", "on_error", "retry", "expect_within")
EVENT_KEYS = (
    *("title", "command", "prepare", "auto", "manual", "after", "every", "at", "calendar"),
    *("main", "confirm", "reason", "roles", "fields", "retry"),
)
TRANSITION_KEYS = ("from", "event", "if", "to", "command", "happy")
FIELD_KEYS = ("type", "title", "required", "choices")
FIELD_TYPES: tuple[str, ...] = get_args(type_of_field)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Element]):
    """One element and where it stands."""

    value: Element
    place: Place
    places: Mapping[str, Place]  #: key to the place of its value

    def at(self, key: str) -> Place:
        """The place of a key's value, or of the element."""
        return self.places.get(key, self.place)


def read_state(key: Text, node: Node, desk: Desk) -> Entry[State] | None:
    """One entry of `states`."""
    if not desk.is_name(key.text, key.place):
        return None
    keys = Keys(node, desk, what="A state", known=STATE_KEYS)
    for needy in ("then", "on_error"):
        if needy in keys and "run" not in keys:
            desk.report("OMS002", keys.places()[needy], f'"{needy}" needs "run": it says what follows when the job has ended.')
    state = State(
        key.text,
        title=keys.titles("title"),
        customer=keys.titles("customer"),
        flags=frozenset(keys.names("flags", "A flag")),
        final=keys.yes("final"),
        on_enter=_calls(keys, "on_enter", desk),
        run=keys.read("run", lambda each: _job(each, desk), None),
        then=keys.mention("then", "event"),
        on_error=keys.mention("on_error", "event"),
        retry=keys.read("retry", lambda each: read_retry(each, desk), None),
        expect_within=keys.duration("expect_within"),
    )
    return Entry(state, key.place, keys.places())


def _job(node: Node, desk: Desk) -> Call | None:
    if not isinstance(node, Items):
        return read_call(node, desk, trade="job")
    desk.report("OMS002", node.place, '"run" names one job.', hint="two calls are two states")
    return None


def read_event(key: Text, node: Node, desk: Desk) -> Entry[Event] | None:
    """One entry of `events`."""
    if not desk.is_name(key.text, key.place):
        return None
    keys = Keys(node, desk, what="An event", known=EVENT_KEYS)
    event = Event(
        key.text,
        title=keys.titles("title"),
        command=_calls(keys, "command", desk),
        prepare=_calls(keys, "prepare", desk),
        auto=keys.yes("auto"),
        manual=keys.yes("manual"),
        timer=read_timer(keys, desk),
        main=keys.yes("main"),
        confirm=keys.yes("confirm"),
        reason=keys.read("reason", lambda each: desk.one_of(each, ("required",), what='"reason"'), None) is not None,
        roles=_roles(keys, desk),
        fields=_fields(keys, desk),
        retry=keys.read("retry", lambda each: read_retry(each, desk), None),
    )
    return Entry(event, key.place, keys.places())


def _calls(keys: Keys, key: str, desk: Desk, *, trade: Trade = "command") -> tuple[Call, ...]:
    node = keys.node(key)
    return () if node is None else read_calls(node, desk, trade=trade)


def _roles(keys: Keys, desk: Desk) -> tuple[str, ...]:
    nodes = keys.listed("roles")
    roles = [(node, role) for node in nodes if (role := desk.text(node, "A role")) is not None]
    known = desk.vocabulary.roles
    for node, role in roles:
        if role not in known:
            desk.report("OMS010", node.place, f'There is no role "{role}".', hint=did_you_mean(role, known))
    return tuple(role for _, role in roles if role in known)


def _fields(keys: Keys, desk: Desk) -> tuple[Field, ...]:
    node = keys.node("fields")
    if node is None:
        return ()
    if not isinstance(node, Table):
        desk.wrong_type(node, '"fields"', expected="a mapping", hint="write {reference: {type: text}}")
        return ()
    fields = (_field(key, node.values[name], desk) for name, key in node.keys.items() if desk.is_name(name, key.place))
    return tuple(fields)


def _field(key: Text, node: Node, desk: Desk) -> Field:
    keys = Keys(node, desk, what="A field", known=FIELD_KEYS)
    type_ = keys.read("type", lambda each: desk.one_of(each, FIELD_TYPES, what="The type of a field"), None) or "text"
    choices = keys.names("choices", "A choice")
    if ("choices" in keys) != (type_ == "choice"):
        sentence = 'A field has "choices" when its type is "choice", and only then.'
        desk.report("OMS002", keys.place, sentence, hint="write {type: choice, choices: [a, b]}")
    return Field(key.text, cast("type_of_field", type_), title=keys.titles("title"), required=keys.yes("required"), choices=choices)


def read_transition(node: Node, desk: Desk) -> tuple[Entry[Transition], ...]:
    """One entry of `transitions`: an arrow from each state of `from`."""
    keys = Keys(node, desk, what="A transition", known=TRANSITION_KEYS, required=("from", "to"))
    conditions = _calls(keys, "if", desk, trade="condition")
    readable = not _lost(keys, "if", conditions)
    event, target = keys.mention("event", "event"), keys.mention("to", "state")
    command = _calls(keys, "command", desk)
    happy = keys.yes("happy")
    sources = [(source, each.place) for each in _sources(keys, desk) if (source := desk.mention(each, "state")) is not None]
    if target is None or _lost(keys, "event", event) or not readable:
        return ()
    return tuple(
        Entry(Transition(source, target, event, conditions=conditions, command=command, happy=happy), place, keys.places())
        for source, place in sources
    )


def _lost(keys: Keys, key: str, value: object) -> bool:
    """Whether a key stands there, but could not be read."""
    return key in keys and not value


def _sources(keys: Keys, desk: Desk) -> tuple[Node, ...]:
    node = keys.node("from")
    if not isinstance(node, Items):
        return () if node is None else (node,)
    if not node.items:
        desk.report("OMS002", node.place, '"from" names no state.')
    return node.items
