"""People, keys, webhooks and the trail: each by its right, secrets shown once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser, Page
from tests.builders import MovedClock, an_order, open_test_shop

Person = Callable[..., Browser]
SETTINGS = {"people": "people.manage", "keys": "keys.manage", "webhooks": "webhooks.manage", "trail": "audit.read"}


def secret(page: Page) -> str:
    """What is shown once."""
    (field,) = page.tree.cssselect("[data-secret]")
    return str(field.get("value"))


@pytest.mark.parametrize("name", SETTINGS)
def test_each_page_is_for_who_has_its_right(person: Person, name: str) -> None:
    clerk = person("clerk")
    refused = clerk.open(f"/stores/main/{name}")
    assert (refused.status, SETTINGS[name] in refused.text) == (403, True)
    assert f"/stores/main/{name}" not in clerk.open("/stores/main/orders").source
    admin = person("admin", email="tom@shop.example")
    assert admin.open(f"/stores/main/{name}").status == 200
    assert f"/stores/main/{name}" in admin.open("/stores/main/orders").source


def test_somebody_is_invited_chooses_a_password_and_is_closed_out(person: Person, anybody: Callable[..., Browser]) -> None:
    admin = person("admin")
    form = admin.open("/stores/main/people").form("Invite")
    wrong = admin.submit(form, {"name": "Tom", "email": "tom@shop.example"})
    assert (wrong.status, wrong.parts(".fault")[0].startswith("name at least one")) == (422, True)
    invited = admin.submit(form, {"name": "Tom", "email": "tom@shop.example"}, [("roles", "clerk")])
    link = secret(invited)
    assert secret_is_gone(admin.open("/stores/main/people"))
    again = admin.submit(form, {"name": "Tom", "email": "tom@shop.example"}, [("roles", "clerk")])
    assert (again.status, "There is an account of tom@shop.example already." in again.part("[role=alert]")) == (409, True)
    tom = anybody()
    chosen = tom.open(link)
    short = tom.press(chosen, "Choose a password", password="short")
    assert (short.status, short.part(".fault").partition(".")[0]) == (422, "The password has 5 characters: take 12 to 200")
    german = anybody("de")
    easy = german.press(german.open(link), "Ein Passwort wählen", password="aaaaaaaaaaaa")
    assert easy.part(".fault").startswith("Das Passwort ist leicht zu erraten: ")
    assert tom.press(chosen, "Choose a password", password=PASSWORD).path == "/login"
    assert tom.press(chosen, "Choose a password", password=PASSWORD).status == 401
    assert tom.log_in("tom@shop.example").path == "/stores/main/overview"
    roles = admin.open("/stores/main/people?who=tom@shop.example").form("Change roles")
    assert [box.get("value") for box in roles.cssselect("[checked]")] == ["clerk"]
    changed = admin.submit(roles, {}, [("roles", "viewer")])
    assert changed.part("[role=status]") == "The roles are changed."
    assert "clerk, viewer open" in changed.part("tbody tr:last-child")
    of_tom = [form for form in changed.tree.cssselect("tbody form") if form.fields["email"] == "tom@shop.example"]
    closing = next(form for form in of_tom if form.fields.get("active") == "close")
    assert admin.submit(closing).part("[role=status]") == "The account is closed."
    assert tom.open("/").path.startswith("/login")


def secret_is_gone(page: Page) -> bool:
    return not page.parts("[data-secret]")


def test_who_manages_people_gives_no_more_than_they_have(shop: Shop, person: Person) -> None:
    admin = person("admin@main")
    create_account(shop.store, "root@shop.example", name="Root", roles=["admin"], password=PASSWORD, stores=["main"])
    page = admin.open("/stores/main/people")
    assert "root@shop.example" not in page.text
    form = page.form("Invite")
    refused = admin.submit(form, {"name": "Tom", "email": "tom@shop.example"}, [("roles", "admin")])
    assert (refused.status, "admin@main" in refused.text) == (403, True)


def test_a_key_is_shown_once_opens_what_it_may_and_nothing_when_revoked(shop: Shop, person: Person) -> None:
    admin = person("admin")
    empty = admin.open("/stores/main/keys")
    assert empty.part(".empty h2") == "No key yet"
    form = empty.form("Make a key")
    wrong = admin.submit(form, {"name": "web shop", "days": "soon"}, [("scopes", "orders.read")])
    assert (wrong.status, len(wrong.parts(".fault"))) == (422, 1)
    made = admin.submit(form, {"name": "webshop", "days": "30"}, [("scopes", "orders.read")])
    key = secret(made)
    assert secret_is_gone(admin.open("/stores/main/keys"))
    headers = {"Authorization": f"Bearer {key}", "Cookie": ""}
    admin.client.cookies, kept = type(admin.client.cookies)(), admin.client.cookies
    assert admin.client.get("/api/v1/orders", headers=headers).status_code == 200
    admin.client.cookies = kept
    assert admin.submit(form, {"name": "webshop"}, [("scopes", "orders.read")]).status == 409
    revoked = admin.press(admin.open("/stores/main/keys"), "Revoke")
    assert revoked.part("[role=status]") == "The key is revoked: it opens nothing any more."
    assert "counts no longer" in revoked.part("tbody")
    assert admin.client.get("/api/v1/orders", headers=headers).status_code == 401
    assert shop.settings.default_store == "main"


def test_an_address_is_told_what_happens(shop: Shop, person: Person, clock: MovedClock) -> None:
    webhooks: Any = shop.engine.tools.webhooks
    shop.engine.tools = replace(shop.engine.tools, webhooks=replace(webhooks, inside=frozenset({"127.0.0.1"})))
    admin = person("admin")
    empty = admin.open("/stores/main/webhooks")
    form = empty.form("Add an address")
    wrong = admin.submit(form, {"url": "ftp://erp.shop.example"})
    assert (wrong.status, len(wrong.parts(".fault"))) == (422, 1)
    added = admin.submit(form, {"url": "http://127.0.0.1:9/oms"}, [("types", "order.moved")])
    assert secret(added).startswith("whsec_")
    listed = admin.open("/stores/main/webhooks")
    assert secret_is_gone(listed)
    one = admin.press(listed, "http://127.0.0.1:9/oms")
    assert one.part(".empty h2") == "Nothing was told yet"
    assert admin.press(one, "Ping").part("[role=status]") == "A ping is on its way."
    shop.place(an_order())
    clock.move(minutes=3)
    told = admin.open(one.path)
    assert "next try now" in told.part("tbody")  # what is past comes as soon as a worker does
    assert [row.split()[0] for row in told.parts("tbody tr")][-1] == "ping"
    assert admin.press(told, "Remove").part("[role=status]") == "It is told nothing any more."
    assert admin.open(one.path).status == 404


def test_the_trail_says_who_did_what(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    clerk = person("clerk", email="tom@shop.example")
    clerk.press(clerk.open("/stores/main/orders/A-1001"), "Write", text="called back")
    manager = person("manager")
    page = manager.open("/stores/main/trail?who=tom@shop.example")
    assert page.parts("tbody tr")[0].startswith("tom@shop.example write a comment order A-1001 done")
    assert manager.open("/stores/main/trail?order=A-1001").parts("tbody tr") == page.parts("tbody tr")[:1]
    none = manager.open("/stores/main/trail?who=nobody")
    assert (none.part(".empty h2"), none.part(".empty p")) == ("Nothing of that kind was done", "Try it without: Who: nobody")
    german = person("manager", email="mia@shop.example", language="de").open("/stores/main/trail?who=tom@shop.example")
    assert german.parts("tbody tr")[0].startswith("tom@shop.example Bemerkung schreiben Bestellung A-1001 ")


def test_the_login_leads_to_the_identity_provider_where_there_is_one(tmp_path: Path, anybody: Callable[..., Browser]) -> None:
    assert "/api/v1/oidc/login" not in anybody().open("/login").source
    config = '[oidc]\nissuer = "https://id.shop.example"\nclient_id = "oms"\naddress = "https://oms.shop.example"\n[oidc.roles]\nclerks = ["clerk"]\n'
    with open_test_shop(tmp_path / "vouched", config=config) as shop, answering(shop, pages=True) as address, client_of(address) as client:
        (link,) = Browser(client).open("/login").tree.cssselect("a.btn")
    assert (link.get("href"), link.text) == ("/api/v1/oidc/login", "Log in with the company's account")
