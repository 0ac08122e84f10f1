"""A shop in which every word that comes from outside wants to be markup, each with a mark of its own: what is shown of it is known by its mark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, update

from oms.accounts.people import create_account
from oms.bootstrap import Shop, open_shop
from oms.engine.care import hold_order
from oms.ports.bulk import SavedView
from oms.ports.endpoints import Endpoint
from oms.resources import resource_folder
from oms.store.endpoints import DELIVERIES, ENDPOINTS
from oms.store.items import ITEMS
from oms.store.mails import RECIPIENTS
from oms.store.turns import JOBS
from tests.acceptance.backoffice.browsing import PASSWORD
from tests.acceptance.backoffice.everywhere import begin_things
from tests.builders import MovedClock, an_order, make_shop

ADMIN = "evil@shop.example"
ON_PAGES = frozenset(
    {
        *("customer", "bill to", "extra", "street", "city", "ship to", "way", "town", "sku", "item", "buyer"),  # an order
        *("method", "card", "transfer"),  # its money
        *("actor", "reason", "comment", "commentator", "hold", "person", "view", "url"),  # what people and programs write
        *("mail server", "listener", "job", "command", "incident", "why"),  # what is answered, what failed
        *("seller", "Prepayment", "Payment pending", "Invoiced", "Ship", "Cancel", "Tracking number"),  # configuration, and a process file
    }
)
"""Marks that some page shows.

Options, bundles, vouchers, the name of shipping, groups, `ref`, `data` and the comment of an order stand on no page. A postcode is too short for a
mark. Names of keys, processes, states and events take no such signs.
"""
MARK = re.compile(r"onload=alert\('([^']*)'\)")


def evil(field: str) -> str:
    """What stands in a field."""
    return f"\"><svg onload=alert('{field}')>"


ORDER: Mapping[str, Any] = an_order(
    reference="EVIL-1",
    customer={"name": evil("customer"), "email": "evil@example.com"},
    billing_address={
        "name": evil("bill to"),
        "extra": evil("extra"),
        "street": evil("street"),
        "postcode": '"><svg onload=p>',
        "city": evil("city"),
        "country": "DE",
    },
    shipping_address={"name": evil("ship to"), "street": evil("way"), "postcode": "80331", "city": evil("town"), "country": "DE"},
    items=[
        {
            "sku": evil("sku"),
            "name": evil("item"),
            "quantity": 2,
            "unit_price": "39.90",
            "tax_rate": "19",
            "unit": "C62",
            "ref": evil("ref"),
            "group": evil("group"),
            "bundle": {"id": evil("set"), "name": evil("bundle"), "price": "79.80"},
            "options": [{"name": evil("option"), "price": "2.00", "tax_rate": "19"}],
            "data": {evil("key of item"): evil("data of item")},
        }
    ],
    shipping={"name": evil("shipping"), "price": "4.90", "tax": "by_value"},
    discounts=[{"name": evil("voucher"), "amount": "1.00"}],
    payments=[{"method": evil("method"), "amount": "1.00", "reference": evil("card")}],
    buyer_reference=evil("buyer"),
    comment=evil("wish"),
    data={evil("key"): evil("data")},
)

SAID: Mapping[Table, Mapping[str, Any]] = {
    RECIPIENTS: {"text": evil("mail server"), "code": 550, "status": "refused"},
    JOBS: {"error": evil("job"), "status": "todo", "attempts": 1},
    ITEMS: {"error": evil("command"), "attempts": 1},
    DELIVERIES: {"said": evil("listener"), "code": 500, "status": "failed"},
}
"""What others answered: a mail server, a provider, a listener, whatever a command met."""


def evil_shop(folder: Path) -> Path:
    """The files, the database, all that happened."""
    make_shop(folder, processes={"prepayment.yaml": _titled()})
    seller = folder / "config" / "seller.toml"
    seller.write_text(seller.read_text(encoding="utf-8").replace('"Kaffeehaus Muster GmbH"', f"""'''{evil("seller")}'''"""), encoding="utf-8")
    with open_shop(folder, clock=MovedClock()) as shop:
        shop.deploy()
        create_account(shop.store, ADMIN, name=evil("person"), roles=["admin"], password=PASSWORD, stores=["main"])
        shop.place(dict(ORDER))
        shop.work()
        shop.trigger("EVIL-1", "pay", payload={"amount": "100.00", "reference": evil("transfer")}, actor=evil("actor"), reason=evil("reason"))
        shop.work()
        begin_things(shop, "EVIL-1", actor=ADMIN)
        hold_order(shop.engine, "EVIL-1", reason=evil("hold"), actor=ADMIN, store="main")
        _answered(shop)
    return folder


def _titled() -> str:
    """A process whose titles are marks: each holds what it was."""
    text = (resource_folder("processes") / "prepayment.yaml").read_text(encoding="utf-8")
    return re.sub(r"(?<={en: )([^,}\n]+)", lambda found: '"' + evil(found[1].strip()).replace('"', '\\"') + '"', text)


def _answered(shop: Shop) -> None:
    with shop.store.writing() as work:
        order = work.orders.named("EVIL-1", store="main")
        account, now = work.accounts.find(ADMIN), work.now()
        assert account is not None
        work.notes.add(order.id, text=evil("comment"), actor=evil("commentator"), hop=None, at=now)
        work.incidents.open("late", "evil", text=evil("incident"), at=now, order=order.id, item=None)
        work.orders.mark(order.id, attention=True)
        work.saved_views.save(SavedView(account=account.id, store="main", name=evil("view"), query="q=evil", created_at=now))
        told = Endpoint(
            store="main", url=f"https://erp.shop.example/{evil('url')}", types=("mail.failed",), secret="whsec_", created_at=now, created_by=ADMIN
        )
        work.endpoints.add(told)
        work.execute(update(ENDPOINTS).values(disabled_at=now, disabled_why=evil("why")))
        for table, values in SAID.items():
            work.execute(update(table).values(**values))
