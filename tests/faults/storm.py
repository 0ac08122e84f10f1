"""A storm: one after the other, any event for any items, as somebody with no plan would press buttons. A process of its own when it is run.

python -m tests.faults.storm FOLDER SEED ROUNDS
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from oms.bootstrap import Shop, open_shop
from oms.errors import Refused

TRIP = """
process: trip
initial: home
states:
  home: {}
  walking: {}
  riding: {}
  resting: {run: refund_payment, then: get up, on_error: fall ill}
  ill: {}
  there: {final: true}
events:
  walk: {manual: true}
  ride: {manual: true}
  rest: {manual: true}
  turn back: {manual: true}
  get up: {}
  fall ill: {}
  whistle: {every: 1h}
  arrive: {manual: true}
transitions:
  - {from: home, event: walk, to: walking}
  - {from: home, event: ride, to: riding}
  - {from: walking, event: ride, to: riding}
  - {from: walking, event: rest, to: resting}
  - {from: walking, event: turn back, to: home}
  - {from: walking, event: whistle, to: walking}
  - {from: riding, event: rest, to: resting}
  - {from: riding, event: turn back, to: home}
  - {from: riding, event: arrive, to: there}
  - {from: resting, event: get up, to: walking}
  - {from: resting, event: turn back, to: home}
  - {from: resting, event: fall ill, to: ill}
  - {from: ill, event: turn back, to: home}
"""
EVENTS = ("walk", "ride", "rest", "turn back", "arrive")
REFERENCE = "A-1001"


def storm(shop: Shop, seed: int, rounds: int) -> int:
    """Returns how many hops it was told it made."""
    chance = random.Random(seed)  # noqa: S311 - a storm that can be repeated
    with shop.store.reading() as work:
        labels = [item.label for item in work.items.of(work.orders.named(REFERENCE).id)]
    made = 0
    for _ in range(rounds):
        wanted = [(label, None) for label in chance.sample(labels, chance.randint(1, min(len(labels), 9)))]
        try:
            answer = shop.trigger(REFERENCE, chance.choice(EVENTS[: 4 + (chance.random() < 0.2)]), items=wanted)
        except Refused:
            continue
        made += sum(result.outcome == "moved" for result in answer.results)
    return made


if __name__ == "__main__":
    folder, seed, rounds = sys.argv[1:]
    with open_shop(Path(folder)) as opened:
        sys.stdout.write(f"{storm(opened, int(seed), int(rounds))}\n")
