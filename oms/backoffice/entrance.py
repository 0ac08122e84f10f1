"""`/login`, `/logout`, `/language`, and `/`, which leads to where somebody works."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from oms.accounts.login import log_in, log_out
from oms.api.entry import ShopHere, forget_session, is_from_here, is_secure, keep_session, person_here
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import LANGUAGE, LOCALES, locale_of, page, words_in
from oms.backoffice.visitor import stores_of
from oms.errors import NotAdmitted, NotAllowed, TooManyTries
from oms.ports.accounts import Account, Session

router = APIRouter(route_class=PageRoute)

Person = Annotated[tuple[Session, Account], Depends(person_here)]
Typed = Annotated[Form, Depends(form_of)]

KEPT, RESUMES = "kept.", "resumes"
"""What stands before the names of fields that wait until somebody has logged in again; and that there was a form, perhaps without any."""
_UNSEEN = ("key", "expect", "dialog", "content")
"""Fields that nobody has typed."""
_TITLES = {
    "text": "comment",
    "reason": "reason",
    "amount": "amount",
    "reference": "bank_reference",
    "paid_on": "paid_on",
    "address": "address_other",
    "email": "email",
    "name": "customer_name",
    "event": "event",
    "item": "item",
    "order": "order",
    "url": "webhook_url",
    "days": "key_days",
}
"""Names of fields to the words that stand beside them in their forms."""
_YEAR = 365 * 24 * 3600


@router.get("/")
def begin(shop: ShopHere, person: Person) -> Response:
    """Where somebody works: their first store."""
    stores = stores_of(person[1], shop)
    if not stores:
        raise NotAllowed("Your account opens no store. Somebody who manages people gives you a role: oms user role.")
    return RedirectResponse(f"/stores/{stores[0]}/overview", 303)


@router.get("/login")
def ask(request: Request) -> Response:
    """Ask who it is."""
    return page(request, "login.html", _asked(request.query_params.get("next", "")))


@router.post("/login")
def enter(request: Request, shop: ShopHere, form: Typed) -> Response:
    """Log in, and go on where somebody wanted to go, or with the form that they had filled in."""
    if not is_from_here(request):
        raise NotAllowed("The request comes from another site. Nothing was done.")
    email, password = form.one("email")[:254], next(iter(form.every("password")), "")[:200]
    kept = tuple((name.removeprefix(KEPT), value) for name, value in form.pairs if name.startswith(KEPT))
    resumes = bool(kept or form.one(RESUMES))  # a button may have been all that there was
    wanted = local(form.one("next"))
    wanted = "/" if wanted.startswith("/login") else wanted
    try:
        token, _ = log_in(shop.store, email, password, address=request.client.host if request.client else "")
    except NotAdmitted:
        return page(request, "login.html", _asked(wanted, kept=kept, resumes=resumes, bar="login_wrong", email=email), status=401)
    except TooManyTries as error:
        wait = str(-(-error.seconds // 60))
        asked = _asked(wanted, kept=kept, resumes=resumes, bar="login_too_often", email=email, wait=wait)
        return page(request, "login.html", asked, status=429)
    response = page(request, "resume.html", _resumed(request, wanted, kept)) if resumes else RedirectResponse(wanted, 303)
    keep_session(request, response, token)
    return response


@router.post("/logout")
def leave(request: Request, shop: ShopHere, person: Person) -> Response:
    """Log out."""
    log_out(shop.store, person[0])
    response = RedirectResponse("/login", 303)
    forget_session(request, response)
    return response


@router.post("/language")
def choose(request: Request, form: Typed) -> Response:
    """Choose a language; the browser keeps it."""
    response = RedirectResponse(local(form.one("next")), 303)
    if form.one("language") in LOCALES:
        response.set_cookie(LANGUAGE, form.one("language"), max_age=_YEAR, path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return response


def local(address: str) -> str:
    """An address of ours that somebody is led to; any other one leads to the beginning (S19: no open redirect)."""
    parts = urlsplit(address) if address.isprintable() and "\\" not in address else None
    is_ours = parts is not None and address.startswith("/") and not address.startswith("//") and not parts.netloc and not parts.scheme
    return address if is_ours and not address.startswith(("/logout", "/language")) else "/"


def _asked(
    wanted: str, *, kept: tuple[tuple[str, str], ...] = (), resumes: bool = False, bar: str = "", email: str = "", wait: str = ""
) -> dict[str, object]:
    return {"next": local(wanted), "kept": kept, "resumes": resumes, "bar": bar, "email": email, "wait": wait}


def _resumed(request: Request, wanted: str, kept: tuple[tuple[str, str], ...]) -> dict[str, object]:
    """What was about to be sent, under the words of its form; empty ones and what nobody typed go along unseen."""
    words = words_in(locale_of(request))
    fields = [
        {
            "name": name,
            "value": value,
            "title": words.get(_TITLES.get(name, ""), name.rpartition(".")[2]),
            "seen": bool(value) and name not in _UNSEEN,
        }
        for name, value in kept
    ]
    return {"action": wanted, "fields": fields, "typed": any(each["seen"] for each in fields)}
