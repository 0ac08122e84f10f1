"""Every address, everybody who may come to it: what happens is what `oms/rights.toml` says (S1, S2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx2 as httpx
import pytest

from oms.accounts.people import create_account
from oms.accounts.tokens import token_hash
from oms.api.app import the_interface
from oms.bootstrap import Shop
from oms.ports.access import ApiKey
from oms.rights import RIGHTS, ROLES
from oms.store.unit_of_work import SqlUnitOfWork
from tests.acceptance.api.routes import address_of, right_of, routes
from tests.acceptance.api.serving import PASSWORD, answering, client_of, new_key
from tests.builders import an_order

ROUTES = [(method, path, right) for method, path, route in routes(the_interface()) if (right := right_of(route))]
ELSEWHERE = {"processes.deploy", "operations.mend"}
"""Rights that pages and the command line ask for, and no address of the interface."""
STAYS_OUTSIDE, IS_REFUSED = 401, 403
OPEN = {
    *("GET /healthz", "GET /readyz", "GET /documents/{token}", "POST /webhooks/{provider}"),
    *("GET /api/v1/docs", "GET /api/v1/errors", "GET /api/v1/errors/{code}", "GET /api/v1/pages.css"),
}
"""What asks for no right: it says nothing of the shop, or holds a proof of its own."""
OF_ONESELF = {
    *("GET /api/v1/oidc/login", "GET /api/v1/oidc/callback", "POST /api/v1/oidc/logout"),
    "POST /api/v1/session",
    "GET /api/v1/session",
    "DELETE /api/v1/session",
    "DELETE /api/v1/sessions",
    "POST /api/v1/invitation",
}
"""What everybody may who is logged in, or wants to be."""


def test_every_route_asks_for_a_right_but_those_that_are_named_here() -> None:
    without = {f"{method} {path}" for method, path, route in routes(the_interface()) if right_of(route) is None}
    assert without == OPEN | OF_ONESELF
    assert len(ROUTES) > 60


def test_every_right_opens_something() -> None:
    assert set(RIGHTS) - {right for _, _, right in ROUTES} == ELSEWHERE


def statuses(client: httpx.Client) -> Iterator[tuple[str, str, int]]:
    """What each route answers to a request that says nothing, and its right."""
    for method, path, right in ROUTES:
        yield f"{method} {path}", right, client.request(method, address_of(path)).status_code


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_person_gets_in_where_the_matrix_says_and_is_refused_everywhere_else(shop: Shop, address: str, role: str) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=[role], password=PASSWORD, stores=["main"])
    with client_of(address) as client:
        client.headers["Sec-Fetch-Site"] = "same-origin"
        client.post("/api/v1/session", json={"email": "jana@shop.example", "password": PASSWORD}).raise_for_status()
        for route, right, status in statuses(client):
            assert status != STAYS_OUTSIDE, route
            assert (status != IS_REFUSED) is (right in ROLES[role]), (route, right, status)


@pytest.mark.slow
def test_a_key_opens_what_asks_for_its_right_and_nothing_else(shop: Shop, address: str) -> None:
    """With that one right it gets in, with all others together it doesn't: so no other right opens it, by itself or with more."""
    with ExitStack() as clients:
        only = {right: clients.enter_context(client_of(address, new_key(shop, f"only-{right}", scopes=[right]))) for right in RIGHTS}
        without = {
            right: clients.enter_context(client_of(address, new_key(shop, f"not-{right}", scopes=[each for each in RIGHTS if each != right])))
            for right in RIGHTS
        }
        for method, path, right in ROUTES:
            here = address_of(path)
            assert only[right].request(method, here).status_code not in {STAYS_OUTSIDE, IS_REFUSED}, (method, path)
            assert without[right].request(method, here).status_code == IS_REFUSED, (method, path)


@pytest.mark.slow
def test_nobody_gets_in_anywhere(address: str) -> None:
    with client_of(address) as nobody, client_of(address, "oms_wrong") as stranger:
        for client in (nobody, stranger):
            assert {route: status for route, _, status in statuses(client) if status != STAYS_OUTSIDE} == {}


def test_one_route_of_each_right_lets_in_who_has_it(shop: Shop, address: str) -> None:
    """The quick part of the matrix."""
    seldom = {right: (method, path) for method, path, right in ROUTES}
    for right, (method, path) in seldom.items():
        with client_of(address, new_key(shop, right, scopes=[right])) as only, client_of(address) as nobody:
            assert only.request(method, address_of(path)).status_code not in {STAYS_OUTSIDE, IS_REFUSED}, path
            assert nobody.request(method, address_of(path)).status_code == STAYS_OUTSIDE, path


def test_what_belongs_to_another_store_is_found_nowhere(shop: Shop, address: str) -> None:
    """Every address that names an order or a paper, asked by who may do everything, elsewhere."""
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    before = shop.views.order("A-1001")
    (paper, _), *_ = before.invoices
    with shop.store.writing() as work:
        key = new_key_elsewhere(work)
    with client_of(address, key) as stranger:
        for method, path, _ in ROUTES:
            if ("{reference}" in path or "{number" in path) and "{store}" not in path:
                here = address_of(path.replace("{reference}", "A-1001").replace("{number:paper}", paper.number))
                answer = stranger.request(method, here, json={"reason": "x"} if method != "GET" else None)
                assert answer.status_code in ({404} if method == "GET" else {404, 422}), (method, here, answer.text)
    assert shop.views.order("A-1001") == before


def new_key_elsewhere(work: SqlUnitOfWork) -> str:
    """As if the shop had had another store once."""
    work.api_keys.add(ApiKey(name="tea", store="tea", scopes=tuple(RIGHTS), sha256=token_hash("oms_tea"), actor="test", created_at=work.now()))
    return "oms_tea"


@pytest.mark.slow
def test_an_event_is_for_the_roles_that_its_process_names_whoever_they_are(shop: Shop) -> None:
    """Of all shipped processes. The roles are looked at before the state is: an order that has just been placed tells all of them apart.

    People let happen what is manual, and nothing else, whatever their role.
    """
    told = 0
    with answering(shop) as address:
        keys = {role: f"{role}@shop.example" for role in ROLES if "orders.trigger" in ROLES[role]}
        for role, email in keys.items():
            create_account(shop.store, email, name=role, roles=[role], password=PASSWORD, stores=["main"])
        placed = [shop.place(an_order(f"A-{number}", process=name)).order for number, name in enumerate(shop.check().processes)]
        for role, email in keys.items():
            with client_of(address) as client:
                client.headers["Sec-Fetch-Site"] = "same-origin"
                client.post("/api/v1/session", json={"email": email, "password": PASSWORD}).raise_for_status()
                for reference, (name, loaded) in zip(placed, shop.check().processes.items(), strict=True):
                    for event in loaded.process.events.values():
                        answer = client.post(f"/api/v1/orders/{reference}/events", json={"event": event.name, "expect_state": "nowhere"})
                        is_for_role = event.manual and (not event.roles or role in event.roles)
                        comes_from_outside = "it happens by itself" not in answer.text
                        assert (answer.status_code == IS_REFUSED) is (not is_for_role and comes_from_outside), (name, event.name, role, answer.text)
                        told += bool(event.roles)
    assert told > 20
