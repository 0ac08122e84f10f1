"""Events from a file, such as the parcels that a warehouse sent today: a row each, and each a trigger of its own. A repeated file moves nothing."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from oms.engine.examine import examine, reached
from oms.errors import InvalidInput, OmsError, Problem

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

COLUMNS = ("reference", "event", "item", "reason")
REQUIRED = COLUMNS[:2]
WITH = "with."
"""What the name of a column begins with that fills in a field of the event: `with.tracking`."""
MOST_ROWS = 50_000
_ZIP = b"PK\x03\x04"
"""How a ZIP begins, and so every spreadsheet of Excel."""

Outcome = Literal["moved", "stayed", "repeated", "failed", "possible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the file."""

    line: int  #: of the file, the first is 1
    reference: str
    event: str
    item: str | None
    reason: str | None
    payload: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a line, or would."""

    line: int
    reference: str
    event: str
    outcome: Outcome
    said: str


def read_events(content: bytes) -> list[EventRow]:
    """The rows of a CSV file: UTF-8, a comma or a semicolon between the cells, the names of the columns first.

    Raises:
        InvalidInput: with each fault and its line.
    """
    text = _text(content)
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        _require(names)
        rows = list(_rows(reader))
    except csv.Error as error:
        raise _wrong(f"is no CSV: {error}.", line=reader.line_num) from error
    if not rows:
        raise _wrong("has no row below the names of its columns.")
    return rows


def _text(content: bytes) -> str:
    if not content.strip():
        raise _wrong("is empty.")
    if content.startswith(_ZIP):
        raise _wrong("is a ZIP (or a spreadsheet of Excel): unpack it, or save it as CSV, and give the file itself.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(f"is not UTF-8: byte {error.start} is no part of a character. Save it as UTF-8.") from error
    if "\0" in text:
        raise _wrong("is no text: save it as CSV.")
    return text


def _require(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS and not name.startswith(WITH)]
    missing = [name for name in REQUIRED if name not in names]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if missing or unknown or twice:
        what = [*(f"lacks the column {name}" for name in missing), *(f'has an unknown column "{name[:40]}"' for name in unknown)]
        what += [f"has the column {name[:40]} twice" for name in twice]
        raise _wrong(f"{', '.join(what)}: there are {', '.join(COLUMNS)}, and {WITH}FIELD for what an event asks for.", line=1)


def _rows(reader: csv.DictReader[str]) -> Iterator[EventRow]:
    for number, row in enumerate(reader, start=1):
        if number > MOST_ROWS:
            raise _wrong(f"has more than {MOST_ROWS:,} rows: split it.", line=reader.line_num)
        if None in row or None in row.values():
            raise _wrong("has another number of cells than the first line.", line=reader.line_num)
        cells = {name: value.strip() for name, value in row.items()}
        if not any(cells.values()):
            continue
        if empty := [name for name in REQUIRED if not cells[name]]:
            raise _wrong(f"has no {empty[0]}.", line=reader.line_num)
        payload = {name.removeprefix(WITH): value for name, value in cells.items() if name.startswith(WITH) and value}
        yield EventRow(
            line=reader.line_num,
            reference=cells["reference"],
            event=cells["event"],
            item=cells.get("item") or None,
            reason=cells.get("reason") or None,
            payload=payload,
        )


def import_events(
    engine: Engine,
    content: bytes,
    *,
    actor: str,
    store: str | None = None,
    preview: bool = False,
    roles: Collection[str] | None = None,
) -> list[RowResult]:
    """Let the events of a file happen, one after the other. A row that can't stops none of the others.

    Args:
        engine: Where.
        content: The file, see `read_events`.
        actor: Who.
        store: Only orders of this one.
        preview: Only say what would happen; nothing is changed.
        roles: Of a person, for events that the process gives to some only; None: a program, or somebody at the machine itself.

    Raises:
        InvalidInput: the file can't be read; nothing has happened.
    """
    rows = read_events(content)
    if preview:
        return [_foreseen(engine, row, store, roles) for row in rows]
    digest, who = hashlib.sha256(content).hexdigest()[:32], _Who(actor, store, roles)
    return [_happened(engine, row, f"file:{digest}:{row.line}", who) for row in rows]


@dataclass(frozen=True, slots=True)
class _Who:
    actor: str
    store: str | None
    roles: Collection[str] | None


def _happened(engine: Engine, row: EventRow, key: str, who: _Who) -> RowResult:
    wish: dict[str, Any] = {"items": None if row.item is None else [(row.item, None)], "reason": row.reason, "payload": row.payload or None}
    try:
        answer = engine.trigger(row.reference, row.event, store=who.store, key=key, actor=who.actor, roles=who.roles, **wish)
    except OmsError as error:
        return _result(row, "failed", str(error))
    if answer.repeated:
        return _result(row, "repeated", "happened before, by this file")
    said = ", ".join(f"{result.item}: {result.state}" for result in answer.results if result.outcome in {"moved", "stayed"})
    return _result(row, "moved" if answer.moved else "stayed", said)


def _foreseen(engine: Engine, row: EventRow, store: str | None, roles: Collection[str] | None) -> RowResult:
    items = None if row.item is None else [(row.item, None)]
    try:
        with engine.store.reading() as work:
            head = work.orders.named(row.reference, store=store)
            loaded = engine.processes.get(work, head.version)
            examine(loaded, row.event, payload=row.payload, reason=row.reason, roles=roles)
            parts, _ = reached(loaded.process, {item.id: item for item in work.items.of(head.id)}, row.event, items)
    except OmsError as error:
        return _result(row, "failed", str(error))
    return _result(row, "possible", ", ".join(f"{part.item.label}: {part.item.state}" for part in parts))


def _result(row: EventRow, outcome: Outcome, said: str) -> RowResult:
    return RowResult(line=row.line, reference=row.reference, event=row.event, outcome=outcome, said=said)


def _wrong(sentence: str, *, line: int | None = None) -> InvalidInput:
    return InvalidInput([Problem(f"line {line}" if line else "file", sentence)])
