"""Shops for tests, each a copy of one that was made once, and the command line that belongs to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.cli.calling import Caller, a_caller


@pytest.fixture(scope="session")
def new_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database is made, the processes are deployed."""
    return a_caller(tmp_path_factory.mktemp("new")).folder


@pytest.fixture(scope="session")
def billed_shop(new_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an order, A-1001, that is paid and invoiced; its mails have arrived."""
    caller = Caller(shutil.copytree(new_shop, tmp_path_factory.mktemp("billed") / "shop"))
    caller.bill()
    return caller.folder


@pytest.fixture
def oms(new_shop: Path, tmp_path: Path) -> Caller:
    return Caller(shutil.copytree(new_shop, tmp_path / "shop"))


@pytest.fixture
def billed(billed_shop: Path, tmp_path: Path) -> Caller:
    return Caller(shutil.copytree(billed_shop, tmp_path / "shop"))
