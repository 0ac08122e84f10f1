"""A real browser at a real server: what it must never see is written down while it is driven, and told at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Playwright, Request, expect

from tests.acceptance.backoffice.browsing import PASSWORD

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    ".venv/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
"""The same as in ./run, which installs it."""
LOGIN = ("Mail address", "Password", "Log in")
"""The words of its form in English."""
SIZE = {"width": 1280, "height": 900}
PATIENCE = 20_000
"""Milliseconds until what is waited for counts as missing: on a busy machine it only takes longer."""
MATTERS = frozenset({"moderate", "serious", "critical"})
"""What axe may not find."""
EXPECTED = ("the server responded with a status of 4",)
"""Chromium writes each answer of 4xx to its console; pages of errors are asked for on purpose."""


def chromium() -> str:
    """Where the system's Chromium is."""
    found = next(filter(None, map(shutil.which, filter(None, (os.environ.get("OMS_CHROMIUM"), *NAMES)))), None)
    if found is None:
        raise FileNotFoundError("There is no Chromium here. Install it (Debian: apt-get install chromium), or say by OMS_CHROMIUM where it is.")
    return found


def launch(playwright: Playwright) -> Browser:
    """One browser without a window. As root its own sandbox is not to be had."""
    expect.set_options(timeout=PATIENCE)
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=chromium(), args=arguments)


@dataclass
class Watched:
    """What a browser did that it must not do. Playwright writes on those who listen to it, so it has no slots."""

    address: str
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """From now on, in all its tabs."""
        context.on("request", self._requested)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("dialog", self._asked)

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "about"} and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.faults.append(f"asked another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        """Violations of the policy for contents are errors of the console, too."""
        if message.type in {"error", "warning"} and not any(each in message.text for each in EXPECTED):
            self.faults.append(f"console: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.faults.append(f"a dialog of a script: {dialog.message}")
        dialog.dismiss()


@dataclass(slots=True)
class Driver:
    """Starts people's browsers at one server."""

    browser: Browser
    address: str
    words: tuple[str, str, str] = LOGIN  #: of the form for the login
    _sessions: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def person(self, email: str | None, *, theme: str = "light", size: dict[str, int] | None = None, script: bool = True) -> Iterator[Page]:
        """Somebody who is logged in, at a tab of their own; None: nobody is. Afterwards nothing may have been amiss."""
        watched = Watched(self.address)
        settings: Any = {"base_url": self.address, "viewport": size or SIZE, "color_scheme": theme, "java_script_enabled": script, "locale": "en-GB"}
        context = self.browser.new_context(**settings, storage_state=self._session(email) if email else None)
        context.set_default_timeout(PATIENCE)
        watched.watch(context)
        try:
            yield context.new_page()
        finally:
            context.close()
        assert watched.faults == []
        assert watched.requests != []

    def _session(self, email: str) -> Any:
        if email not in self._sessions:
            context = self.browser.new_context(base_url=self.address, locale="en-GB")
            log_in(context.new_page(), email, words=self.words)
            self._sessions[email] = context.storage_state()
            context.close()
        return self._sessions[email]


def log_in(page: Page, email: str, *, words: tuple[str, str, str] = LOGIN) -> None:
    """By the form."""
    address, password, enter = words
    page.goto("/login")
    page.get_by_label(address).fill(email)
    page.get_by_label(password).fill(PASSWORD)
    page.get_by_role("button", name=enter).click()
    page.wait_for_url("**/overview")


def barriers(page: Page) -> list[str]:
    """What axe finds on a page as it is shown now, all its menus open, from moderate on: the rule, and the first element that breaks it."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found: Sequence[Any] = Axe().run(page).response["violations"]
    return [f"{page.url}: {each['id']} ({each['impact']}) {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in MATTERS]


STOPS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter(each => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true }))"""
"""What a key must lead to."""


INSIDE = 20
"""Stops more at most: day, month and year of a date, boxes that can be scrolled."""


def out_of_reach(page: Page) -> list[str]:
    """What the Tab key doesn't lead to on a page, or without showing that it is there."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    stops: int = page.evaluate(f"({STOPS})().length")
    page.evaluate(f"window.missed = new Set(({STOPS})()); window.passed = new Set(); document.activeElement?.blur()")
    for _ in range(stops + INSIDE):
        page.keyboard.press("Tab")
        page.evaluate("""() => {
          const here = document.activeElement;
          if (here !== document.body) passed.add(here);
          if (getComputedStyle(here).outlineStyle !== "none") here.wasSeen = true;
        }""")
    page.evaluate("window.missed = [...new Set([...missed, ...passed])].filter(each => !each.wasSeen)")
    found: list[str] = page.evaluate("missed.map(each => each.outerHTML.slice(0, 200))")
    return found


TOO_WIDE = """() => {
  const isWide = each => each.scrollWidth > each.clientWidth;
  return isWide(document.documentElement) || [...document.querySelectorAll(".scroll:not([tabindex])")].some(isWide);
}"""


def too_wide(page: Page) -> bool:
    """Whether a page scrolls sideways, or a table in it: only pictures and what describes a process may, in boxes that keys reach, too."""
    return bool(page.evaluate(TOO_WIDE))
