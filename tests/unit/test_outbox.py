"""When what failed is tried again."""

from __future__ import annotations

from datetime import timedelta

from oms.outbox import jittered

HOUR = timedelta(hours=1)


def test_what_failed_together_is_not_tried_again_together() -> None:
    pauses = {jittered(HOUR) for _ in range(100)}
    assert len(pauses) > 1
    assert all(HOUR <= pause <= HOUR * 1.1 for pause in pauses)
