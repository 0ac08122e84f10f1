"""A writer that issues invoices, some of which are rolled back; a process of its own: python -m tests.faults.biller FOLDER NAME COUNT DAYS."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oms.bootstrap import open_shop
from oms.errors import CommandFailed, StoreUnavailable
from tests.builders import an_order

WORDS = """
import random

def stamp(items, context):
    if random.random() < 0.2:
        raise RuntimeError("no ink")

COMMANDS = (stamp,)
"""
BILLING = """
process: prepayment
initial: open
states:
  open: {}
  invoiced: {on_enter: [issue_invoice, stamp], final: true}
events:
  bill: {manual: true}
transitions:
  - {from: open, event: bill, to: invoiced}
"""


def bill(folder: Path, name: str, *, count: int, days: int) -> int:
    """Issue so many invoices, by a clock that is so many days off. Returns how many were rolled back."""
    random.seed(name)
    failed = 0
    with open_shop(folder, clock=lambda: datetime.now(UTC) + timedelta(days=days)) as shop:
        for number in range(count):
            shop.place(an_order(f"{name}-{number}"))
            done = False
            while not done:
                try:
                    shop.trigger(f"{name}-{number}", "bill")
                    done = True
                except (CommandFailed, StoreUnavailable):  # no ink; or too many at once
                    failed += 1
    return failed


if __name__ == "__main__":
    where, who, many, off = sys.argv[1:]
    sys.stdout.write(f"{bill(Path(where), who, count=int(many), days=int(off))}\n")
