"""`/api/v1/oidc`: login by an identity provider, for browsers. Without `[oidc]` in the settings there is nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from oms.accounts.login import LONGEST, log_out
from oms.accounts.vouched import log_in_vouched
from oms.api.documented import failing
from oms.api.entry import ShopHere, cookie_name, is_secure, person_here
from oms.bootstrap import Shop
from oms.errors import NotAdmitted, NotFound
from oms.ports.accounts import Account, Session
from oms.settings import Oidc

if TYPE_CHECKING:
    from oms.accounts.oidc import IdentityProvider

router = APIRouter(prefix="/oidc", include_in_schema=False)

CALLBACK = "/api/v1/oidc/callback"
_SEE_OTHER = 303


@router.get("/login", responses=failing())
def leave(request: Request, shop: ShopHere) -> Response:
    """Go to the provider. A cookie keeps what must come back; it reaches this address only by a link from there, and no script."""
    provider, _ = _configured(request, shop)
    url, departure = provider.leave()
    answer = RedirectResponse(url, _SEE_OTHER)
    _remember(request, answer, f"{cookie_name(request)}-oidc", departure.sealed(shop.link_key()), seconds=600)
    return answer


@router.get("/callback", responses=failing())
def come_back(request: Request, shop: ShopHere) -> Response:
    """Come back from there: a session of ours begins, as after a login with a password."""
    provider, settings = _configured(request, shop)
    from oms.accounts.oidc import Departure  # noqa: PLC0415 - needs the extra

    kept = request.cookies.get(f"{cookie_name(request)}-oidc", "")
    departure = Departure.opened(kept, shop.link_key(), now=shop.store.now())
    if departure is None:
        raise NotAdmitted("The login was refused: this browser began none, or too long ago. Begin anew: /api/v1/oidc/login")
    identity = provider.come_back(departure, said=dict(request.query_params))
    token, _ = log_in_vouched(shop.store, identity, roles=settings.roles)
    answer = RedirectResponse(settings.after, _SEE_OTHER)
    _remember(request, answer, cookie_name(request), token, seconds=int(LONGEST.total_seconds()))
    _forget(request, answer, f"{cookie_name(request)}-oidc")
    return answer


@router.post("/logout", responses=failing())
def log_out_everywhere(request: Request, shop: ShopHere, person: Annotated[tuple[Session, Account], Depends(person_here)]) -> Response:
    """Log out here, and go to the provider to log out there."""
    provider, settings = _configured(request, shop)
    log_out(shop.store, person[0])
    answer = RedirectResponse(provider.end_url(settings.address) or settings.address, _SEE_OTHER)
    _forget(request, answer, cookie_name(request))
    return answer


def _configured(request: Request, shop: Shop) -> tuple[IdentityProvider, Oidc]:
    settings = shop.settings.oidc
    if settings is None:
        raise NotFound("No identity provider is configured: people log in with POST /api/v1/session.")
    found: IdentityProvider | None = getattr(request.app.state, "identity_provider", None)
    if found is None:
        from oms.accounts.oidc import IdentityProvider  # noqa: PLC0415 - needs the extra, which only they install who configure it

        found = IdentityProvider(
            settings.issuer,
            client_id=settings.client_id,
            secret=settings.secret.get_secret_value().strip() if settings.secret else None,
            redirect_uri=f"{settings.address.rstrip('/')}{CALLBACK}",
            groups=settings.groups,
            now=shop.store.now,
        )
        request.app.state.identity_provider = found
    return found, settings


def _remember(request: Request, answer: Response, name: str, value: str, *, seconds: int) -> None:
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=is_secure(request), httponly=True, samesite="lax")


def _forget(request: Request, answer: Response, name: str) -> None:
    answer.delete_cookie(name, path="/", secure=is_secure(request), httponly=True, samesite="lax")
