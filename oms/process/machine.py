"""Chooses the transition that items take: the only module that knows `transitions`. It keeps no state of any item.

A `transitions.Machine` is built once per process version and never given a model: each choice lends it a carrier of two fields, so that any
number of threads share one `Chooser`. Its states and events have opaque names (`s0`, `e0`), for names of a process are free text; its
callbacks are functions, for a text would be imported and run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import transitions

from oms.process.model import Call, Process, Transition

Ask = Callable[[Call], bool]
"""Answers a condition for the item that is to choose."""


class NoSuchEvent(LookupError):
    """The state has no way out for the event (or none without event)."""

    def __init__(self, state: str, event: str | None) -> None:
        self.state, self.event = state, event
        what = "transition without event" if event is None else f'event "{event}"'
        super().__init__(f'The state "{state}" has no {what}.')


class Chooser:
    """What a process allows, asked without changing anything. Safe to be shared by threads."""

    def __init__(self, process: Process) -> None:
        self._states = {name: f"s{number}" for number, name in enumerate(process.states)}
        self._events = {name: f"e{number}" for number, name in enumerate([None, *process.events])}
        self._machine = transitions.Machine(model=None, states=list(self._states.values()), initial=None, auto_transitions=False, send_event=True)
        self._chosen: dict[transitions.Transition, Transition] = {}
        for transition in process.transitions:
            self._add(transition)

    def choose(self, state: str, event: str | None, ask: Ask) -> Transition | None:
        """The first transition in file order whose conditions all hold; None = none is open. `event` None = those without event.

        Conditions are asked in order, and only until the choice is made.

        Raises:
            NoSuchEvent: nothing leads out of the state by this event, whatever the conditions say.
            TypeError: a condition answered neither True nor False.
        """
        try:
            carrier = _Carrier(self._states[state], ask)
            machine_event = self._machine.events[self._events[event]]
        except KeyError as error:
            raise NoSuchEvent(state, event) from error
        try:
            machine_event.trigger(carrier)
        except transitions.MachineError as error:
            if carrier.asked:  # a condition of the shop raised it, with a machine of its own
                raise
            raise NoSuchEvent(state, event) from error
        return self._chosen[carrier.taken] if carrier.taken else None

    def _add(self, transition: Transition) -> None:
        source, event = self._states[transition.source], self._events[transition.event]
        target = self._states[transition.target]
        self._machine.add_transition(event, source, target, conditions=[_condition(call) for call in transition.conditions], before=_take)
        self._chosen[self._machine.events[event].transitions[source][-1]] = transition


class _Carrier:
    """What `transitions` takes for the item: lives as long as one choice."""

    __slots__ = ("ask", "asked", "state", "taken")

    def __init__(self, state: str, ask: Ask) -> None:
        self.state, self.ask, self.asked = state, ask, False
        self.taken: transitions.Transition | None = None


def _take(event_data: Any) -> None:
    event_data.model.taken = event_data.transition


def _condition(call: Call) -> Callable[[Any], bool]:
    def holds(event_data: Any) -> bool:
        carrier = event_data.model
        carrier.asked = True
        answer = carrier.ask(call)
        if isinstance(answer, bool):
            return answer
        raise TypeError(f"The condition {call.name} answered {answer!r:.80}: it must answer True or False.")

    return holds
