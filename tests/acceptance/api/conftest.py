"""A shop on each database, served in this process, and somebody with every right who speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2 as httpx
import pytest

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from tests.acceptance.api.serving import PASSWORD, Person, answering, client_of, new_key
from tests.builders import MovedClock, new_database, open_test_shop


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As in tests/conftest.py, but the twin on a server is tried by `./run test all` alone: what differs there is held by the contract tests."""
    if request.param == "postgres":
        return str(request.getfixturevalue("on_server"))
    (tmp_path / "oms.db").write_bytes(new_database())
    return f"sqlite:///{tmp_path}/oms.db"


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    with open_test_shop(tmp_path / "shop", database=None if database_url.startswith("sqlite") else database_url) as opened:
        yield opened


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with answering(shop) as where:
        yield where


@pytest.fixture
def client(shop: Shop, address: str) -> Iterator[httpx.Client]:
    with client_of(address, new_key(shop)) as speaking:
        yield speaking


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def person(shop: Shop, address: str) -> Iterator[Person]:
    """Somebody of these roles, who is logged in; without roles somebody who is there already."""
    with ExitStack() as clients:

        def log_in(*roles: str, email: str = "jana@shop.example", password: str = PASSWORD) -> httpx.Client:
            if roles:
                create_account(shop.store, email, name="Jana", roles=roles, password=password, stores=list(shop.settings.stores))
            client = clients.enter_context(client_of(address))
            client.headers["Sec-Fetch-Site"] = "same-origin"
            assert client.post("/api/v1/session", json={"email": email, "password": password}).status_code == 200
            return client

        yield log_in
