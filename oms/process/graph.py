"""Draws a process as Mermaid text, from the object that the engine executes. It says what the file says, in the words of the file.

An arrow reads `event (who lets it happen) [conditions] / commands`, a happy one begins with ✓. Mermaid can make states strong, but not the
arrows of a state diagram: hence the mark.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from oms.process.durations import format_duration
from oms.process.model import Call, Event, Process, State, Timer, Transition, title_in

_LOOKS = {
    "happy": "stroke-width:3px",
    "visited": "fill:#dbeafe,stroke:#1d4ed8,color:#1e3a8a",
    "current": "fill:#1d4ed8,stroke:#1e3a8a,color:#ffffff,stroke-width:3px",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MEANS_SOMETHING_TO_MERMAID = re.compile(
    r"(?<![^\W_])[-._]|[-._](?![^\W_])|(?<=^\d)\)|[!-'*+:-<>?@\\^`{-~]"
    r"|(?<=direction) (?=TB|BT|RL|LR)",  # read as a command wherever it stands in a line
    re.IGNORECASE,
)


def to_mermaid(process: Process, *, locale: str = "en", visited: Collection[str] = (), current: Collection[str] = ()) -> str:
    """The process as a `stateDiagram-v2`, each time the same text.

    Args:
        process: a checked one.
        locale: of the titles, such as `de` or `de_DE`; without title a state or event shows its name.
        visited: names of states that an order went through.
        current: names of states in which items of it stand.
    """
    ids = {name: f"s{number}" for number, name in enumerate(process.states)}
    happy = {name for transition in process.transitions if transition.happy for name in (transition.source, transition.target)}
    lines = [
        *(line for state in process.states.values() for line in _state(state, ids[state.name], locale=locale)),
        f"[*] --> {ids[process.initial]}",
        *(_arrow(transition, process.events, ids=ids, locale=locale) for transition in process.transitions),
        *(f"{ids[state.name]} --> [*]" for state in process.states.values() if state.final),
        *_looks({"happy": happy, "visited": visited, "current": current}, ids),
    ]
    return "\n    ".join(["stateDiagram-v2", *lines]) + "\n"


def _state(state: State, identifier: str, *, locale: str) -> Iterator[str]:
    yield f'state "{_text(title_in(locale, state.title, state.name))}" as {identifier}'
    if state.on_enter:
        yield f"{identifier} : {_text(f'on_enter {_calls(state.on_enter)}')}"
    if state.run:
        follows = [f"{key} {event}" for key, event in (("then", state.then), ("on_error", state.on_error)) if event]
        yield f"{identifier} : {_text(', '.join([f'run {_call(state.run)}', *follows]))}"


def _arrow(transition: Transition, events: Mapping[str, Event], *, ids: Mapping[str, str], locale: str) -> str:
    event = events[transition.event] if transition.event else None
    parts = ["✓"] if transition.happy else []
    if event:
        parts += [title_in(locale, event.title, event.name), *_who(event)]
    if transition.conditions:
        parts.append(f"[{' and '.join(map(_call, transition.conditions))}]")
    if commands := (*(event.prepare + event.command if event else ()), *transition.command):
        parts.append(f"/ {_calls(commands)}")
    label = f" : {_text(' '.join(parts))}" if parts else ""
    return f"{ids[transition.source]} --> {ids[transition.target]}{label}"


def _who(event: Event) -> list[str]:
    ways = ["auto"] * event.auto + ["manual"] * event.manual + ([_when(event.timer)] if event.timer else [])
    return [f"({', '.join(ways)})"] if ways else []


def _when(timer: Timer) -> str:
    if timer.after:
        return f"after {format_duration(timer.after)}"
    if timer.every:
        return f"every {format_duration(timer.every)}"
    if timer.business_days:
        return " ".join(filter(None, [f"after {timer.business_days} business days", timer.calendar]))
    return " ".join(filter(None, ["at", timer.time or timer.due, *(_DAYS[day] for day in timer.days), timer.zone]))


def _looks(states: Mapping[str, Collection[str]], ids: Mapping[str, str]) -> Iterator[str]:
    for look, names in states.items():
        if dressed := [identifier for name, identifier in ids.items() if name in names]:
            yield f"classDef {look} {_LOOKS[look]}"
            yield f"class {','.join(dressed)} {look}"


def _calls(calls: Iterable[Call]) -> str:
    return ", ".join(map(_call, calls))


def _call(call: Call) -> str:
    arguments = ", ".join(f"{name}={_value(value)}" for name, value in call.arguments.items())
    return f"{call.name}({arguments})" if arguments else call.name


def _value(value: object) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _text(text: str) -> str:
    """One line, with the characters that Mermaid or its Markdown would read otherwise written by number."""
    return _MEANS_SOMETHING_TO_MERMAID.sub(lambda found: f"#{ord(found[0])};", " ".join(text.split()))
