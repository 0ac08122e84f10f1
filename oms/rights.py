"""Who may do what: the rights that doors ask for, and the roles that people have. Both are data, in `rights.toml` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

RIGHTS: Mapping[str, str] = MappingProxyType(_DATA["rights"])
"""Right to what it lets somebody do."""
ROLES: Mapping[str, frozenset[str]] = MappingProxyType({role: frozenset(rights) for role, rights in _DATA["roles"].items()})
"""Role to its rights. Events of a process may name roles, too (`roles: [manager]`)."""

WATCHED: frozenset[str] = frozenset(_DATA["watched"]["reads"])
"""Rights whose use is written down even when it only reads: what they hand out is personal."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who stands at a door."""

    actor: str  #: as it stands in the history: `key:webshop`, `jana@shop.example`
    rights: frozenset[str]
    store: str | None = None  #: the only store that it may see; None: all
    roles: frozenset[str] = frozenset()  #: of a person
    id: int | None = None  #: of the account or the key

    @property
    def acts_as(self) -> frozenset[str] | None:
        """The roles that an event of a process asks for; None: a program, which may do what its rights say."""
        return self.roles or None

    def may(self, right: str) -> bool:
        """Whether it has a right."""
        return right in self.rights
