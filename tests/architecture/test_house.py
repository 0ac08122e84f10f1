"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import inspect

import pytest

from oms import errors
from tests.architecture.sources import ROOT, Source, modules

EVERY_MODULE = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
MODULE_LINES = 250
FUNCTION_LINES = 40
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "service", "services", "base", "common", "misc"}


def is_migration(module: Source) -> bool:
    return ".migrations." in module.name


@EVERY_MODULE
def test_a_module_has_at_most_250_lines(module: Source) -> None:
    assert len(module.text.splitlines()) <= MODULE_LINES


@EVERY_MODULE
def test_a_function_has_at_most_40_lines(module: Source) -> None:
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = {node.name: length for node in functions if (length := _length(node)) > FUNCTION_LINES and not is_migration(module)}
    assert too_long == {}


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, the docstring not counted: it costs a reader nothing."""
    docstring = function.body[0] if ast.get_docstring(function, clean=False) is not None else None
    words = (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - words


@EVERY_MODULE
def test_a_module_opens_with_its_job(module: Source) -> None:
    assert ast.get_docstring(module.tree)


@EVERY_MODULE
def test_nothing_is_printed(module: Source) -> None:
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"] == []


@EVERY_MODULE
def test_a_name_says_what_the_module_is_for(module: Source) -> None:
    assert not VAGUE_NAMES & set(module.name.split("."))


@pytest.mark.parametrize("module", [module for module in modules() if module.name != "oms.errors"], ids=lambda module: module.name)
def test_every_error_of_the_house_lives_in_errors(module: Source) -> None:
    house = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.OmsError)}
    classes = [node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes if house & {ast.unparse(base).split(".")[-1] for base in node.bases}] == []


def _drawn() -> dict[str, str | None]:
    """The tree at the top of errors.py as {class: its parent}."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        bare = line.lstrip("│├└─ \u00a0")
        name = bare.split(" ")[0]
        if not name.isidentifier() or (parents and not line.startswith(("│", "├", "└", " "))):
            continue
        if not parents and name != "OmsError":
            continue
        depth = (len(line) - len(bare)) // 4
        path = [*path[:depth], name]
        parents[name] = path[depth - 1] if depth else None
    return parents


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    tree = {
        name: kind.__mro__[1].__name__ if name != "OmsError" else None
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, errors.OmsError)
    }
    assert _drawn() == tree


def test_what_an_open_project_needs_is_there() -> None:
    expected = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "run", ".ci/run", "oms/py.typed", "config/oms.toml", "config/seller.toml"]
    assert [name for name in expected if not (ROOT / name).is_file()] == []
