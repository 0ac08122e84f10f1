"""Tries a transaction again when the database didn't answer (rule 14). Nothing of it was kept, so it is begun anew as a whole."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from oms.errors import StoreUnavailable

TRIES = 5
PATIENCE = 5.0
"""Seconds after which a command isn't tried once more: a try may itself wait for ten, and somebody sits before the terminal."""

Returned = TypeVar("Returned")


def tried(transact: Callable[[], Returned], *, until: float) -> Returned:
    """What the transaction returns. It must find out by itself whether it happened already.

    Args:
        transact: The whole of it.
        until: Of the monotonic clock; later, no other try begins.

    Raises:
        StoreUnavailable: of the last try.
    """
    for attempt in range(TRIES):
        try:
            return transact()
        except StoreUnavailable:
            if attempt == TRIES - 1 or time.monotonic() >= until:
                raise
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - spreads load, keeps no secret
    raise AssertionError
