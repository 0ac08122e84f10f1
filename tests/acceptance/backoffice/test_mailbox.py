"""Where mails become files, a page shows what customers got; only of one's own store, and only where they become files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from oms.accounts.people import create_account
from oms.bootstrap import Shop, open_shop
from oms.demo.ground import ATELIER
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser, shop_of_two_stores
from tests.builders import an_order, make_shop

Person = Callable[..., Browser]
MAILBOX = "/stores/main/mailbox"


def test_what_a_customer_got_is_read_in_the_mailbox_with_its_pdf(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    viewer = person("viewer@main")
    box = viewer.press(viewer.open("/stores/main/mails"), "Mailbox")
    (invoice,) = [link.get("href") for link in box.tree.cssselect("[data-row]") if "RE-2026-00001" in link.text]
    letter = viewer.open(invoice)
    assert "RE-2026-00001" in letter.part("h1")
    assert "jana@example.com" in letter.part(".facts")
    assert letter.tree.cssselect("pre script, pre a, pre table, iframe") == []
    assert "<" in letter.part("details pre")
    (pdf,) = [link.get("href") for link in letter.tree.cssselect("a[download]") if link.text.endswith(".pdf")]
    answer = viewer.client.get(pdf)
    assert (answer.content[:5], answer.headers["Content-Disposition"].split(";")[0]) == (b"%PDF-", "attachment")
    assert viewer.open(f"{pdf}0").status == 404
    for name in ("../config/oms.toml", "%2e%2e%2fconfig%2foms.toml", "oms", "20261125-090000-000000-00000000-1"):
        assert viewer.client.get(f"{MAILBOX}/{name}").status_code in {404, 422}


@pytest.mark.parametrize(("sender", "found"), [("Kaffeehaus <shop@kaffeehaus-muster.example>", 404), ("Atelier <hallo@atelier-muster.example>", 200)])
def test_a_store_that_writes_under_the_same_address_keeps_its_mails_from_who_is_not_of_it(tmp_path: Path, sender: str, found: int) -> None:
    config = ATELIER.replace("Atelier Muster <hallo@atelier-muster.example>", sender)
    with shop_of_two_stores(tmp_path / "shop", config=config) as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.work()
        for email, role in (("jana@shop.example", "viewer@atelier"), ("petr@shop.example", "viewer")):
            create_account(shop.store, email, name="Jana", roles=[role], password=PASSWORD, stores=list(shop.settings.stores))
        with answering(shop, pages=True) as address, client_of(address) as one, client_of(address) as other:
            jana, petr = Browser(one), Browser(other)
            jana.log_in("jana@shop.example")
            petr.log_in("petr@shop.example")
            opened = jana.open("/stores/atelier/mailbox")
            assert (opened.status, opened.parts("[data-row]")) == (found, [])
            assert ("Mailbox" in jana.open("/stores/atelier/mails").buttons()) == (found == 200)
            letter = petr.open(MAILBOX).tree.cssselect("[data-row]")[0]
            assert jana.open(letter.get("href").replace("/main/", "/atelier/")).status == 404


def test_where_a_mail_server_takes_the_mails_there_is_no_mailbox(tmp_path: Path) -> None:
    make_shop(tmp_path / "shop")
    settings = tmp_path / "shop" / "config" / "oms.toml"
    text = (
        settings.read_text(encoding="utf-8")
        .replace('transport = "file"', 'transport = "smtp"')
        .replace("password_file =", "# password_file =")
        .replace("user =", "# user =")
    )
    text = text.replace("password_file =", "# password_file =").replace("user =", "# user =")
    settings.write_text(text, encoding="utf-8")
    with open_shop(tmp_path / "shop") as shop:
        create_account(shop.store, "jana@shop.example", name="Jana", roles=["admin"], password=PASSWORD, stores=["main"])
        with answering(shop, pages=True) as address, client_of(address) as client:
            jana = Browser(client)
            jana.log_in("jana@shop.example")
            assert jana.open(MAILBOX).status == 404
            assert "Mailbox" not in jana.open("/stores/main/mails").buttons()
