"""A shop for each test, and the command line that belongs to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.cli.calling import Caller, a_caller


@pytest.fixture
def oms(tmp_path: Path) -> Caller:
    return a_caller(tmp_path)
