"""What `oms doctor` finds of `oms serve`."""

from __future__ import annotations

import socket
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

from oms.lookup.reaching import serving
from oms.settings.server import Server
from tests.acceptance.api.serving import answering
from tests.builders import open_test_shop


def marks(server: Server) -> list[tuple[str, str]]:
    return [(line.mark, line.what) for line in serving(server)]


def said(server: Server) -> str:
    return next(iter(serving(server))).said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_a_free_address_is_well_and_so_is_one_where_oms_answers(tmp_path: Path) -> None:
    assert said(Server(port=free_port())).endswith("is free; nobody serves at the configured address")
    with open_test_shop(tmp_path) as shop, answering(shop) as address:
        assert said(Server(port=int(address.rpartition(":")[2]))).startswith("oms answers at")


def test_another_program_at_the_address_is_told() -> None:
    with HTTPServer(("127.0.0.1", 0), type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})) as other:
        thread = Thread(target=other.serve_forever)
        thread.start()
        assert said(Server(port=other.server_port)).startswith("another program answers")
        other.shutdown()
        thread.join()


def test_an_address_of_another_machine_can_not_be_listened_at() -> None:
    assert marks(Server(host="not-here.invalid", port=8000))[0][0] in {"note", "PROBLEM"}


def test_what_stands_before_it_is_looked_at() -> None:
    assert marks(Server(port=0)) == []
    assert marks(Server(port=0, host="0.0.0.0")) == [("note", "server.host")]  # noqa: S104 - nobody listens
    assert marks(Server(port=0, address="http://oms.shop.example")) == [("note", "server.address")]
    assert marks(Server(port=0, address="https://oms.shop.example")) == [("note", "server.proxies")]
    assert marks(Server(port=0, host="0.0.0.0", address="https://oms.shop.example", proxies=("10.0.0.4",))) == []  # noqa: S104
