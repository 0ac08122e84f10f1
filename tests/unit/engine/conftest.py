"""A scene for each test, in a world where nothing is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import new_database
from tests.unit.engine.scene import Scene
from tests.unit.engine.world import WORLD


@pytest.fixture
def on_file() -> None:
    """Asked for by a test that reads the file itself; its twin for the server stands in tests/contract/test_store_postgres.py."""


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """On a file; with `--database postgres` on a server, if nothing in the test needs the file."""
    WORLD.reset()
    on_server = request.config.getoption("--database") == "postgres" and "on_file" not in request.fixturenames
    database = request.getfixturevalue("on_server") if on_server else None
    if database is None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "oms.db").write_bytes(new_database())
    scene = Scene(tmp_path, WORLD, database=database)
    yield scene
    scene.close()
