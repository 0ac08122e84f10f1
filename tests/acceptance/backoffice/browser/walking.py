"""All pages that can be reached by links: one of each kind, so that a page that is added is walked without a word here."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page

KIND = re.compile(r"(?<=/)(orders|processes|mailbox|webhooks|bulk)/[^/?]+")
MOST = 100
"""Kinds of pages; more would be a trap without an end."""


def kind_of(address: str) -> str:
    """What stands for all pages that are alike: without references, numbers, searches; the form that is open is part of it."""
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"item", "number"}]
    asked = {name: value if name in {"dialog", "event", "view"} else "" for name, value in kept}
    path = KIND.sub(r"\1/…", parts.path)
    return f"{path}?{sorted(asked.items())}"


def links(page: Page) -> list[str]:
    """Where the page leads to within this server, but for files."""
    found = page.eval_on_selector_all("a[href]:not([download]):not([hx-boost=false])", "all => all.map(each => each.getAttribute('href'))")
    here = [address for address in found if address.startswith("/") and not address.startswith(("/api/", "//"))]
    return [address for address in here if not urlsplit(address).path.endswith((".csv", ".pdf", ".zip"))]


def walk(page: Page, begin: Iterable[str], look: Callable[[Page], None]) -> list[str]:
    """Open those to begin with, and a page of each kind that links lead to, and look at them; returns their addresses."""
    waiting, seen, opened = deque(begin), set[str](), list[str]()
    wanted = set(waiting)
    while waiting:
        address = waiting.popleft()
        is_wanted = address in wanted
        if not is_wanted and kind_of(address) in seen:
            continue
        wanted.discard(address)
        seen.add(kind_of(address))
        assert len(opened) < MOST, opened
        answer = page.goto(address)
        assert answer is not None
        assert answer.status in ({200, 422} if is_wanted else {200}), (address, answer.status)
        opened.append(address)
        look(page)
        waiting.extend(links(page))
    return opened
