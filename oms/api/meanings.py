"""What each code of a problem means: `meanings.toml` beside this module, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

PAGES = "/api/v1/errors/"
"""Where each code is explained."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code."""

    status: int
    title: str
    means: str
    mend: str
    example: str


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

MEANINGS: Mapping[str, Meaning] = MappingProxyType({code: Meaning(**told) for code, told in _DATA.items()})
"""Code to what it means, in the order of the statuses."""
