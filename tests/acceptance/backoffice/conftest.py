"""A shop whose pages are served, and people who open them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser
from tests.builders import MovedClock, open_test_shop


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("on_server"))


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def shop(tmp_path: Path, database: str | None, clock: MovedClock) -> Iterator[Shop]:
    with open_test_shop(tmp_path / "shop", database=database, clock=clock) as opened:
        yield opened


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with answering(shop, pages=True) as where:
        yield where


@pytest.fixture
def anybody(address: str) -> Iterator[Callable[..., Browser]]:
    """A browser in which nobody is logged in."""
    with ExitStack() as clients:
        yield lambda language="en": Browser(clients.enter_context(client_of(address)), language=language)


@pytest.fixture
def person(shop: Shop, anybody: Callable[..., Browser]) -> Callable[..., Browser]:
    """Somebody with a role, who is logged in."""

    def come(role: str = "admin", *, email: str = "jana@shop.example", language: str = "en") -> Browser:
        create_account(shop.store, email, name="Jana", roles=[role], password=PASSWORD, stores=list(shop.settings.stores))
        browser = anybody(language)
        assert browser.log_in(email).status == 200
        return browser

    return come
