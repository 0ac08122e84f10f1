"""The keys of one mapping: unknown and missing ones are reported at once, the others are fetched by name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TypeVar

from oms.process.findings import Place, did_you_mean
from oms.process.model import Titles
from oms.process.reading.desk import Desk, Named
from oms.process.reading.nodes import Node, Table, Text

Value = TypeVar("Value")


class Keys:
    """One mapping of a process file. What can't be read counts as absent; a finding says why."""

    def __init__(self, node: Node, desk: Desk, *, what: str, known: Collection[str], required: Collection[str] = ()) -> None:
        """Report what is no mapping, what is unknown and what is missing. `what` begins a sentence: `A state`."""
        self._desk, self.place = desk, node.place
        self._values = node.values if isinstance(node, Table) else {}
        if not isinstance(node, Table):
            empty = isinstance(node, Text) and node.is_empty and not required
            if not empty:
                desk.wrong_type(node, what, expected="a mapping")
            return
        for name, key in node.keys.items():
            if name not in known:
                desk.report("OMS002", key.place, f'{what} has no key "{name}".', hint=did_you_mean(name, known))
        for name in required:
            if name not in node.keys:
                desk.report("OMS002", node.place, f'{what} needs the key "{name}".')

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def node(self, key: str) -> Node | None:
        """The value as it stands there."""
        return self._values.get(key)

    def places(self) -> dict[str, Place]:
        """Key to the place of its value."""
        return {key: node.place for key, node in self._values.items()}

    def read(self, key: str, how: Callable[[Node], Value], default: Value) -> Value:
        """The value, read by a function; the default when the key is absent."""
        node = self.node(key)
        return default if node is None else how(node)

    def yes(self, key: str) -> bool:
        """A truth value; absent = false."""
        return self.read(key, lambda node: self._desk.yes(node, f'"{key}"'), default=False)

    def duration(self, key: str) -> timedelta | None:
        """A duration, if there."""
        return self.read(key, self._desk.duration, None)

    def titles(self, key: str) -> Titles:
        """A title in its languages."""
        return self.read(key, self._desk.titles, {})

    def mention(self, key: str, kind: Named) -> str | None:
        """The name of a state or event, if there."""
        return self.read(key, lambda node: self._desk.mention(node, kind), None)

    def listed(self, key: str) -> tuple[Node, ...]:
        """The entries of a list; absent = none."""
        node = self.node(key)
        return () if node is None else self._desk.listed(node, f'"{key}"')

    def names(self, key: str, what: str) -> tuple[str, ...]:
        """A list of names."""
        return tuple(name for each in self.listed(key) if (name := self._desk.name(each, what)) is not None)
