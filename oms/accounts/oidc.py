"""Login by an identity provider (OpenID Connect): authorization code with PKCE, state and nonce. Who it vouches for; what they may is said elsewhere.

Needs the extra `oidc`, and is imported only where a provider is configured. What the browser keeps between leaving and coming back is signed by us.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2 as httpx
from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from oms.errors import NotAdmitted, ProviderUnavailable

AWAY = timedelta(minutes=10)
"""So long somebody may take to log in there."""
SKEW = 60
"""Seconds by which the provider's clock may differ from ours."""
_SECONDS = 10.0
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""No `none`, and nothing that is signed with what both know."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What the browser brings back, so that nobody comes back who didn't leave."""

    state: str
    nonce: str
    verifier: str
    until: float  #: seconds since 1970

    def sealed(self, key: bytes) -> str:
        """As a cookie holds it."""
        said = base64.urlsafe_b64encode(json.dumps(asdict(self)).encode())
        return f"{said.decode()}.{_seal(said, key)}"

    @classmethod
    def opened(cls, sealed: str, key: bytes, *, now: datetime) -> Departure | None:
        """None: it isn't ours, or they were away for too long."""
        said, _, seal = sealed.partition(".")
        if not hmac.compare_digest(_seal(said.encode("utf-8", "surrogatepass"), key).encode(), seal.encode("utf-8", "surrogatepass")):
            return None
        found = cls(**json.loads(base64.urlsafe_b64decode(said)))
        return found if now.timestamp() < found.until else None


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for."""

    issuer: str
    subject: str  #: as whom it knows them, for ever
    email: str
    is_verified: bool  #: it says that the address is theirs
    name: str
    groups: tuple[str, ...]


class IdentityProvider:
    """One provider, as it describes itself; its keys are fetched anew when a token names one that isn't known."""

    def __init__(self, issuer: str, *, client_id: str, secret: str | None, redirect_uri: str, groups: str, now: Callable[[], datetime]) -> None:
        """Nothing is asked yet.

        Args:
            issuer: Its address; `/.well-known/openid-configuration` follows.
            client_id: As whom it knows us.
            secret: What only it and we know; None: a public client, PKCE alone.
            redirect_uri: Where people come back to.
            groups: The claim that names their groups.
            now: The clock.
        """
        self.issuer, self._client_id, self._secret, self._redirect_uri, self._groups = issuer, client_id, secret, redirect_uri, groups
        self._now = now
        self._described: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def leave(self) -> tuple[str, Departure]:
        """Where the browser goes now, and what it keeps meanwhile.

        Raises:
            ProviderUnavailable: it doesn't say where.
        """
        until = (self._now() + AWAY).timestamp()
        departure = Departure(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), until)
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"), state=departure.state, nonce=departure.nonce, code_verifier=departure.verifier
            )
        return str(url), departure

    def come_back(self, departure: Departure, *, said: Mapping[str, str]) -> Identity:
        """Whom it vouches for.

        Args:
            departure: What this browser kept.
            said: The query with which it came back.

        Raises:
            NotAdmitted: the state is another one's, the provider refused, or what it says isn't true.
            ProviderUnavailable: it doesn't answer.
        """
        if not hmac.compare_digest(said.get("state", "").encode("utf-8", "surrogatepass"), departure.state.encode()):
            raise _refused("this answer is for another login")
        if said.get("iss", self.issuer) != self.issuer:  # RFC 9207: whoever answers says who they are
            raise _refused("another provider answered")
        if "code" not in said:
            raise _refused(f"the provider said {said.get('error', 'nothing')[:40]!r}")
        try:
            with self._client() as client:
                answer = client.fetch_token(self._endpoint("token_endpoint"), code=said["code"], code_verifier=departure.verifier)
        except OAuthError as error:
            raise _refused(f"the provider said {str(error.error)[:40]!r}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise self._silent(error) from error
        return self._identity(self._claims(str(answer.get("id_token", "")), departure.nonce))

    def end_url(self, back: str) -> str | None:
        """Where the browser goes to log out there, too (RP-initiated logout); None: it knows no such thing."""
        end = self._description().get("end_session_endpoint")
        return f"{end}?{urlencode({'client_id': self._client_id, 'post_logout_redirect_uri': back})}" if end else None

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        wanted = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=SKEW,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = self._decoded(token)
            wanted.validate(dict(claims))
        except (JoseError, ValueError) as error:
            raise _refused(f"its token doesn't hold ({type(error).__name__})") from error
        if claims.get("azp", self._client_id) != self._client_id or not isinstance(claims["sub"], str):
            raise _refused("its token is for somebody else")
        return claims

    def _decoded(self, token: str) -> Mapping[str, Any]:
        """A key that isn't known, or doesn't fit, may be new: the provider is asked once more."""
        try:
            return jwt.decode(token, self._key_set(), algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError):
            self._keys = None
            return jwt.decode(token, self._key_set(), algorithms=_ALGORITHMS).claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        email, named, groups = claims.get("email"), claims.get("name"), claims.get(self._groups, [])
        if not isinstance(email, str):
            raise _refused("it tells no mail address: let it tell the claim email")
        found = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        name = named if isinstance(named, str) and named.strip() else email
        return Identity(self.issuer, claims["sub"], email, claims.get("email_verified") is True, name, tuple(str(group) for group in found))

    def _key_set(self) -> KeySet:
        if self._keys is None:
            self._keys = KeySet.import_key_set(self._asked(self._endpoint("jwks_uri")))
        return self._keys

    def _endpoint(self, name: str) -> str:
        found = self._description().get(name)
        if not isinstance(found, str):
            raise ProviderUnavailable(f"The identity provider {self.issuer} names no {name}.")
        return found

    def _description(self) -> Mapping[str, Any]:
        if self._described is None:
            described = self._asked(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if described.get("issuer") != self.issuer:
                raise ProviderUnavailable(f"The identity provider calls itself {str(described.get('issuer'))[:80]!r}: write oidc.issuer exactly so.")
            self._described = described
        return self._described

    def _asked(self, url: str) -> Any:
        try:
            with httpx.Client(timeout=_SECONDS) as client:
                answer = client.get(url).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._silent(error) from error
        if not isinstance(answer, dict):
            raise self._silent(ValueError("that is no JSON object"))
        return answer

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._secret,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            scope="openid email profile",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    def _silent(self, error: Exception) -> ProviderUnavailable:
        return ProviderUnavailable(f"The identity provider {self.issuer} didn't answer as it should: {type(error).__name__}. Try again in a moment.")


def _seal(said: bytes, key: bytes) -> str:
    return hmac.new(key, b"oidc:" + said, hashlib.sha256).hexdigest()


def _refused(why: str) -> NotAdmitted:
    return NotAdmitted(f"The login was refused: {why}. Begin anew: /api/v1/oidc/login")
