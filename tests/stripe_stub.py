"""Stripe as its API answers, as far as oms asks it: a real server on loopback that remembers what was moved, and can lose its answers.

`tests/unit/providers/test_stripe_stub.py` asks it with Stripe's own package, so its shapes are those that package reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, RLock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

API_KEY = "sk_test_of_the_stub"
LOST, SILENT = "lost", "silent"
"""What becomes of the next answer: the line is cut before it, or nothing comes at all. What was asked for is done."""

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    key: str | None  #: Idempotency-Key
    form: Mapping[str, str]
    version: str | None


def error(status: int, kind: str, message: str, **more: str) -> Answer:
    return status, {"error": {"type": kind, "message": message, **more}}


DECLINED = error(402, "card_error", "Your card was declined.", code="card_declined", decline_code="do_not_honor")
TOO_MANY = error(429, "invalid_request_error", "Too many requests hit the API too quickly.", code="rate_limit")
BROKEN = error(500, "api_error", "An unknown error occurred.")
IN_USE = error(409, "idempotency_error", "There is currently another in-progress request using this Idempotent Key.", code="idempotency_key_in_use")


@dataclass
class Stub:
    """Its account, and what happens to the next answers."""

    page: int = 2  #: refunds on a page at most: whoever wants all turns pages
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    scripted: list[str | Answer] = field(default_factory=list)  #: for POSTs, in turn; an Answer is given instead of doing anything
    refunds_are: str = "succeeded"
    is_down: bool = False  #: nothing is done, and each answer is a 500
    let_go: Event = field(default_factory=Event)
    url: str = ""
    tell: Callable[[str, Mapping[str, Any]], None] | None = None  #: told the type of each message that Stripe would send, and its object
    _kept: dict[str, tuple[Mapping[str, str], Answer]] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    @property
    def posts(self) -> list[Asked]:
        return [each for each in self.asked if each.method == "POST"]

    def has_paid(self, intent: str, amount: int, currency: str = "eur", **more: Any) -> None:
        self.intents[intent] = _intent(intent, amount, currency) | {"amount_received": amount, "status": "succeeded"} | more

    def has_authorized(self, intent: str, amount: int, currency: str = "eur") -> None:
        self.intents[intent] = _intent(intent, amount, currency) | {"amount_capturable": amount, "status": "requires_capture"}

    def made_by_somebody(self, intent: str, amount: int) -> dict[str, Any]:
        """A refund on Stripe's own pages."""
        return self._refunded({"payment_intent": intent, "amount": str(amount)})[1]

    def answer(self, asked: Asked) -> Answer | str:
        """What is answered; `LOST` or `SILENT` if nothing is."""
        with self._lock:
            if self.is_down:
                return BROKEN
            self.asked.append(asked)
            if asked.method == "GET":
                return self._read(asked)
            script = self.scripted.pop(0) if self.scripted else None
            if isinstance(script, tuple):
                return script
            kept = self._kept.get(asked.key or "")
            if kept is not None and kept[0] != asked.form:
                said = "Keys for idempotent requests can only be used with the same parameters they were first used with."
                return error(400, "idempotency_error", said)
            done = kept[1] if kept is not None else self._done(asked)
            if asked.key and done[0] == 200:
                self._kept[asked.key] = (asked.form, done)
            return script or done

    def _read(self, asked: Asked) -> Answer:
        if asked.path == "/v1/refunds":
            found = [each for each in reversed(self.refunds) if each["payment_intent"] == asked.form["payment_intent"]]
            ids = [each["id"] for each in found]
            rest = found[ids.index(asked.form["starting_after"]) + 1 :] if "starting_after" in asked.form else found
            most = min(self.page, int(asked.form.get("limit", "10")))
            return 200, {"object": "list", "data": rest[:most], "has_more": len(rest) > most, "url": "/v1/refunds"}
        return self._known(asked.path.rpartition("/")[2])

    def _known(self, intent: str) -> Answer:
        found = self.intents.get(intent)
        missing = error(404, "invalid_request_error", f"No such payment_intent: '{intent}'", code="resource_missing", param="intent")
        return missing if found is None else (200, found)

    def _done(self, asked: Asked) -> Answer:
        if asked.path == "/v1/refunds":
            return self._refunded(asked.form)
        if asked.path == "/v1/payment_intents":
            return self._begun(asked.form)
        intent = asked.path.split("/")[3]
        found = self.intents.get(intent)
        if found is None or found["status"] != "requires_capture":
            said = "This PaymentIntent could not be captured because it has a status of canceled."
            return error(400, "invalid_request_error", said, code="payment_intent_unexpected_state")
        found |= {"amount_received": int(asked.form["amount_to_capture"]), "amount_capturable": 0, "status": "succeeded"}
        return 200, dict(found)

    def _begun(self, form: Mapping[str, str]) -> Answer:
        """A payment that its customer has agreed to in the same breath (`confirm`)."""
        intent, amount = f"pi_{len(self.intents) + 1}", int(form["amount"])
        if form.get("capture_method") == "manual":
            self.has_authorized(intent, amount, form["currency"])
        else:
            self.has_paid(intent, amount, form["currency"], capture_method="automatic")
        made = self.intents[intent]
        made["metadata"] = _metadata(form)
        if self.tell is not None:
            is_held = made["status"] == "requires_capture"
            self.tell(f"payment_intent.{'amount_capturable_updated' if is_held else 'succeeded'}", dict(made))
        return 200, made

    def _refunded(self, form: Mapping[str, str]) -> Answer:
        status, intent = self._known(form["payment_intent"])
        if status != 200:
            return status, intent
        gone = sum(each["amount"] for each in self.refunds if each["payment_intent"] == intent["id"] and each["status"] != "failed")
        left, amount = intent["amount_received"] - gone, int(form.get("amount", intent["amount_received"] - gone))
        if left == 0:
            return error(400, "invalid_request_error", "Charge ch_1 has already been refunded.", code="charge_already_refunded")
        if amount > left:
            said = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            return error(400, "invalid_request_error", said, param="amount")
        refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "charge": "ch_1",
            "metadata": _metadata(form),
            "status": self.refunds_are,
            **({"failure_reason": "expired_or_canceled_card"} if self.refunds_are == "failed" else {}),
            "created": 1_795_000_000,
            "reason": None,
        }
        self.refunds.append(refund)
        return 200, refund


def _metadata(form: Mapping[str, str]) -> dict[str, str]:
    return {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}


def _intent(intent: str, amount: int, currency: str) -> dict[str, Any]:
    return {
        "id": intent,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "currency": currency,
        "capture_method": "manual",
        "latest_charge": "ch_1",
        "metadata": {},
        "status": "requires_payment_method",
        "created": 1_795_000_000,
    }


class _Desk(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(parts.path, dict(parse_qsl(parts.query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(self.path, dict(parse_qsl(body.decode())))

    def _answer(self, path: str, form: Mapping[str, str]) -> None:
        stub = self.server.stub
        if self.headers["Authorization"] != f"Bearer {API_KEY}":
            answer: Answer | str = error(401, "invalid_request_error", "Invalid API Key provided: sk_test_****tub")
        else:
            answer = stub.answer(Asked(self.command, path, self.headers["Idempotency-Key"], form, self.headers["Stripe-Version"]))
        if isinstance(answer, str):
            if answer == SILENT:
                stub.let_go.wait(60)
            self.close_connection = True
            return
        body = json.dumps(answer[1]).encode()
        self.send_response(answer[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


class _Server(ThreadingHTTPServer):
    def __init__(self, stub: Stub, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Desk)
        self.stub = stub

    def handle_error(self, *_arguments: object) -> None:
        """Whoever was killed leaves; nothing is printed."""


@contextmanager
def stripe_stub(*, port: int = 0) -> Iterator[Stub]:
    stub = Stub()
    server = _Server(stub, port)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        stub.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
