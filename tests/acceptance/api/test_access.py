"""Keys and people by the API: nobody gives what they haven't, and somebody can always let in others (S7, S14)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from oms.accounts.login import PER_ADDRESS
from oms.accounts.people import INVITED, change_account, create_account
from oms.api import make_app
from oms.bootstrap import Shop
from oms.errors import Conflict
from oms.rights import RIGHTS, ROLES, Caller
from oms.store.accounts import FAILURES
from tests.acceptance.api.serving import PASSWORD, Person, client_of, new_key, running
from tests.builders import MovedClock, open_test_shop

KEYS, PEOPLE = "/api/v1/keys", "/api/v1/people"
TOM = {"email": "tom@shop.example", "name": "Tom", "roles": ["clerk"]}


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, database_url: str, clock: MovedClock) -> Iterator[Shop]:
    database = None if database_url.startswith("sqlite") else database_url
    with open_test_shop(tmp_path_factory.mktemp("shop"), clock=clock, database=database) as opened:
        yield opened


def test_a_new_shop_lets_nobody_in_and_keeps_its_cookie_to_itself(shop: Shop) -> None:
    with shop.store.reading() as work:
        assert (work.accounts.all(), work.api_keys.all()) == ([], [])
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    login = {"email": "jana@shop.example", "password": PASSWORD}
    app: Any = make_app(shop)
    behind_tls = ProxyHeadersMiddleware(app, trusted_hosts=["127.0.0.1"])
    with running(behind_tls) as address:
        cookie = httpx.post(f"{address}/api/v1/session", json=login, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert cookie.startswith("__Host-oms=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_a_key_in_the_address_opens_nothing(shop: Shop, address: str) -> None:
    key = new_key(shop)
    assert {httpx.get(f"{address}/api/v1/orders?{name}={key}").status_code for name in ("key", "access_token", "authorization")} == {401}


def test_a_key_is_told_once_opens_its_store_and_is_revoked_by_its_name(shop: Shop, address: str, person: Person, clock: MovedClock) -> None:
    admin = person("admin")
    made = admin.post(KEYS, json={"name": "webshop", "scopes": ["orders.read", "orders.read"], "days": 30})
    assert (made.status_code, made.headers["Location"], made.json()["scopes"]) == (201, "/api/v1/keys/webshop", ["orders.read"])
    key = made.json()["key"]
    assert admin.post(KEYS, json={"name": "webshop", "scopes": ["orders.read"]}).status_code == 409
    with client_of(address, key) as program:
        assert program.get("/api/v1/orders").status_code == 200
        (told,) = admin.get(KEYS).json()["keys"]
        assert (told["created_by"], told["counts"], told["used_at"] is not None) == ("jana@shop.example", True, True)
        assert key not in admin.get(KEYS).text
        clock.move(days=31)
        assert program.get("/api/v1/orders").status_code == 401
    admin = person()
    assert admin.get(KEYS).json()["keys"][0]["counts"] is False
    assert admin.delete(f"{KEYS}/webshop").json() == {"name": "webshop", "revoked": True}
    assert admin.delete(f"{KEYS}/webshop").status_code == 404
    with shop.store.reading() as work:
        assert key.removeprefix("oms_") not in repr(work.api_keys.all())


def test_nobody_makes_a_key_that_may_more_than_they_may(shop: Shop, address: str) -> None:
    with client_of(address, new_key(shop, "maker", scopes=["keys.manage", "orders.read"])) as maker:
        assert maker.post(KEYS, json={"name": "less", "scopes": ["orders.read"]}).status_code == 201
        refused = maker.post(KEYS, json={"name": "more", "scopes": ["orders.read", "people.manage"]})
        assert (refused.status_code, refused.json()["detail"]) == (403, "key:maker can't give what they haven't: people.manage.")
        assert maker.post(KEYS, json={"name": "odd", "scopes": ["orders.eat"]}).status_code == 422
        assert maker.post(KEYS, json={"name": "odd", "scopes": ["orders.read"], "days": 0}).status_code == 422
        assert [key["name"] for key in maker.get(f"{KEYS}?limit=1").json()["keys"]] == ["less"]
    assert shop.views.deeds(what="makeKey", limit=2)[0].deed.outcome == "refused"


def test_somebody_is_invited_chooses_a_password_once_and_logs_in(address: str, person: Person, clock: MovedClock) -> None:
    admin = person("admin")
    told = admin.post(PEOPLE, json=TOM)
    assert told.status_code == 201
    assert admin.post(PEOPLE, json=TOM).status_code == 409
    token = told.json()["token"]
    accept = {"token": token, "password": "other words that fit"}
    assert httpx.post(f"{address}/api/v1/session", json={"email": TOM["email"], "password": ""}).status_code == 401
    assert httpx.post(f"{address}/api/v1/invitation", json=accept | {"password": "short"}).status_code == 422
    assert httpx.post(f"{address}/api/v1/invitation", json=accept | {"token": "x"}).status_code == 401
    assert httpx.post(f"{address}/api/v1/invitation", json=accept).json()["roles"] == ["clerk"]
    assert httpx.post(f"{address}/api/v1/invitation", json=accept).status_code == 401
    person(email=str(TOM["email"]), password="other words that fit")
    late = admin.post(f"{PEOPLE}/{TOM['email']}/invitation").json()["token"]
    clock.move(seconds=INVITED.total_seconds())
    assert httpx.post(f"{address}/api/v1/invitation", json=accept | {"token": late}).status_code == 401


def test_roles_are_given_and_taken_accounts_closed_and_people_logged_out(person: Person) -> None:
    admin, tom = person("admin"), person("clerk", email="tom@shop.example")
    assert admin.delete(f"{PEOPLE}/tom@shop.example/sessions").json() == {"ended": 1}
    assert tom.get("/api/v1/session").status_code == 401
    tom = person(email="tom@shop.example")
    assert admin.patch(f"{PEOPLE}/tom@shop.example", json={"roles": ["viewer", "accountant"]}).json()["roles"] == ["viewer", "accountant"]
    assert tom.get("/api/v1/session").status_code == 401
    assert admin.patch(f"{PEOPLE}/tom@shop.example", json={"active": False}).json()["active"] is False
    assert admin.post(f"{PEOPLE}/tom@shop.example/invitation").status_code == 409
    assert {each["email"]: each["active"] for each in admin.get(PEOPLE).json()["people"]} == {"jana@shop.example": True, "tom@shop.example": False}
    assert admin.patch(f"{PEOPLE}/tom@shop.example", json={}).status_code == 422
    assert admin.patch(f"{PEOPLE}/tom@shop.example", json={"roles": ["boss"]}).status_code == 422
    assert admin.patch(f"{PEOPLE}/nobody@shop.example", json={"active": True}).status_code == 404
    assert admin.patch(f"{PEOPLE}/nonsense", json={"active": True}).status_code == 422


def test_nobody_gives_takes_or_takes_over_what_they_have_not(shop: Shop, address: str, person: Person) -> None:
    """A key that may manage people, but not all that a manager may."""
    person("admin")
    scopes = sorted({*ROLES["clerk"], "people.manage"})
    with client_of(address, new_key(shop, "desk", scopes=scopes)) as desk:
        assert desk.post(PEOPLE, json=TOM | {"roles": ["clerk@main"]}).status_code == 201
        for refused in (
            desk.post(PEOPLE, json=TOM | {"email": "x@shop.example", "roles": ["manager@main"]}),
            desk.post(PEOPLE, json=TOM | {"email": "x@shop.example", "roles": ["clerk"]}),  # in all stores: the key has one
            desk.patch(f"{PEOPLE}/tom@shop.example", json={"roles": ["admin"]}),
            desk.patch(f"{PEOPLE}/jana@shop.example", json={"roles": ["clerk@main"]}),
            desk.patch(f"{PEOPLE}/jana@shop.example", json={"active": False}),
            desk.post(f"{PEOPLE}/jana@shop.example/invitation"),  # who could choose her password would be her
            desk.delete(f"{PEOPLE}/jana@shop.example/sessions"),
        ):
            assert refused.status_code == 403, refused.text
        assert [each["email"] for each in desk.get(PEOPLE).json()["people"]] == ["tom@shop.example"]


def test_the_last_administrator_stays_also_when_two_take_each_other_out_at_once(shop: Shop, person: Person) -> None:
    jana = person("admin")
    for change in ({"roles": ["viewer"]}, {"active": False}, {"roles": ["admin@main"]}):
        refused = jana.patch(f"{PEOPLE}/jana@shop.example", json=change)
        assert (refused.status_code, "last administrator" in refused.json()["detail"]) == (409, True)
    assert jana.get("/api/v1/session").status_code == 200
    create_account(shop.store, "ada@shop.example", name="Ada", roles=["admin"], password=None, stores=["main"])
    together, refusals = threading.Barrier(2), list[Conflict]()

    def close(email: str) -> None:
        together.wait()
        try:
            change_account(shop.store, email, active=False, by=Caller("x", frozenset(RIGHTS)))
        except Conflict as error:
            refusals.append(error)

    threads = [threading.Thread(target=close, args=(email,)) for email in ("ada@shop.example", "jana@shop.example")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1


def test_what_it_takes_to_come_in_does_not_grow_with_the_logins_that_failed(shop: Shop, address: str, clock: MovedClock) -> None:
    """Somebody guesses for hours, for other people, from everywhere: what is over is forgotten by the next guess, and of the rest little is read."""
    now = clock()
    rows = [{"subject": f"account:p{number}@x.example", "at": now - timedelta(minutes=20)} for number in range(3_000)]
    rows += [{"subject": "address:127.0.0.1", "at": now - timedelta(minutes=5)} for _ in range(3_000)]
    with shop.store.writing() as work:
        work.execute(FAILURES.insert(), rows)
    with shop.store.reading() as work:
        assert len(work.sessions.failures("address:127.0.0.1", since=now - timedelta(minutes=15), most=PER_ADDRESS)) == PER_ADDRESS
    login = {"email": "jana@shop.example", "password": "wrong words here"}
    assert httpx.post(f"{address}/api/v1/session", json=login).status_code == 429
    clock.move(minutes=16)
    assert httpx.post(f"{address}/api/v1/session", json=login).status_code == 401
    with shop.store.reading() as work:
        assert len(work.execute(FAILURES.select()).all()) == 2
