"""A shop with the processes that come with oms, on a file and on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine.scene import Scene
from tests.unit.engine.world import World


@pytest.fixture(params=["sqlite", "postgres"])
def shipped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path, World(), database=request.getfixturevalue("on_server") if request.param == "postgres" else None)
    scene.open_shipped()
    yield scene
    scene.close()
