"""A shop that is served, as a process of its own, and a client that speaks to it over a real socket."""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn

from oms.accounts.keys import create_key
from oms.api import make_app
from oms.api.requests import LARGEST_HEAD
from oms.backoffice import make_site
from oms.bootstrap import Shop, open_shop
from oms.rights import RIGHTS
from oms.server import listening_at
from oms.tally import Tally
from tests.builders import open_test_shop

PATIENCE = 60.0
PASSWORD = "four words that fit"
Person = Callable[..., httpx.Client]
"""Who logs in with roles, and with an address and a password of their own if they are given."""
TRUST = ssl.create_default_context()
"""What every client would read from the disk again."""
_ANSWERS = re.compile(r"oms answers at (http://[0-9.:]+)")


class Served:
    """A server that answers."""

    def __init__(self, folder: Path, arguments: Sequence[str] = (), *, failpoint: str | None = None) -> None:
        command = [sys.executable, "-m", "oms", "--shop", str(folder), "serve", "--port", "0", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
        environment |= {"OMS_TESTING": "1", "OMS_FAILPOINT": failpoint} if failpoint else {}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        self.log: list[str] = []
        self._there = threading.Event()
        self.address = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._there.wait(PATIENCE) or not self.address:
            self.process.kill()
            raise AssertionError("it never answered:\n" + "".join(self.log))

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if found := _ANSWERS.search(line):
                self.address = found[1]
                self._there.set()
        self._there.set()

    def client(self, key: str | None = None) -> httpx.Client:
        """Somebody who speaks to it, with this key."""
        return client_of(self.address, key)

    def stop(self) -> int:
        """SIGTERM. Returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self.process.stderr:
            self.process.stderr.close()
        return code


@contextmanager
def served(folder: Path, *arguments: str, failpoint: str | None = None) -> Iterator[Served]:
    """Until the block ends; with a failpoint, until that is reached."""
    server = Served(folder, arguments, failpoint=failpoint)
    try:
        yield server
    finally:
        server.stop()


_IDLE: dict[bool, list[Any]] = {False: [], True: []}
"""Interfaces without and with pages, of shops that are closed. To put one together takes long; what it knows of its shop is its state."""


@contextmanager
def an_interface(shop: Shop, *, pages: bool) -> Iterator[Any]:
    """As `make_app` or `make_site` makes it, until the block ends: perhaps one that another shop had before."""
    make: Callable[[Shop], Any] = make_site if pages else make_app
    app = _IDLE[pages].pop() if _IDLE[pages] else make(shop)
    visits = Tally()
    for part in (app.api, app.pages) if pages else (app,):
        part.state.shop, part.state.visits, part.state.identity_provider = shop, visits, None
    yield app
    _IDLE[pages].append(app)


@contextmanager
def answering(shop: Shop, *, pages: bool = False) -> Iterator[str]:
    """The same in a thread of this process, without worker, until the block ends. Gives its address."""
    with an_interface(shop, pages=pages) as app, running(app) as address:
        yield address


@contextmanager
def running(app: Any) -> Iterator[str]:
    """Any interface in a thread of this process, until the block ends. Gives its address."""
    with listening_at("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False, h11_max_incomplete_event_size=LARGEST_HEAD
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def client_of(address: str, key: str | None = None) -> httpx.Client:
    """Somebody who speaks to it, with this key."""
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=PATIENCE, verify=TRUST)


def new_key(shop: Shop, name: str = "webshop", *, scopes: Sequence[str] = tuple(RIGHTS), store: str = "main") -> str:
    """A key of a shop that is open."""
    return create_key(shop.store, name, of_store=store, scopes=scopes, actor="test", stores=list(shop.settings.stores))


def key_for(folder: Path, name: str = "webshop", *, scopes: Sequence[str] = tuple(RIGHTS), store: str = "main") -> str:
    """A key of that shop."""
    with open_shop(folder) as shop:
        return new_key(shop, name, scopes=scopes, store=store)


TELLING = """
process: prepayment
initial: new
states:
  new: {}
  telling: {run: {call_webhook: {url: "URL"}}, then: be heard}
  heard: {run: {call_webhook: {url: "URL"}}, then: close}
  closed: {final: true}
events: {go: {}, be heard: {}, close: {}}
transitions:
  - {from: new, event: go, to: telling}
  - {from: telling, event: be heard, to: heard}
  - {from: heard, event: close, to: closed}
"""


def telling_shop(folder: Path, url: str, *, config: str = "", database: str | None = None) -> None:
    """A shop whose orders call that address twice after `go`."""
    open_test_shop(folder, processes={"prepayment.yaml": TELLING.replace("URL", url)}, config=config, database=database).close()
    settings = folder / "config" / "oms.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("inside = []", 'inside = ["127.0.0.1"]'), encoding="utf-8")
