"""What the documents say of the house is so: rules, floors, links, and the tests that they name. What their commands do is seen in tests/docs."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.process.findings import RULES
from oms.store.tables import METADATA
from tests.architecture.sources import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NUMBERS = [*(str(number) for number in range(1, 113)), *(f"P{number}" for number in range(1, 57)), *(f"I{number}" for number in range(1, 9))]


def rows(document: str, *, columns: int) -> Iterator[tuple[str, ...]]:
    """The rows of all tables of a document that have so many columns, but for their heads."""
    for line in (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split(" | "))
        if line.startswith("| ") and len(cells) == columns:
            yield cells


def compared() -> list[tuple[str, ...]]:
    return [row for row in rows("spryker.md", columns=4) if row[0]]


def test_every_feature_and_every_pitfall_of_the_ancestor_has_one_row() -> None:
    assert [row[0] for row in compared()] == NUMBERS


def test_a_row_says_what_is_done_or_that_it_is_not() -> None:
    silent = [number for number, _there, here, shown in compared() if shown == "-" and not re.match(r"later|not done", here)]
    assert silent == []


def named_tests() -> list[str]:
    return sorted({shown.strip("`") for *_, shown in compared() if shown != "-"})


@pytest.mark.parametrize("named", named_tests())
def test_a_test_that_is_named_exists(named: str) -> None:
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_rule_of_the_check_is_listed_with_its_weight() -> None:
    listed = {code: weight for code, weight, _ in rows("processes.md", columns=3) if code.startswith("OMS")}
    assert listed == {code: rule.severity.value for code, rule in RULES.items()}


def test_the_floors_are_those_that_the_contracts_hold() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    held = [set(re.findall(r"\w+", layer)) for layer in next(each["layers"] for each in contracts if each["type"] == "layers")]
    told = [set(re.findall(r"`(\w+)`", modules)) for floor, modules, _ in rows("architecture.md", columns=3) if floor.isdigit()]
    assert told == held


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_table_of_the_database_is_told() -> None:
    told = {name for tables, _, _ in rows("architecture.md", columns=3) for name in re.findall(r"`(\w+)`", tables)}
    assert told >= {str(table) for table in METADATA.tables}
