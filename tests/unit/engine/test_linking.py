"""Links to documents: how long one counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oms.engine.linking import REFUSED, opened, token_of
from oms.errors import NotFound
from tests.unit.engine.scene import Scene

KEY = b"k" * 32


def _said(scene: Scene, token: str, at: datetime) -> str:
    """Why it opens nothing; a paper that is not printed yet says that it is the right one."""
    scene.clock.now = at
    with pytest.raises(NotFound) as refused:
        opened(scene.shop.engine, token, key=KEY)
    return str(refused.value)


def test_a_link_counts_until_its_last_day_is_over_where_the_store_is(scene: Scene) -> None:
    scene.open_shipped()
    scene.place(payment={"method": "invoice"})
    (paper,) = (paper for paper, _ in scene.order().invoices)
    scene.clock.now = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # in Berlin December has begun
    with scene.shop.store.reading() as work:
        token = token_of(work, paper, key=KEY, zone="Europe/Berlin", days=1)

    assert "is not ready yet" in _said(scene, token, datetime(2026, 12, 2, 22, 59, tzinfo=UTC))
    assert _said(scene, token, datetime(2026, 12, 2, 23, 1, tzinfo=UTC)) == REFUSED
