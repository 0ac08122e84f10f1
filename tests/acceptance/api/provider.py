"""A small identity provider: it describes itself, holds keys of its own, and gives tokens for codes, as a real one does, over loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "oms", "known-to-both-of-them"
JANA = {"sub": "u-17", "email": "jana@shop.example", "email_verified": True, "name": "Jana Novak", "groups": ["shop-clerks"]}


class Provider:
    """What it knows: its keys, and who was given a code."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = _new_key()
        self.codes: dict[str, tuple[Mapping[str, str], dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.is_down = False

    def turn_keys(self) -> None:
        """A new key; the old one counts no longer."""
        self.key = _new_key()

    def authorize(self, url: str, *, now: float, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """Somebody logs in at the address that oms sent them to. Returns the query with which they come back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}.items() <= asked.items()
        code = secrets.token_urlsafe(8)
        said = JANA | {"iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"], "iat": int(now), "exp": int(now) + 300} | claims
        told = {key: value for key, value in said.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": self.key.kid, **(header or {})}, told, self.key)
        self.codes[code] = asked, {"id_token": token, "access_token": "x", "token_type": "Bearer"}
        return f"code={code}&state={asked['state']}"

    def answer(self, path: str, form: Mapping[str, str], authorization: str) -> tuple[int, Any]:
        """To a request."""
        self.asked.append(path)
        if self.is_down:
            return 500, {}
        if path == "/.well-known/openid-configuration":
            at = {name: f"{self.issuer}/{name.split('_')[0]}" for name in ("authorization_endpoint", "token_endpoint", "end_session_endpoint")}
            return 200, {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **at}
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path != "/token" or authorization != "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode():
            return 401, {"error": "invalid_client"}
        asked, told = self.codes.pop(form.get("code", ""), ({}, {}))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not asked or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, told


@contextmanager
def identity_provider() -> Iterator[Provider]:
    """Until the block ends."""
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._tell({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            self._tell({name: values[0] for name, values in parse_qs(body).items()})

        def _tell(self, form: Mapping[str, str]) -> None:
            status, told = provider.answer(urlsplit(self.path).path, form, self.headers.get("Authorization", ""))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})
