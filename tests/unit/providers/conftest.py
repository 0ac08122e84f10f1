"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stripe_stub import Stub, stripe_stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stripe_stub() as stub:
        yield stub
