"""A shop with an order in each plight, served by `oms serve`; one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from oms.rights import ROLES
from tests.acceptance.api.serving import served
from tests.acceptance.backoffice.browser.driving import Driver, launch
from tests.acceptance.backoffice.browsing import PASSWORD
from tests.acceptance.backoffice.everywhere import begin_things
from tests.builders import MovedClock, an_order, open_test_shop

EVIL = "\"><svg onload=alert(1)>'{{ 7 * 7 }}"
PAID = {"amount": "168.80", "reference": "tx_1"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Open while a module runs: Playwright keeps a loop of asyncio, which other tests want for themselves."""
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose orders were placed an hour ago."""
    return furnish(tmp_path_factory.mktemp("browser") / "shop")


@pytest.fixture(scope="module")
def driver(browser: Browser, folder: Path) -> Iterator[Driver]:
    with served(folder) as server:
        yield Driver(browser, server.address)


def furnish(folder: Path) -> Path:
    """Make a shop with people of each role: the role is their name."""
    clock = MovedClock(datetime.now(UTC))
    clock.move(hours=-1)
    with open_test_shop(folder, clock=clock) as shop:
        for role in ROLES:
            create_account(shop.store, f"{role}@shop.example", name=role.title(), roles=[role], password=PASSWORD, stores=list(shop.settings.stores))
        for reference in ("NEW-1", "NEW-2", "STUCK-1", "SHIP-1", "SHIP-2", "SHIP-3", "SHIP-4"):
            shop.place(an_order(reference=reference))
        without_street(shop, "STUCK-1")
        for reference in ("STUCK-1", "SHIP-1", "SHIP-2", "SHIP-3", "SHIP-4"):
            shop.trigger(reference, "pay", payload=PAID | {"reference": f"tx_{reference}"})
        shop.work()
        evil(shop)
        shop.work()
        begin_things(shop, "NEW-1", "SHIP-4", "NEW-2")
        with shop.store.writing() as work:
            work.bulk.stop(2, by="admin@shop.example", at=work.now())  # before a worker begins: the orders stay as they are
    return folder


def without_street(shop: Shop, reference: str) -> None:
    """As an older release took orders in: its invoice can't be issued."""
    with shop.store.writing() as work:
        order = work.orders.named(reference, store="main").id
        document = work.orders.document(order).replace("Marktplatz 2", "")
        work.orders.correct(order, document=document, customer_name="Jana Novak", customer_email="jana@example.com")


def evil(shop: Shop) -> None:
    """An order whose every field wants to be markup."""
    address = {"name": EVIL, "extra": EVIL, "street": EVIL, "postcode": "80331", "city": EVIL, "country": "DE"}
    items = [{"sku": "X<b>1", "name": EVIL, "quantity": 1, "unit_price": "39.90", "tax_rate": "19"}]
    customer = {"name": EVIL, "email": "evil@example.com"}
    shop.place(an_order(reference="EVIL-1", customer=customer, billing_address=address, shipping_address=address, items=items, buyer_reference=EVIL))
    shop.trigger("EVIL-1", "pay", payload={"amount": "39.90", "reference": EVIL}, actor=EVIL, reason=EVIL)
