"""An account at Stripe beside a shop, so that `docs/shop.md` can be walked without one: the stub at a port, and its messages to an endpoint.

python -m tests.stripe_account 8769 http://127.0.0.1:8765/webhooks/stripe whsec_of_the_endpoint
"""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import sys
import time
import uuid
from collections.abc import Mapping
from functools import partial
from threading import Thread
from typing import Any

import httpx2 as httpx

from tests.stripe_stub import stripe_stub


def send(endpoint: str, secret: str, kind: str, thing: Mapping[str, Any]) -> None:
    """One message, signed by Stripe's scheme (https://docs.stripe.com/webhooks)."""
    body = json.dumps({"id": f"evt_{uuid.uuid4().hex}", "object": "event", "type": kind, "data": {"object": thing}}).encode()
    at = str(int(time.time()))
    signature = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={signature}"}
    httpx.post(endpoint, content=body, headers=headers, timeout=30).raise_for_status()


def serve(port: int, endpoint: str, secret: str) -> None:
    """Until somebody ends it."""
    send_here = partial(send, endpoint, secret)
    with stripe_stub(port=port) as stub:
        stub.tell = lambda kind, thing: Thread(target=send_here, args=(kind, thing)).start()  # after the answer, as Stripe does
        signal.sigwait([signal.SIGTERM, signal.SIGINT])


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    serve(int(sys.argv[1]), *sys.argv[2:4])
