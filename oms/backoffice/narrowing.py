"""Which filters exclude everything: each of a list that is empty, as a link to the list without it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode


def without(at: str, asked: Mapping[str, str], said: Mapping[str, str]) -> list[dict[str, str]]:
    """The list by each of its filters less.

    Args:
        at: The list's address.
        asked: What it is narrowed to, as it stands in the address; empty ones are no filters.
        said: How each filter reads.
    """
    chosen = {name: value for name, value in asked.items() if value}
    return [{"text": said[name], "address": _address(at, {key: value for key, value in chosen.items() if key != name})} for name in chosen]


def _address(at: str, asked: Mapping[str, str]) -> str:
    return f"{at}?{urlencode(asked)}" if asked else at
