"""What holds for every test: nothing of this machine's own settings, no connection beyond loopback, no deadline for examples."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell that starts the tests in the background lets them ignore Ctrl-C, and so would every process they start."""

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


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
