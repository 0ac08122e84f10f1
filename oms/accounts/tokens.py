"""What only its holder knows: made here, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, as text of 43 characters. None begins with `-`: a command would take it for an option."""
    while (token := secrets.token_urlsafe(32)).startswith("-"):
        pass
    return token


def token_hash(token: str) -> str:
    """As it is kept. It has 256 random bits: a slow hash would only cost time."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
