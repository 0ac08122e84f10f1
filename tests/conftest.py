"""What holds for every test: nothing of this machine's own settings, no connection beyond loopback, no deadline for examples."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import settings

from tests.builders import new_database
from tests.postgres import Server

signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell that starts the tests in the background lets them ignore Ctrl-C, and so would every process they start."""

DEFAULT_TIMEOUT_CONFIG.read = 60.0
"""Seconds that an answer may take, where a test says nothing else: two cores that run everything at once are slow now and then."""

settings.register_profile("house", deadline=None, print_blob=True)
settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """`./run test all` tries ten times as many examples of each property."""
    if "slow or" in config.option.markexpr:
        settings.load_profile("thorough")


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than cores, for a fifth of the time tests wait for processes and servers."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite", help="where the tests of the engine keep their orders")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("OMS_"):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_connection_beyond_loopback() -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple) and not _is_loopback(str(address[0])):
            pytest.fail(f"a test wants to reach {address}: only loopback is allowed", pytrace=True)
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, started by the first test that asks for one."""
    started = Server()
    yield started
    started.remove()


@pytest.fixture
def on_server(server: Server) -> Iterator[str]:
    """The address of a database of its own on that server, with the tables of oms in it."""
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that has the tables of oms and nothing else: a test that asks for it runs on every kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("on_server"))
    (tmp_path / "oms.db").write_bytes(new_database())
    return f"sqlite:///{tmp_path}/oms.db"
