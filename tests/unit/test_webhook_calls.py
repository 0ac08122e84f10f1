"""How a system of the shop is called over HTTP: nothing inside the network is, and what was examined is what is connected to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
import trustme

from oms.errors import Permanent, Temporary
from oms.webhooks import Webhooks

NAME = "hooks.shop.example"


class Hook(HTTPServer):
    """A server on loopback that remembers who was asked for what, and answers 204."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.heard: list[tuple[str, str | None, bytes]] = []
        self.retry_after: str | None = None
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_arguments: object) -> None:
        """A client that doesn't like the certificate leaves; nothing is printed."""


class Listener(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.heard.append((self.path, self.headers["Host"], self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        if self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after.encode().decode("latin-1"))
        self.end_headers()

    def date_time_string(self, _timestamp: float | None = None) -> str:
        return "Fri, 27 Nov 2026 09:00:00 GMT"

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


@contextmanager
def serving(hook: Hook) -> Iterator[Hook]:
    thread = Thread(target=hook.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hook
    finally:
        hook.shutdown()
        thread.join()
        hook.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with serving(Hook()) as hook:
        yield hook


@dataclass
class Resolver:
    """Answers in turn, and then always as the last time."""

    answers: list[list[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def call(webhooks: Webhooks, url: str) -> int:
    return webhooks.post(url, body=b"{}", headers={}).code


# ---- What lies inside ----


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "localhost"),  # noqa: S104 - is called, not listened on
        *("10.0.0.7", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255"),
        *("[::1]", "[::]", "[fd00::7]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.7]"),
    ],
)
def test_no_address_inside_the_network_is_called_however_it_is_written(hook: Hook, host: str) -> None:
    with pytest.raises(Permanent, match="is an address inside the network"):
        call(Webhooks(), f"http://{host}:{hook.server_port}/")
    assert hook.heard == []


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.215.14", "10.0.0.7"], ["fe80::1%lo"]])
def test_a_name_that_leads_inside_is_not_called_though_it_leads_outside_as_well(answers: list[str]) -> None:
    with pytest.raises(Permanent, match=rf"{NAME} is an address inside the network"):
        call(Webhooks(resolve=Resolver([answers])), f"https://{NAME}/")


def test_connected_is_to_the_address_that_was_examined_whatever_the_name_leads_to_by_then(authority: trustme.CA) -> None:
    """DNS rebinding: its owner answers who examines with one address, and who connects with another."""
    connected = []
    resolver = Resolver([["93.184.215.14"], ["10.0.0.7"]])
    with serving(secured(authority, NAME)) as there:

        def connect(address: tuple[str, int], seconds: float) -> socket.socket:
            connected.append(address)
            return socket.create_connection(("127.0.0.1", there.server_port), seconds)  # no test reaches the internet

        assert call(replace(trusting(authority), inside=frozenset(), resolve=resolver, connect=connect), f"https://{NAME}/") == 204
    assert (resolver.asked, connected) == ([(NAME, 443)], [("93.184.215.14", 443)])
    assert there.heard == [("/", NAME, b"{}")]


def test_over_http_only_hosts_are_called_that_the_settings_name() -> None:
    with pytest.raises(Permanent, match="is called by https:// only"):
        call(Webhooks(resolve=Resolver([["93.184.215.14"]])), f"http://{NAME}/")


def test_hosts_that_the_settings_name_may_lie_inside(hook: Hook) -> None:
    webhooks = Webhooks(inside=frozenset({NAME}), resolve=Resolver([["127.0.0.1"]]))
    assert call(webhooks, f"http://{NAME.upper()}:{hook.server_port}?order=A-1#part") == 204
    assert hook.heard == [("/?order=A-1", f"{NAME}:{hook.server_port}", b"{}")]
    with pytest.raises(Permanent):
        call(webhooks, f"http://other.shop.example:{hook.server_port}/")


def test_the_next_address_is_tried_if_the_first_lets_nobody_in(hook: Hook) -> None:
    webhooks = Webhooks(inside=frozenset({NAME}), resolve=Resolver([["::1", "127.0.0.1"]]))
    assert call(webhooks, f"http://{NAME}:{hook.server_port}/") == 204


# ---- Who answers ----


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def secured(authority: trustme.CA, *names: str) -> Hook:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return Hook(context)


def trusting(authority: trustme.CA | None) -> Webhooks:
    """The name leads to loopback, which is allowed."""

    def context() -> ssl.SSLContext:
        made = ssl.create_default_context()
        if authority is not None:
            authority.configure_trust(made)
        return made

    return Webhooks(inside=frozenset({NAME}), resolve=Resolver([["127.0.0.1"]]), context=context)


def test_over_tls_the_certificate_is_that_of_the_name_though_an_address_is_connected_to(authority: trustme.CA) -> None:
    with serving(secured(authority, NAME)) as hook:
        assert call(trusting(authority), f"https://{NAME}:{hook.server_port}/told") == 204
    assert hook.heard == [("/told", f"{NAME}:{hook.server_port}", b"{}")]


@pytest.mark.parametrize(
    ("names", "is_trusted", "why"),
    [
        (["127.0.0.1", "other.shop.example"], True, f"certificate is not valid for '{NAME}'"),
        ([NAME], False, "unable to get local issuer certificate"),
    ],
)
def test_over_tls_nothing_is_told_to_a_server_that_cant_prove_its_name(
    authority: trustme.CA, *, names: list[str], is_trusted: bool, why: str
) -> None:
    with serving(secured(authority, *names)) as hook, pytest.raises(Temporary, match=why):
        call(trusting(authority if is_trusted else None), f"https://{NAME}:{hook.server_port}/")
    assert hook.heard == []


# ---- How long ----


@contextmanager
def dribbling(*, is_over: Event) -> Iterator[int]:
    """The port of a server whose answer comes letter by letter and never ends."""

    def dribble() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
            while not is_over.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_until_hung_up, args=(dribble,))
        thread.start()
        yield listening.getsockname()[1]
        is_over.set()
        thread.join()


def _until_hung_up(dribble: Callable[[], None]) -> None:
    try:
        dribble()
    except OSError:
        return


def test_an_answer_that_never_ends_is_not_listened_to_for_ever() -> None:
    with dribbling(is_over=Event()) as port, pytest.raises(Temporary, match="the answer took too long"):
        call(Webhooks(inside=frozenset({"127.0.0.1"}), seconds=0.3), f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_says_nothing_is_not_waited_for_without_end(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Temporary, match=r"timed out|took too long"):
        call(Webhooks(inside=frozenset({"127.0.0.1"}), seconds=0.2), f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/")


# ---- What is no address ----


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://shop.example/", "hooks.shop.example", "https://", "http://[::1", "http://shop.example:99999/", ""),
        *("https://account:secret@shop.example/", "https://shop.example/a b", "https://shop.example/\r\nX: y", "https://bücher.example/"),
    ],
)
def test_what_is_no_address_to_call_is_refused_for_good(url: str) -> None:
    with pytest.raises(Permanent, match="is no address to call"):
        call(Webhooks(), url)


@pytest.mark.parametrize("url", [f"https://{'m' * 64}.example/", "https://mail..example/"])
def test_what_is_no_name_of_a_host_is_refused_for_good(url: str) -> None:
    with pytest.raises(Permanent, match="is no name of a host"):
        call(Webhooks(), url)


# ---- Who wants to be left alone ----


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        *(("120", 120), (" 0 ", 0), ("9" * 400, 31_536_000)),
        *(("Fri, 27 Nov 2026 09:02:00 GMT", 120), ("Fri, 27 Nov 2026 08:00:00 GMT", 0)),
        *((None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("\u0661\u0662", None), ("Fri, 27 Nov 2026 09:02:00", None)),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_time_by_the_answers_own_clock(said: str | None, seconds: int | None) -> None:
    with serving(Hook()) as hook:
        hook.retry_after = said
        answered = replace(Webhooks(), inside=frozenset({"127.0.0.1"})).post(f"http://127.0.0.1:{hook.server_port}/", body=b"{}", headers={})
    assert answered.wait == (None if seconds is None else timedelta(seconds=seconds))
