"""What docs/webhooks.md shows is what is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from oms.bootstrap import Shop
from oms.engine.firing import look
from oms.engine.mailing import give_up_mail
from oms.engine.notices import PING, TYPES, notice_of
from oms.ports.endpoints import Endpoint
from tests.architecture.sources import ROOT
from tests.builders import BEGINNING, an_order, open_test_shop
from tests.docs.blocks import blocks_of

MESSAGES = [json.loads(block.text) for block in blocks_of(ROOT / "docs" / "webhooks.md", name="webhooks.md") if block.language == "json"]
SHOWN = {message["type"]: message for message in MESSAGES}


def sent(shop: Shop) -> list[dict[str, Any]]:
    with shop.store.reading() as work:
        found = work.endpoints.deliveries(1, status=None, after=None, limit=1000)
        return [json.loads(work.endpoints.notice(each.notice).body) for each in found]


def test_the_document_shows_every_type_with_a_message_as_it_is_sent(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        with shop.store.writing() as work:
            work.endpoints.add(Endpoint(store="main", url="https://x.example", types=TYPES, secret="", created_at=BEGINNING, created_by="jana"))
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        with shop.store.writing() as work:
            give_up_mail(work, 1, "no such user <jana@example.com>", at=work.now(), listeners={}, hop=None)
        look(shop.engine)
        shop.trigger("A-1001", "cancel", reason="wrong")
        told = [*sent(shop), json.loads(notice_of(PING, {"endpoint": 1, "store": "main"}, store="main", at=BEGINNING).body)]
    assert set(SHOWN) == {*TYPES, PING}
    assert [name for name, message in SHOWN.items() if message not in told] == []


def test_the_table_of_the_document_has_every_type() -> None:
    text = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
    assert [name for name in (*TYPES, PING) if f"| `{name}` |" not in text] == []
