"""Whose word counts for where a request comes from: that of `server.proxies`, and nobody else's (S20)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from oms.accounts.login import PER_ADDRESS
from oms.accounts.people import create_account
from oms.bootstrap import open_shop
from oms.server import configured
from tests.acceptance.api.serving import PASSWORD, client_of, running
from tests.builders import open_test_shop


@contextmanager
def serving(folder: Path, config: str = "") -> Iterator[httpx.Client]:
    open_test_shop(folder, config=config).close()
    with open_shop(folder) as shop:
        create_account(shop.store, "jana@shop.example", name="Jana", roles=["clerk"], password=PASSWORD, stores=["main"])
        with running(configured(shop)) as address, client_of(address) as client:
            yield client


def log_in(client: httpx.Client, password: str = PASSWORD, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/api/v1/session", json={"email": "jana@shop.example", "password": password}, headers=given)


def test_what_anybody_says_of_itself_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        answer = log_in(client, x_forwarded_for="203.0.113.5", x_forwarded_proto="https")
        assert answer.headers["Set-Cookie"].startswith("oms=")  # as it is on this machine without TLS


def test_a_proxy_that_is_named_says_that_the_browser_came_by_tls(tmp_path: Path) -> None:
    with serving(tmp_path, '[server]\nproxies = ["127.0.0.1"]') as client:
        answer = log_in(client, x_forwarded_for="203.0.113.5", x_forwarded_proto="https")
        assert answer.headers["Set-Cookie"].startswith("__Host-oms=")
        assert "Secure" in answer.headers["Set-Cookie"]


def test_a_base_address_with_tls_keeps_cookies_to_it(tmp_path: Path) -> None:
    with serving(tmp_path, '[server]\naddress = "https://oms.shop.example"') as client:
        assert log_in(client).headers["Set-Cookie"].startswith("__Host-oms=")


@pytest.mark.slow
def test_who_guesses_passwords_through_the_proxy_is_known_by_the_last_address_whatever_else_it_claims(tmp_path: Path) -> None:
    with serving(tmp_path, '[server]\nproxies = ["127.0.0.1"]') as client:
        for guess in range(PER_ADDRESS):
            given = {"email": f"nobody-{guess}@shop.example", "password": "wrong"}
            client.post("/api/v1/session", json=given, headers={"X-Forwarded-For": f"198.51.100.{guess}, 203.0.113.5"})
        assert log_in(client, x_forwarded_for="198.51.100.200, 203.0.113.5").status_code == 429
        assert log_in(client, x_forwarded_for="203.0.113.6").status_code == 200
