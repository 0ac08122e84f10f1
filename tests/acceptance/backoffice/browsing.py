"""Somebody before a browser without JavaScript: reads pages, fills in the forms that are there, presses the buttons that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
from lxml import html

from oms.bootstrap import Shop, open_shop
from oms.demo.ground import ATELIER, ATELIER_SELLER
from tests.builders import MovedClock, make_shop

PASSWORD = "four words that fit"


def said(element: Any) -> str:
    """Its text as it is read: without markup, spaces as one."""
    return " ".join(" ".join(element.itertext()).split())


class Page:
    """What is shown."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.headers, self.source = answer.status_code, answer.headers, answer.text
        parts = urlsplit(str(answer.url))
        self.path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.tree = html.fromstring(answer.text)
        for each in self.tree.cssselect("[hidden]"):  # a script shows it, and none runs here
            each.drop_tree()

    @property
    def text(self) -> str:
        """As it is read: without markup, spaces as one."""
        return said(self.tree)

    def part(self, selector: str) -> str:
        """The text of the first element that a CSS selector finds."""
        return said(self.tree.cssselect(selector)[0])

    def parts(self, selector: str) -> list[str]:
        """Of all of them."""
        return [said(each) for each in self.tree.cssselect(selector)]

    def buttons(self) -> list[str]:
        """What can be pressed in the content."""
        return self.parts("main .btn:not([data-zoom])")

    def form(self, button: str) -> Any:
        """The form of the button with this text, open forms first."""
        found = [form for form in self.tree.cssselect("form") if any(said(each) == button for each in form.cssselect("button"))]
        assert found, (button, self.buttons())
        return next((form for form in found if form.getparent().tag == "dialog"), found[0])


class Browser:
    """Who keeps cookies, and says where a request comes from, as all browsers do."""

    def __init__(self, client: httpx.Client, *, language: str = "en") -> None:
        client.headers["Accept-Language"] = language
        client.follow_redirects = True
        self.client = client

    def open(self, path: str) -> Page:
        """Type an address."""
        return Page(self.client.get(path, headers={"Sec-Fetch-Site": "none"}))

    def press(self, page: Page, button: str, **typed: str) -> Page:
        """Press a button, after something was typed; or follow the link that looks like one."""
        links = [link for link in page.tree.cssselect("a") if said(link) == button]
        if links and not typed:
            return self.open(links[0].get("href"))
        form = page.form(button)
        pressed = next(each for each in form.cssselect("button") if said(each) == button)
        named = [(pressed.get("name"), pressed.get("value", ""))] if pressed.get("name") else []
        return self.submit(form, typed, named)

    def submit(self, form: Any, typed: dict[str, str] | None = None, pressed: Sequence[tuple[str, str]] = ()) -> Page:
        """Post a form with what is in it, and with what the button says that was pressed."""
        missing = set(typed or {}) - set(form.fields)
        assert not missing, missing
        values = [(name, value) for name, value in form.form_values() if name not in (typed or {})]
        body = urlencode([*values, *(typed or {}).items(), *pressed])
        return Page(self.client.post(form.get("action"), content=body, headers={"Sec-Fetch-Site": "same-origin"} | FORM))

    def send(self, form: Any, typed: dict[str, str]) -> Page:
        """A form with this in it, as its method says."""
        if form.method == "POST":
            return self.submit(form, typed)
        return self.open(f"{form.get('action')}?{urlencode({**dict(form.form_values()), **typed})}")

    def find(self, path: str, said: str) -> Page:
        """Say something in the search box of a list."""
        form = self.open(path).form("Search")
        values = [(name, value) for name, value in form.form_values() if name != "q"]
        return self.open(f"{form.get('action')}?{urlencode([*values, ('q', said)])}")

    def log_in(self, email: str, path: str = "/") -> Page:
        """Come in, at an address."""
        return self.press(self.open(path), "Log in" if self.client.headers["Accept-Language"] == "en" else "Anmelden", email=email, password=PASSWORD)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@contextmanager
def shop_of_two_stores(folder: Path, *, config: str = ATELIER) -> Iterator[Shop]:
    """`main`, and the demo's `atelier` with this configuration."""
    make_shop(folder, config=config)
    with (folder / "config" / "seller.toml").open("a", encoding="utf-8") as file:
        file.write(ATELIER_SELLER)
    with open_shop(folder, clock=MovedClock()) as shop:
        shop.deploy()
        yield shop
