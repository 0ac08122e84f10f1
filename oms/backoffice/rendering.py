"""Templates of pages, as HTML: in the sandbox of all templates, and with a policy that lets no script in but ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from oms import __version__
from oms.backoffice.sentences import teller
from oms.backoffice.static import addresses
from oms.documents.sandbox import Sandbox
from oms.documents.words import load_words
from oms.resources import resource_folder

FOLDER = "backoffice"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline, nothing from other hosts. `connect-src` is what htmx asks by."""
HEADERS = {"Content-Security-Policy": POLICY}
LOCALES = ("en", "de")
LANGUAGE = "oms-language"
"""The cookie that says which of them somebody chose."""


class Pages:
    """The templates that are shipped. A shop's own folder is not looked at: what a page is given changes with each release."""

    def __init__(self) -> None:
        self._sandbox = Sandbox([resource_folder("templates")])

    def html(self, name: str, given: Mapping[str, Any], *, locale: str) -> str:
        """A page's text; `given` are the template's names."""
        tongue = {"words": words_in(locale), "said": teller(locale), "locale": locale, "locales": LOCALES}
        around = {**tongue, "static": addresses(), "version": __version__}
        return self._sandbox.get_template(f"{FOLDER}/{name}").render({**around, **given})


@cache
def words_in(locale: str) -> dict[str, str]:
    """The words of the pages in one language."""
    return load_words([resource_folder("templates")], FOLDER, locale)


def locale_of(request: Request) -> str:
    """What somebody chose, else what their browser asks for, else English."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in LOCALES:
        return chosen
    asked = (part.split(";")[0].strip().lower()[:2] for part in request.headers.get("accept-language", "")[:200].split(","))
    return next((each for each in asked if each in LOCALES), LOCALES[0])


def page(request: Request, name: str, given: Mapping[str, Any], *, status: int = 200) -> Response:
    """A page as an answer."""
    pages: Pages = request.app.state.pages
    whole = {"path": _here(request), "site": None, "oidc": request.app.state.shop.settings.oidc is not None, **given}
    return HTMLResponse(pages.html(name, whole, locale=locale_of(request)), status, headers=HEADERS)


def _here(request: Request) -> str:
    """Where somebody who changes the language comes back to: what was read, never what was posted."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}" if request.method == "GET" else "/"
