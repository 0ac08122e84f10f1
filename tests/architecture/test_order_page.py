"""docs/order.md tells of every key of an order document, as the schema has it now."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from oms.api.order_schema import ORDER
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "order.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("order_document", ROOT / "scripts" / "order_document.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(schema: Any) -> Iterator[str]:
    """Every key of the schema, found without knowing how objects lie in one another."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from names(inner)


def test_the_table_is_fresh() -> None:
    assert script().document(PAGE) == PAGE, "python scripts/order_document.py"


def test_every_key_stands_in_it_with_what_it_means() -> None:
    told = [re.split(r"[.]", row[0].strip("`"))[-1] for row in ROWS]
    assert sorted(told) == sorted(names(ORDER))
    assert [row for row in ROWS if len(row) != 4 or not all(cell.strip() for cell in row)] == []


def test_the_example_has_all_keys_but_those_that_exclude_others() -> None:
    example = PAGE.partition("```json")[2].partition("\n```")[0]
    assert {name for name in names(ORDER) if f'"{name}":' not in example} == {
        "electronic_address",
        "exchange_rate",
        "exemption",
        "return_of",
        "tax_category",
        "text",
        "code",
    }
