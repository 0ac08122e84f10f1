"""Calls systems of the shop over HTTP. No address is a way into the shop's own network: connected is to exactly the one that was examined.

http.client is given a socket that is connected already, so nothing looks the name up a second time, and the call as a whole can be ended.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook

from oms.errors import Permanent, Temporary
from oms.ports.calls import Answered, Heard
from oms.tracing import Fact, Kind, fail, note, request_id, span, traceparent

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to the addresses behind them."""

Connect = Callable[[tuple[str, int], float], socket.socket]
"""Address and port, and how many seconds it may take."""

MOST_KEPT = 1000
"""Bytes of a refusal that are read."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 1_048_576
"""Bytes of an answer that are read at most."""
_DIGITS, _YEAR = 9, 31_536_000
"""Of a number of seconds that somebody wants to be left alone: what is longer is no more than a year."""


def resolve(host: str, port: int) -> list[str]:
    """As the system finds it: names, but also `127.1`, `0x7f000001` and what else an address may be written as."""
    return list(dict.fromkeys(str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """`oms.ports.calls.Webhooks` over the network itself: no proxy, no redirect, no second look at a name."""

    inside: frozenset[str] = frozenset()  #: hosts that may be called though they lie inside the network
    seconds: float = 15  #: for the whole call, once the name is known
    resolve: Resolve = resolve
    connect: Connect = socket.create_connection
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context  #: verifies certificate and name

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Hand over a body. Returns the answer, whatever it is.

        Raises:
            Permanent: this can't be called, or lies inside the network.
            Temporary: nobody answered.
        """
        heard = self._answer("POST", url, body=body, headers=headers, read=_refusal)
        return Answered(heard.status, _words(heard.body), heard.wait)

    def call(self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str]) -> Heard:
        """`oms.ports.calls.Caller`: ask, and read what is answered, a megabyte at most.

        Raises:
            Permanent: this can't be called, or lies inside the network.
            Temporary: nobody answered, or not to the end.
        """
        return self._answer(method, url, body=body, headers=headers, read=_whole)

    def _answer(self, method: str, url: str, *, body: bytes, headers: Mapping[str, str], read: Callable[[HTTPResponse], bytes]) -> Heard:
        parts, port = _split(url)
        where: dict[str, Fact] = {"url.scheme": parts.scheme, "server.address": parts.hostname or "", "server.port": port}
        with span(method, where | {"http.request.method": method}, kind=Kind.ASKING):
            addresses = self._examined(parts, port)
            try:
                heard = self._call(method, parts, addresses, port=port, body=body, headers=headers, read=read)
            except (OSError, HTTPException) as error:
                raise Temporary(f"{url} can't be reached: {str(error) or type(error).__name__}") from error
            note({"http.response.status_code": heard.status})
            if heard.status >= 400:  # noqa: PLR2004 - RFC 9110
                fail(str(heard.status))
        return heard

    def tell(self, url: str, *, message: str, body: str, at: datetime, secrets: Sequence[str]) -> Answered:
        """Hand over a message of the Standard Webhooks (https://www.standardwebhooks.com): `at` is aware UTC.

        Raises:
            Permanent: as `post`.
            Temporary: as `post`.
        """
        signatures = " ".join(Webhook(secret).sign(message, at, body) for secret in secrets)
        headers = {"webhook-id": message, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signatures}
        return self.post(url, body=body.encode(), headers={"Content-Type": "application/json", **headers})

    def examine(self, url: str) -> None:
        """Whether this could be called; nobody is.

        Raises:
            Permanent: it can't be called, or lies inside the network.
            Temporary: its host can't be found.
        """
        self._examined(*_split(url))

    def _examined(self, parts: SplitResult, port: int) -> Sequence[str]:
        """The addresses behind the host."""
        host = parts.hostname or ""
        try:
            addresses = self.resolve(host, port)
        except UnicodeError as error:
            raise Permanent(f"{host[:80]!r} is no name of a host.") from error
        except OSError as error:
            raise Temporary(f"{host} can't be found: {error}") from error
        if host not in self.inside and not all(map(_is_public, addresses)):
            raise Permanent(f"{host} is an address inside the network: it is not called, unless webhooks.inside names it.")
        if host not in self.inside and parts.scheme != "https":
            raise Permanent(f"{host} is called by https:// only: who carries http:// reads it, too. webhooks.inside names hosts that are trusted.")
        return addresses

    def _connected(self, addresses: Sequence[str], port: int, ends_at: float) -> socket.socket:
        """A connection to the first of the addresses that lets us in."""
        lost = OSError("it has no address")
        for address in addresses:
            try:
                return self.connect((address, port), max(ends_at - time.monotonic(), 0.001))
            except OSError as error:
                lost = error
        raise lost

    def _call(
        self,
        method: str,
        parts: SplitResult,
        addresses: Sequence[str],
        *,
        port: int,
        body: bytes,
        headers: Mapping[str, str],
        read: Callable[[HTTPResponse], bytes],
    ) -> Heard:
        ends_at, host = time.monotonic() + self.seconds, parts.hostname or ""
        if parts.scheme == "https":
            context = self.context()
            connection: HTTPConnection = HTTPSConnection(host, port, context=context)
            line: socket.socket = context.wrap_socket(self._connected(addresses, port, ends_at), server_hostname=host, do_handshake_on_connect=False)
        else:
            connection, line = HTTPConnection(host, port), self._connected(addresses, port, ends_at)
        with line, _ended(line, ends_at):
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            connection.sock = line
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body=body or None, headers={**_came_by(), **headers, "Connection": "close", "User-Agent": "oms"})
            with connection.getresponse() as response:
                return Heard(response.status, read(response), _wait(response))


def _came_by() -> dict[str, str]:
    """The request and the trace from which a call comes, so that the logs of both systems go together."""
    said = {"X-Request-Id": request_id(), "traceparent": traceparent()}
    return {name: value for name, value in said.items() if value is not None}


def _whole(response: HTTPResponse) -> bytes:
    return response.read(_LONGEST)


def _refusal(response: HTTPResponse) -> bytes:
    """How it begins. Of a success nothing is read: it needs no words."""
    return b"" if 200 <= response.status < 300 else response.read(MOST_KEPT)  # noqa: PLR2004 - RFC 9110


def _wait(response: HTTPResponse) -> timedelta | None:
    """What `Retry-After` asks for (RFC 9110): seconds, or a time, which counts from the answer's own `Date`, for clocks differ."""
    said = (response.headers.get("Retry-After") or "").strip()
    if said.isdecimal() and said.isascii():
        return timedelta(seconds=min(int(said[:_DIGITS]), _YEAR))
    try:
        wait = parsedate_to_datetime(said) - parsedate_to_datetime(response.headers.get("Date") or "")
    except (ValueError, TypeError, OverflowError):  # no time, or one with a zone and one without
        return None
    return max(wait, timedelta())


def _words(body: bytes) -> str:
    """As far as any database and any terminal takes them."""
    text = body.decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in text).strip()


def _split(url: str) -> tuple[SplitResult, int]:
    """The parts of an address that can be called, and its port."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # a port that is none, half of a bracket
        parts, port = SplitResult("", "", "", "", ""), 0
    is_written_well = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or not is_written_well:
        raise Permanent(f"{url[:80]!r} is no address to call: it begins with https://, and bears no account, blank or letter beyond ASCII.")
    return parts, port


def _is_public(text: str) -> bool:
    """Whether an address lies in the internet."""
    address = _unwrapped(ipaddress.ip_address(text))
    is_old_private = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not is_old_private


def _unwrapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """One of IPv6 that only wraps one of IPv4 leads to what it wraps."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


@contextmanager
def _ended(line: socket.socket, ends_at: float) -> Iterator[None]:
    """A timeout counts for each read: who sends a letter now and then would be listened to for ever. So at the end the line is cut."""

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)  # of TLS, too, without its goodbye: another thread is reading

    timer = Timer(max(ends_at - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, HTTPException):
        if time.monotonic() < ends_at:
            raise
    finally:
        timer.cancel()
    if time.monotonic() >= ends_at:
        raise TimeoutError("the answer took too long")
