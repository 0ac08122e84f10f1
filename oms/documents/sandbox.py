"""The sandbox templates run in. They are given plain dicts and lists, a short list of filters, and nothing else (S25 to S29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import BaseLoader, FileSystemLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from oms.documents.formats import FILTERS

_KEPT = frozenset(
    [
        "abs",
        "batch",
        "capitalize",
        "count",
        "d",
        "default",
        "dictsort",
        "e",
        "escape",
        "first",
        "groupby",
        "items",
        "join",
        "last",
        "length",
        "list",
        "lower",
        "map",
        "max",
        "min",
        "reject",
        "rejectattr",
        "replace",
        "reverse",
        "select",
        "selectattr",
        "slice",
        "sort",
        "sum",
        "title",
        "trim",
        "unique",
        "upper",
    ]
)
"""Jinja2's own filters that stay. `safe`, `attr`, `format`, `random` and everything that isn't named here are gone."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Escapes everything but `.txt`, raises on what is undefined, reads the keys of dicts and never their methods."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, folders: Sequence[Path]) -> None:
        loader: BaseLoader = FileSystemLoader(folders)
        super().__init__(
            loader=loader, autoescape=_is_markup, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
        )
        self.globals.clear()
        self.filters = {name: function for name, function in self.filters.items() if name in _KEPT} | dict(FILTERS)

    def getattr(self, obj: object, attribute: str) -> object:
        """`order.items` is the order's items, not the method of a dict."""
        if isinstance(obj, (dict, Mapping)):  # a dict is both; asking for it first saves a page a thousand calls
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:  # noqa: ARG002 - Jinja2's signature
        """What would fill the memory with one sign."""
        raise SecurityError(f"templates don't compute: {operator!r} isn't there for them")


def _is_markup(name: str | None) -> bool:
    """Plain text has nothing to escape: a mail's text part would show `&amp;`. Everything else is escaped."""
    return name is None or not name.endswith(".txt")
