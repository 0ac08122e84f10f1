"""Shops for tests, each a copy of one that was made once, and the command line that belongs to it; on a file, and on a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.cli.calling import Caller, a_caller
from tests.builders import copy_shop
from tests.postgres import Server

Copy = Callable[[Path, Path], Path]


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def kind(request: pytest.FixtureRequest) -> str:
    """The twin on a server is tried by `./run test all` alone, as that of the API is: what differs there is held by the contract tests."""
    return str(request.param)


@pytest.fixture(scope="session")
def copied(request: pytest.FixtureRequest, kind: str) -> Copy:
    """Copies a shop with its database."""
    return lambda shop, target: copy_shop(shop, target, server=request.getfixturevalue("server") if kind == "postgres" else None)


@pytest.fixture(scope="session")
def new_shop(request: pytest.FixtureRequest, kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database is made, the processes are deployed."""
    database = request.getfixturevalue("server").new_database() if kind == "postgres" else None
    return a_caller(tmp_path_factory.mktemp("new"), database=database).folder


@pytest.fixture(scope="session")
def billed_shop(new_shop: Path, copied: Copy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an order, A-1001, that is paid and invoiced; its mails have arrived."""
    caller = Caller(copied(new_shop, tmp_path_factory.mktemp("billed") / "shop"))
    caller.bill()
    return caller.folder


@pytest.fixture(autouse=True)
def _server_and_its_programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who has a shop on a server has pg_dump, too. What a test made there goes with it: hundreds of databases are a long farewell."""
    if "kind" not in request.fixturenames or request.getfixturevalue("kind") != "postgres":
        yield
        return
    server: Server = request.getfixturevalue("server")
    monkeypatch.setenv("PATH", str(server.programs), prepend=os.pathsep)
    there = set(server.databases())
    yield
    for url in set(server.databases()) - there:
        server.drop(url)


@pytest.fixture
def oms(new_shop: Path, copied: Copy, tmp_path: Path) -> Caller:
    return Caller(copied(new_shop, tmp_path / "shop"))


@pytest.fixture
def billed(billed_shop: Path, copied: Copy, tmp_path: Path) -> Caller:
    return Caller(copied(billed_shop, tmp_path / "shop"))
