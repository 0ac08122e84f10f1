"""Frozen records as canonical JSON text and back, by the types of their fields.

Canonical: sorted keys, no blanks, UTF-8 as it is; equal records have equal text. It is kept as TEXT, for it is hashed and compared (rule 45).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def to_text(record: Any, *, schema: int) -> str:
    """The text of a dataclass of dataclasses, tuples, text, whole numbers, decimals and dates."""
    plain = {**asdict(record), "schema": schema}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_scalar)


def from_text(kind: type[Record], text: str, *, schema: int) -> Record:
    """The record that `to_text` wrote.

    Raises:
        ValueError: another version of oms wrote it, in a way that this one does not read.
    """
    plain = json.loads(text)
    found = plain.pop("schema", None)
    if found != schema:
        raise ValueError(f"It was stored with schema {found}, this oms reads schema {schema}: run the oms that stored it, or a newer one.")
    record: Record = _read(kind, plain)
    return record


def _scalar(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _read(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if get_origin(kind) is Mapping or kind in (str, int, bool):
        return value
    return kind(**{name: _read(hint, value[name]) for name, hint in _hints(kind)})


@cache
def _hints(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))
