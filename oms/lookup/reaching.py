"""What `oms doctor` says of `oms serve`: does it answer, or could it, would a browser be safe with it, and are traces taken?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address

from oms.bootstrap.tracing import traces_of
from oms.errors import InvalidSettings
from oms.lookup.found import Line
from oms.settings import Settings
from oms.settings.server import Server, Telemetry

SECONDS = 3
"""For an answer on this machine."""


def serving(server: Server) -> Iterator[Line]:
    """Its address, and what stands before it."""
    if server.port:
        yield _address(server)
    is_tls = (server.address or "").startswith("https:")
    if server.address and not is_tls:
        yield Line("note", "server.address", f"{server.address} is not encrypted", "let a proxy speak TLS, and write https:// there")
    if is_tls and not server.proxies:
        said = f"{server.address} is encrypted before oms, and no proxy is believed: every request seems to come from there, in the clear"
        yield Line("note", "server.proxies", said, "name the address of what speaks TLS in server.proxies")
    if not _is_loopback(server.host) and not is_tls:
        yield Line("note", "server.host", f"{server.host} is reached from other machines without TLS", "put a proxy before it; say server.address")


def _address(server: Server) -> Line:
    where = f"{server.host} port {server.port}"
    asked = "127.0.0.1" if server.host in {"0.0.0.0", ""} else "::1" if server.host == "::" else server.host  # noqa: S104 - is asked, not listened at
    try:
        with closing(HTTPConnection(asked, server.port, timeout=SECONDS)) as connection:
            connection.request("GET", "/healthz")
            body = connection.getresponse().read(200)
    except ConnectionRefusedError:
        return _free(server, where)
    except (OSError, HTTPException) as error:
        return Line("note", "server", f"{where} doesn't answer as oms does: {error}", "name another one in server.host and server.port")
    if body == b'{"status":"ok"}':
        return Line("ok", "server", f"oms answers at {where}")
    return Line("note", "server", f"another program answers at {where}", "name another one in server.port")


def _free(server: Server, where: str) -> Line:
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        socket.create_server((server.host, server.port), family=family).close()
    except OSError as error:
        return Line(
            "PROBLEM", "server", f"{where} can't be listened at: {error.strerror or error}", "name another one in server.host and server.port"
        )
    return Line("ok", "server", f"{where} is free; nobody serves at the configured address")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tracing(settings: Settings) -> Iterator[Line]:
    """Whether the collector takes traces; one that doesn't keeps nothing else from working."""
    try:
        traces = traces_of(settings)
    except InvalidSettings as error:
        yield from (Line("PROBLEM", "telemetry", str(problem)) for problem in error.problems)
        return
    if traces is not None:
        with closing(traces):
            fault = traces.try_out()
        yield _collector(settings.telemetry, fault)


def _collector(telemetry: Telemetry, fault: str | None) -> Line:
    if fault is None:
        return Line("ok", "telemetry", f"{telemetry.endpoint} takes traces")
    said = f"{telemetry.endpoint} takes no traces: {fault}"
    return Line("note", "telemetry", said, "see whether it runs, and whether telemetry.headers lets us in; all else goes on without it")
