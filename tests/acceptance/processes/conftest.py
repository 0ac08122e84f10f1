"""A shop with the processes that come with oms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine.scene import Scene
from tests.unit.engine.world import World


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path, World())
    scene.open_shipped()
    yield scene
    scene.close()
