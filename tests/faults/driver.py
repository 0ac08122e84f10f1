"""Stands in for `oms` until the command line is there."""

import json
import sys
from pathlib import Path

from oms.bootstrap import open_shop

folder, *words = sys.argv[1:]
with open_shop(folder) as shop:
    match words:
        case ["order", "place", file]:
            shop.place(json.loads(Path(file).read_text()))
        case ["order", "trigger", reference, event, *rest]:
            given = dict(zip(rest[::2], rest[1::2], strict=True))
            shop.trigger(reference, event, payload=json.loads(given.get("--with", "{}")), reason=given.get("--reason"))
        case ["work", "--once"]:
            shop.work()
        case ["work"]:
            from oms.worker import run

            run(shop)
