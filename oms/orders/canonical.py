"""Frozen records as canonical JSON text and back, by the types of their fields.

Canonical: sorted keys, no blanks, UTF-8 as it is; equal records have equal text. It is kept as TEXT, for it is hashed and compared (rule 45).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def to_text(record: Any, *, schema: int) -> str:
    """The text of a dataclass of dataclasses, tuples, text, whole numbers, decimals and dates."""
    plain = {**_fields(record), "schema": schema}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


def from_text(kind: type[Record], text: str, *, schema: int) -> Record:
    """The record that `to_text` wrote. A field that was not known then has its default.

    Raises:
        ValueError: another version of oms wrote it, in a way that this one does not read.
    """
    plain = json.loads(text)
    found = plain.pop("schema", None)
    if found != schema:
        raise ValueError(f"It was stored with schema {found}, this oms reads schema {schema}: run the oms that stored it, or a newer one.")
    hashable: Any = kind
    record: Record = _reader(hashable)(plain)
    return record


def _plain(value: Any) -> Any:
    """What JSON has no form for; record by record, since `asdict` would copy it all first."""
    if is_dataclass(value):
        return _fields(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of this type from its JSON."""
    if get_origin(kind) is UnionType:
        some = _reader(next(one for one in get_args(kind) if one is not NoneType))
        return lambda value: None if value is None else some(value)
    if get_origin(kind) is tuple:
        each = _reader(get_args(kind)[0])
        return lambda values: tuple(map(each, values))
    if is_dataclass(kind):
        record: Any = kind
        hints = get_type_hints(record)
        readers = [(field.name, _reader(hints[field.name])) for field in fields(record)]
        return lambda values: record(**{name: read(values[name]) for name, read in readers if name in values})
    return _SCALARS.get(kind, lambda value: value)


_SCALARS: Mapping[Any, Callable[[Any], Any]] = MappingProxyType({date: date.fromisoformat, Decimal: Decimal})
