"""Who may come in, and what everybody reads who may not."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from oms.accounts.keys import revoke_key
from oms.bootstrap import Shop
from oms.rights import RIGHTS, ROLES
from tests.acceptance.api.serving import client_of, new_key
from tests.builders import an_order


def test_roles_have_rights_that_there_are(shop: Shop) -> None:
    assert {right for rights in ROLES.values() for right in rights} <= set(RIGHTS)
    assert shop.settings.default_store == "main"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer oms_wrong", "Basic b21zOm9tcw==", "Bearer \xe9"])
def test_who_brings_no_key_that_counts_stays_outside(address: str, header: str | None) -> None:
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}
    answer = httpx.get(f"{address}/api/v1/orders/A-1001", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-admitted")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_key_opens_only_what_it_was_made_for(shop: Shop, address: str) -> None:
    with client_of(address, new_key(shop, "reader", scopes=["orders.read"])) as client:
        answer = client.post("/api/v1/orders", json=an_order())
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
        assert answer.json()["detail"] == "key:reader may not place orders: that asks for orders.place."
        assert client.get("/api/v1/orders/A-1001").status_code == 404


def test_a_key_that_was_revoked_opens_nothing(shop: Shop, address: str) -> None:
    with client_of(address, new_key(shop, "gone")) as client:
        assert client.get("/api/v1/orders/A-1001").status_code == 404
        revoke_key(shop.store, "gone")
        assert client.get("/api/v1/orders/A-1001").status_code == 401


def test_the_history_says_whose_key_it_was(client: httpx.Client) -> None:
    client.post("/api/v1/orders", json=an_order())
    assert client.get("/api/v1/orders/A-1001").json()["history"][0]["actor"] == "key:webshop"


def test_an_order_for_another_store_than_the_keys_is_refused(client: httpx.Client) -> None:
    answer = client.post("/api/v1/orders", json=an_order(store="other"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/store")
