"""Writes docs/configuration.md: every setting, from the classes that read it."""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from oms.settings import Settings
from oms.settings.section import Section

TARGET = Path(__file__).parent.parent / "docs" / "configuration.md"
HEAD = """# Settings

A shop's settings stand in `config/oms.toml`, who bills in `config/seller.toml`. Each can be overridden by the environment: `OMS_` and the path,
joined by two underscores. There a list is parted by commas. What is in force: `oms config show`; whether it works: `oms doctor`. Relative folders are
relative to the folder in which `config/` lies. Secrets stand in files of their own, or in the environment, never in `oms.toml`.

`NAME` is the name of a store or of a payment provider. `scripts/configuration_document.py` writes this page from the classes in `oms/settings`.
"""
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", SecretStr: "secret"}


def document() -> str:
    """The whole page."""
    parts = [HEAD]
    for path, variable, table in _tables(Settings, "", "OMS"):
        file = "seller.toml" if path.startswith("seller.") else "oms.toml"
        shown = path.removeprefix("seller.")
        parts.append(f"## {file}: `[{shown}]`\n\n{inspect.cleandoc(table.__doc__ or '')}\n")
        parts.append("| setting | type | default | variable | meaning |\n|---|---|---|---|---|")
        parts.append("\n".join(_rows(table, variable)) + "\n")
    return "\n".join(parts)


def _tables(model: type[BaseModel], path: str, variable: str) -> Iterator[tuple[str, str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        inner, is_named = _inner(field)
        if inner is not None:
            key = f"{path}{field.alias or name}" + (".NAME" if is_named else "")
            of = f"{variable}__{name.upper()}" if path else f"{variable}_{name.upper()}"
            of += "__NAME" if is_named else ""
            yield key, of, inner
            yield from _tables(inner, f"{key}.", of)


def _inner(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """The table behind a field, and whether there is one for each name."""
    kinds = (field.annotation, *get_args(field.annotation))
    found = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), None)
    return found, get_origin(field.annotation) is Mapping


def _rows(table: type[BaseModel], variable: str) -> Iterator[str]:
    said = _said(table)
    for name, field in table.model_fields.items():
        if _inner(field)[0] is None:
            key = field.alias or name
            cells = (f"`{key}`", _type(field), _default(field), f"`{variable}__{key.upper()}`", said.get(name, ""))
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _said(table: type[BaseModel]) -> dict[str, str]:
    """What the comment `#:` beside a field says."""
    lines, _ = inspect.getsourcelines(table)
    (tree,) = ast.parse("".join(lines)).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 - of a class, nothing else is asked for
    found = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            _, comment, text = lines[(node.end_lineno or node.lineno) - 1].partition("#: ")
            found[node.target.id] = text.strip() if comment else ""
    return found


def _type(field: FieldInfo) -> str:
    limits = [f"from {each.ge}" for each in field.metadata if isinstance(each, Ge)] + [
        f"to {each.le}" for each in field.metadata if isinstance(each, Le)
    ]
    return " ".join([_word(field.annotation), *limits])


def _word(kind: Any) -> str:
    if hasattr(kind, "__metadata__"):
        return _word(kind.__origin__)
    origin, inner = get_origin(kind), [each for each in get_args(kind) if each is not types.NoneType]
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_word(each) for each in inner)
    if origin is tuple:
        return f"list of {_word(inner[0])}s" if not isinstance(inner[0], type) or inner[0] in WORDS else "list of tables"
    return "table" if origin is Mapping else WORDS.get(kind, "table")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be said"
    value = field.default
    if value is None or value in ((), {}):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else re.sub(r'^PosixPath.*', '', str(value))}`"


def main() -> None:
    """Write it."""
    TARGET.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
