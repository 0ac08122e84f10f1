"""Data as JSON text, for whoever reads it elsewhere."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any


def to_json(plain: object, *, indent: int | None = None) -> str:
    """As JSON: times in UTC as ISO text, dataclasses as objects."""
    return json.dumps(plain, default=_plainly, ensure_ascii=False, indent=indent)


def _plainly(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value)
