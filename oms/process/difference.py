"""What differs between two contents of a process, in the words of the file, and between their files: what a deployment changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from oms.process.findings import ProcessFile
from oms.process.model import Process
from oms.process.versions import process_to_json

How = Literal["added", "removed", "changed"]

_NAMES = {"source": "from", "target": "to", "conditions": "if", "happy": "happy"}
"""Keys of an arrow as the file has them."""
_AROUND = 3
"""Lines that are shown before and after those that differ."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is there, or said, otherwise."""

    what: str  #: `state invoiced`, `event pay`, `arrow paid → invoiced`, `process`
    how: How
    key: str | None = None  #: of the file, where something changed
    before: str | None = None  #: as JSON text; None: nothing was said
    after: str | None = None

    def __str__(self) -> str:
        if self.how != "changed":
            return f"{self.what} is {self.how}"
        return f"{self.what}: {self.key} {self.before or 'nothing'} → {self.after or 'nothing'}"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line as one of two texts has it, or both."""

    before: int | None  #: its number; None: it is new
    after: int | None  #: None: it is gone
    text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file that reads otherwise, or that only one of two versions has."""

    name: str
    runs: tuple[tuple[TextLine, ...], ...]  #: where it does, with what stands around


def text_difference(before: Sequence[ProcessFile], after: Sequence[ProcessFile]) -> list[Rewritten]:
    """The files that read otherwise: the new ones in their order, then those that are gone."""
    old, new = ({file.name: file.text.splitlines() for file in side} for side in (before, after))
    return [Rewritten(name, tuple(_runs(old.get(name, []), new.get(name, [])))) for name in {**new, **old} if old.get(name) != new.get(name)]


def _runs(old: list[str], new: list[str]) -> Iterator[tuple[TextLine, ...]]:
    for codes in SequenceMatcher(None, old, new).get_grouped_opcodes(_AROUND):
        yield tuple(line for code in codes for line in _lines(old, new, code))


def _lines(old: list[str], new: list[str], code: tuple[str, int, int, int, int]) -> Iterator[TextLine]:
    what, first, last, begin, end = code
    if what == "equal":
        yield from (TextLine(first + at + 1, begin + at + 1, old[first + at]) for at in range(last - first))
        return
    yield from (TextLine(at + 1, None, old[at]) for at in range(first, last))
    yield from (TextLine(None, at + 1, new[at]) for at in range(begin, end))


def difference(before: Process, after: Process) -> list[Change]:
    """All changes: of the process itself, of states, of events, of arrows; each in the order of the new file."""
    old, new = json.loads(process_to_json(before)), json.loads(process_to_json(after))
    own = ({key: value for key, value in plain.items() if key not in {"states", "events", "transitions", "schema"}} for plain in (old, new))
    return [
        *_changed("process", *own),
        *_named("state", old["states"], new["states"]),
        *_named("event", old["events"], new["events"]),
        *_arrows(old["transitions"], new["transitions"]),
    ]


def _named(kind: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    known, there_is = ({each["name"]: each for each in side} for side in (old, new))
    for name, each in there_is.items():
        if name in known:
            yield from _changed(f"{kind} {name}", known[name], each)
        else:
            yield Change(f"{kind} {name}", "added")
    yield from (Change(f"{kind} {name}", "removed") for name in known if name not in there_is)


def _changed(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Change(what, "changed", key, _text(old.get(key)), _text(new.get(key)))


def _arrows(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    """Each is known by all that it says: one that says anything else is another one."""
    before, after = ([_text(arrow) for arrow in side] for side in (old, new))
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    yield from (Change(f"arrow {_drawn(arrow)}", "added") for arrow in new if come[_text(arrow)])
    yield from (Change(f"arrow {_drawn(arrow)}", "removed") for arrow in old if gone[_text(arrow)])
    if before != after and not gone and not come:
        yield Change("arrows", "changed", "order", "as it was", "another one")


def _drawn(arrow: Mapping[str, Any]) -> str:
    """`paid --ship→ shipped, if payment_is_settled`."""
    event = f"--{arrow['event']}→" if arrow.get("event") else "→"
    more = [f"{_NAMES.get(key, key)} {_text(value)}" for key, value in arrow.items() if key not in {"source", "target", "event"}]
    return ", ".join([f"{arrow['source']} {event} {arrow['target']}", *more])


def _text(value: Any) -> str | None:
    """Calls by their names where they say no more; anything else as JSON."""
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(each, dict) and set(each) <= {"name", "arguments"} for each in value):
        return f"[{', '.join(_call(each) for each in value)}]"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _call(call: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in call.get("arguments", {}).items())
    return f"{call['name']}({said})" if said else str(call["name"])
