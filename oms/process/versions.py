"""A process as text and back: what a deployed version keeps, hashes and is built from on a host that has not loaded it (rules 45 and 46).

The text is canonical: sorted keys, no blanks, nothing that equals its default, so that a key the language gains later changes no stored hash.
States, events and transitions are lists, for their order counts.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from oms.process.durations import format_duration, parse_duration
from oms.process.model import Call, Event, Field, Process, Retry, State, Timer, Transition

SCHEMA = 1
"""Counts up when a text of before can't be read as it is."""

Part = TypeVar("Part")


def process_to_json(process: Process) -> str:
    """The canonical text of a process: equal processes have equal texts, whatever made them.

    Raises:
        TypeError, ValueError: an argument of a call is no JSON, or a duration is not in whole seconds.
    """
    plain = {**_plain(process), "schema": SCHEMA, "states": _plain(tuple(process.states.values())), "events": _plain(tuple(process.events.values()))}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def process_from_json(text: str) -> Process:
    """The process that `process_to_json` wrote.

    Raises:
        ValueError: another version of oms wrote it, in a way that this one does not read.
    """
    data: dict[str, Any] = json.loads(text)
    schema = data.pop("schema", None)
    if schema != SCHEMA:
        raise ValueError(f"The process was stored with schema {schema}, this oms reads schema {SCHEMA}: run the oms that stored it, or a newer one.")
    return _read(Process, data, states=_states, events=_events, transitions=_transitions, parts=tuple)


def sha256_of(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        items = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _plain(kept) for field, kept in items if kept != _default(field)}
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(kept) for key, kept in value.items()}
    return [_plain(kept) for kept in value] if isinstance(value, tuple | list) else value


def _default(field: dataclasses.Field[Any]) -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _read(kind: type[Part], data: Mapping[str, Any], **readers: Any) -> Part:
    return kind(**{key: readers[key](value) if key in readers else value for key, value in data.items()})


def _calls(data: list[Any]) -> tuple[Call, ...]:
    return tuple(_read(Call, call) for call in data)


def _retry(data: Mapping[str, Any]) -> Retry:
    return _read(Retry, data, delay=parse_duration)


def _timer(data: Mapping[str, Any]) -> Timer:
    return _read(Timer, data, after=parse_duration, every=parse_duration, days=tuple)


def _fields(data: list[Any]) -> tuple[Field, ...]:
    return tuple(_read(Field, field, choices=tuple) for field in data)


def _states(data: list[Any]) -> dict[str, State]:
    readers = {"flags": frozenset, "on_enter": _calls, "run": lambda call: _read(Call, call), "retry": _retry, "expect_within": parse_duration}
    return {state["name"]: _read(State, state, **readers) for state in data}


def _events(data: list[Any]) -> dict[str, Event]:
    readers = {"command": _calls, "prepare": _calls, "timer": _timer, "roles": tuple, "fields": _fields, "retry": _retry}
    return {event["name"]: _read(Event, event, **readers) for event in data}


def _transitions(data: list[Any]) -> tuple[Transition, ...]:
    return tuple(_read(Transition, transition, conditions=_calls, command=_calls) for transition in data)
