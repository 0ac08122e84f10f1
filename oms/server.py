"""`oms serve`: API and pages in uvicorn, with a worker beside it in the same process unless others work.

Both end as they should: first nothing new is accepted and what has begun is answered, then the worker finishes what it has in hand.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from contextlib import closing
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from oms.api.requests import LARGEST_HEAD
from oms.backoffice import make_site
from oms.bootstrap import Shop
from oms.errors import OmsError
from oms.tracing import flush
from oms.worker import GRACE, Worker

log = logging.getLogger(__name__)

BACKLOG = 2048


class Server(uvicorn.Server):
    """One that a second signal ends at once."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT."""
        if self.should_exit:
            os._exit(130)
        super().handle_exit(sig, frame)


def serve(shop: Shop, *, host: str, port: int, works: bool) -> None:
    """Answer requests until SIGTERM or SIGINT; a second one ends at once.

    Args:
        shop: Whose.
        host: An address of this machine.
        port: 0: any that is free; the log says which.
        works: Whether this process is a worker, too.

    Raises:
        OmsError: the address can't be had.
    """
    with closing(listening_at(host, port)) as listening:
        server = _server(shop)

        def end(_number: int, _frame: FrameType | None) -> None:
            """Before uvicorn listens to signals, and when it raises its own once more at its end: there is still something to do."""
            server.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        worker = Worker(shop) if works else None
        working = threading.Thread(target=worker.run, name="worker", daemon=True) if worker else None
        if working:
            working.start()
        _tell(listening)
        server.run(sockets=[listening])
    if worker and working:
        worker.stop()
        working.join()
    if worker and not worker.is_whole:
        log.warning("what has not ended after %d s is cut off: another worker has it soon", GRACE)
        flush()
        logging.shutdown()
        os._exit(0)  # the interpreter would wait for its threads


def _tell(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    log.info("oms answers at http://%s:%d", f"[{host}]" if ":" in host else host, port)


def configured(shop: Shop) -> Any:
    """The interface, behind the proxies that it believes: what they say of where a request comes from counts, and what others say doesn't (S20)."""
    proxies = list(shop.settings.server.proxies)
    app: Any = make_site(shop)
    return ProxyHeadersMiddleware(app, trusted_hosts=proxies) if proxies else app


def _server(shop: Shop) -> Server:
    config = uvicorn.Config(
        configured(shop),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        timeout_graceful_shutdown=int(GRACE),
    )
    return Server(config)


def listening_at(host: str, port: int) -> socket.socket:
    """A socket on which connections wait; 0: any port that is free.

    Raises:
        OmsError: the address can't be had.
    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition(" (while ")[0]  # Python adds the address once more, as a tuple
        raise OmsError(f"{host} port {port} can't be listened at: {reason}. Name another with --host and --port.") from error
    # Connections inherit it. asyncio sets it for sockets that say "TCP", which this one doesn't: answers in two pieces would wait 40 ms for an ACK.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
