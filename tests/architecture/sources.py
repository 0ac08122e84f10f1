"""Where the project's own files are, read once."""

from __future__ import annotations

import ast
import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Source:
    """One module of `oms`."""

    name: str  #: `oms.process.machine`
    text: str
    tree: ast.Module

    def imports(self) -> Iterator[str]:
        """The full names it imports, those of functions and of TYPE_CHECKING too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module


@functools.cache
def modules() -> tuple[Source, ...]:
    """Every module of the package, by name."""
    return tuple(_read(path) for path in sorted((ROOT / "oms").rglob("*.py")))


def _read(path: Path) -> Source:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    text = path.read_text(encoding="utf-8")
    return Source(name, text, ast.parse(text))


@functools.cache
def pyproject() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
