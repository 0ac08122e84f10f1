"""`/invitation`: who was invited chooses a password, once, and logs in with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.accounts.people import accept
from oms.api.entry import ShopHere, is_from_here
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import page
from oms.errors import InvalidInput, NotAdmitted, NotAllowed

router = APIRouter(prefix="/invitation", route_class=PageRoute)


@router.get("")
def ask(request: Request, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Ask for a password."""
    return page(request, "invitation.html", {"token": token, "fault": "", "wrong": {}})


@router.post("")
def choose(request: Request, shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Keep it; the invitation counts no longer."""
    if not is_from_here(request):
        raise NotAllowed("The request comes from another site. Nothing was done.")
    token, password = form.one("token")[:100], next(iter(form.every("password")), "")[:200]
    try:
        accept(shop.store, token, password=password)
    except NotAdmitted as error:
        return page(request, "invitation.html", {"token": "", "fault": str(error), "wrong": {}}, status=401)
    except InvalidInput as error:
        wrong = {"password": " ".join(f"The password {problem.sentence}" for problem in error.problems)}
        return page(request, "invitation.html", {"token": token, "fault": "", "wrong": wrong}, status=422)
    return RedirectResponse("/login", 303)
