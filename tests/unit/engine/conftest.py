"""A scene for each test, in a world where nothing is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine.scene import Scene
from tests.unit.engine.world import WORLD


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    WORLD.reset()
    scene = Scene(tmp_path, WORLD)
    yield scene
    scene.close()
