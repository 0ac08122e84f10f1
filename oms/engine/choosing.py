"""Which way an item takes: asks the chooser, with the conditions of this installation."""

from __future__ import annotations

from collections.abc import Callable

from oms.engine.context import Tables
from oms.engine.facts import Facts
from oms.engine.failing import missing_here
from oms.engine.processes import Loaded
from oms.ports.records import Item
from oms.process.model import Call, Transition


def choose(
    loaded: Loaded, tables: Tables, item: Item, event: str | None, *, facts: Facts, asked: Callable[[str], object] = lambda _: None
) -> Transition | None:
    """The open transition of an item, if any. `asked` is told what each condition answers."""

    def ask(call: Call) -> bool:
        condition = tables.conditions.get(call.name)
        if condition is None:
            raise missing_here("The condition", call.name)
        answer = condition(item, facts, **call.arguments)
        asked(f"{call.name}: {'yes' if answer else 'no'}")
        return answer

    return loaded.chooser.choose(item.state, event, ask)
