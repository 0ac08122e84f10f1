"""What belongs to one store is not found under the address of another one, whoever asks (S3)."""

from __future__ import annotations

from pathlib import Path

from oms.accounts.people import create_account
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser, shop_of_two_stores
from tests.acceptance.backoffice.everywhere import PAGES, STORE, begin_things, kinds
from tests.builders import an_order

OTHER = "/stores/atelier"
OF_THE_SHOP = {"/stores/{store}/processes/{name}"}
"""Processes belong to all stores."""


def test_no_page_of_one_thing_is_found_in_another_store(tmp_path: Path) -> None:
    with shop_of_two_stores(tmp_path / "shop") as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.work()
        create_account(shop.store, "jana@shop.example", name="Jana", roles=["admin"], password=PASSWORD, stores=list(shop.settings.stores))
        begin_things(shop, "A-1001", actor="jana@shop.example")
        named = [taken for kind, taken in kinds().items() if kind.count("{") > 1 and kind not in OF_THE_SHOP]
        with answering(shop, pages=True) as address, client_of(address) as client:
            jana = Browser(client)
            jana.log_in("jana@shop.example")
            letter = jana.open(f"{STORE}/mailbox").tree.cssselect("[data-row]")[0].get("href")
            mine = [path for path in (*PAGES, letter) if any(taken.fullmatch(path.partition("?")[0]) for taken in named)]
            assert {jana.open(path).status for path in mine} == {200}
            parts = [f"{STORE}/bulk/1/progress", f"{STORE}/orders/A-1001/changes?seen=1&since=1"]
            assert {path: jana.open(path.replace(STORE, OTHER)).status for path in (*mine, *parts)} == dict.fromkeys((*mine, *parts), 404)
    assert len(mine) >= len(named)
