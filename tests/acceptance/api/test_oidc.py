"""People log in by an identity provider: whom it vouches for comes in with the roles of their groups, and nobody else does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from joserfc.jwk import RSAKey

from oms.accounts.people import change_account, create_account
from oms.bootstrap import Shop
from oms.errors import InvalidSettings
from oms.settings import load_settings
from tests.acceptance.api.provider import CLIENT, SECRET, Provider, identity_provider
from tests.acceptance.api.serving import answering, client_of
from tests.architecture.sources import ROOT
from tests.builders import MovedClock, make_shop, open_test_shop

LOGIN, CALLBACK, SESSION = "/api/v1/oidc/login", "/api/v1/oidc/callback", "/api/v1/session"
EMAIL = "jana@shop.example"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with identity_provider() as there:
        yield there


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


def configured(issuer: str, address: str = "http://127.0.0.1:1") -> str:
    return (
        f'[oidc]\nissuer = "{issuer}"\nclient_id = "{CLIENT}"\nsecret_file = "secrets/oidc"\naddress = "{address}"\n'
        '[oidc.roles]\nshop-clerks = ["clerk"]\nshop-admins = ["admin", "clerk@main"]\n'
    )


@pytest.fixture
def shop(tmp_path: Path, database_url: str, clock: MovedClock, provider: Provider) -> Iterator[Shop]:
    database = None if database_url.startswith("sqlite") else database_url
    folder = tmp_path / "shop"
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "oidc").write_text(f"{SECRET}\n", encoding="utf-8")
    with open_test_shop(folder, clock=clock, database=database, config=configured(provider.issuer)) as opened:
        yield opened


@pytest.fixture
def browser(shop: Shop) -> Iterator[httpx.Client]:
    with answering(shop) as address, client_of(address) as client:
        client.headers["Sec-Fetch-Site"] = "same-origin"
        yield client


def leave(browser: httpx.Client) -> str:
    """Begin a login. Returns where the browser is sent."""
    answer = browser.get(LOGIN)
    assert (answer.status_code, "HttpOnly" in answer.headers["Set-Cookie"]) == (303, True)
    return answer.headers["Location"]


def log_in(browser: httpx.Client, provider: Provider, clock: MovedClock, **claims: Any) -> httpx.Response:
    """The whole way."""
    return browser.get(f"{CALLBACK}?{provider.authorize(leave(browser), now=clock().timestamp(), **claims)}")


def roles(browser: httpx.Client) -> list[str] | None:
    answer = browser.get(SESSION)
    return answer.json()["roles"] if answer.status_code == 200 else None


def test_whom_the_provider_vouches_for_comes_in_with_the_roles_of_their_groups(
    shop: Shop, browser: httpx.Client, provider: Provider, clock: MovedClock
) -> None:
    answer = log_in(browser, provider, clock, groups=["shop-admins", "others"])
    assert (answer.status_code, answer.headers["Location"]) == (303, SESSION)
    assert browser.get(SESSION).json() == {"email": EMAIL, "name": "Jana Novak", "roles": ["admin", "clerk@main"]}
    assert httpx.post(f"{browser.base_url}{SESSION}", json={"email": EMAIL, "password": ""}).status_code == 401  # there is no password
    deed = shop.views.deeds(what="logIn", limit=2)[1].deed
    assert (deed.actor, deed.said, deed.outcome, deed.address) == (EMAIL, "oidc", "done", "127.0.0.1")


def test_their_groups_say_at_each_login_what_they_may_and_who_is_in_none_stays_outside(
    shop: Shop, browser: httpx.Client, provider: Provider, clock: MovedClock
) -> None:
    log_in(browser, provider, clock, groups=["shop-admins"])
    with client_of(str(browser.base_url)) as other:
        log_in(other, provider, clock, groups="shop-clerks")
        assert roles(other) == ["clerk"]
        assert roles(browser) is None  # what was given before ended with it
        for groups in ([], ["strangers"], None, 7):
            answer = log_in(other, provider, clock, groups=groups)
            assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
            assert "none of their groups has a role" in answer.json()["detail"]
    change_account(shop.store, EMAIL, active=False)
    assert "is closed" in log_in(browser, provider, clock).json()["detail"]
    assert shop.views.deeds(what="logIn", limit=1)[0].deed.outcome == "refused"


def test_a_person_is_known_by_the_providers_number_and_an_account_is_theirs_if_the_address_is_proved(
    shop: Shop, browser: httpx.Client, provider: Provider, clock: MovedClock
) -> None:
    create_account(shop.store, EMAIL, name="Jana", roles=["viewer"], password="four words that fit", stores=["main"])
    for doubtful in (False, None, "true"):
        assert "nothing proves" in log_in(browser, provider, clock, email_verified=doubtful).json()["detail"]
    assert log_in(browser, provider, clock).status_code == 303
    assert roles(browser) == ["clerk"]
    assert log_in(browser, provider, clock, sub="u-18").status_code == 401  # somebody else who was given her address
    assert log_in(browser, provider, clock, email="jana.novak@other.example").status_code == 303
    assert browser.get(SESSION).json()["email"] == EMAIL
    for email in ("no address", None, 7, ""):
        assert log_in(browser, provider, clock, sub="u-19", email=email).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
    ],
    ids=str,
)
def test_a_token_for_another_login_lets_nobody_in(browser: httpx.Client, provider: Provider, clock: MovedClock, claims: dict[str, Any]) -> None:
    answer = log_in(browser, provider, clock, **claims)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-admitted")
    assert roles(browser) is None


def test_clocks_may_differ_by_a_minute(browser: httpx.Client, provider: Provider, clock: MovedClock) -> None:
    now = int(clock().timestamp())
    assert log_in(browser, provider, clock, exp=now - 50, iat=now - 350).status_code == 303
    assert log_in(browser, provider, clock, exp=now - 70, iat=now - 370).status_code == 401
    assert log_in(browser, provider, clock, iat=now + 50).status_code == 303
    assert log_in(browser, provider, clock, iat=now + 70).status_code == 401


def test_a_token_that_somebody_else_signed_or_nobody_lets_nobody_in(browser: httpx.Client, provider: Provider, clock: MovedClock) -> None:
    ours = provider.key
    provider.key = RSAKey.generate_key(2048, {"kid": str(ours.kid)})
    query = provider.authorize(leave(browser), now=clock().timestamp())
    provider.key = ours
    assert browser.get(f"{CALLBACK}?{query}").status_code == 401
    for algorithm in ("none", "HS256"):
        query = provider.authorize(leave(browser), now=clock().timestamp())
        ((_, told),) = provider.codes.values()
        told["id_token"] = forged(algorithm, told["id_token"].split(".")[1])
        assert browser.get(f"{CALLBACK}?{query}").status_code == 401


def forged(algorithm: str, payload: str) -> str:
    """The same, signed by nobody, or with what both know."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    seal = hmac.new(SECRET.encode(), f"{head}.{payload}".encode(), hashlib.sha256).digest() if algorithm != "none" else b""
    return f"{head}.{payload}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def test_when_the_provider_changes_its_keys_people_still_come_in(browser: httpx.Client, provider: Provider, clock: MovedClock) -> None:
    assert log_in(browser, provider, clock).status_code == 303
    assert log_in(browser, provider, clock).status_code == 303
    assert provider.asked.count("/keys") == 1
    provider.turn_keys()
    assert log_in(browser, provider, clock).status_code == 303
    assert (provider.asked.count("/keys"), provider.asked.count("/.well-known/openid-configuration")) == (2, 1)


def test_an_answer_counts_once_for_the_browser_that_left_and_for_ten_minutes(
    shop: Shop, browser: httpx.Client, provider: Provider, clock: MovedClock
) -> None:
    query = provider.authorize(leave(browser), now=clock().timestamp())
    kept = dict(browser.cookies)
    with client_of(str(browser.base_url)) as other:
        assert other.get(f"{CALLBACK}?{query}").status_code == 401  # who never left
        leave(other)
        assert other.get(f"{CALLBACK}?{query}").status_code == 401  # who left by themselves: another's answer would log them in as another
    assert browser.get(f"{CALLBACK}?{query}").status_code == 303
    assert browser.get(f"{CALLBACK}?{query}").status_code == 401  # the cookie is gone
    assert httpx.get(f"{browser.base_url}{CALLBACK}?{query}", cookies=kept).status_code == 401  # and so is the code
    forged = {name: value[:-1] + ("0" if value[-1] != "0" else "1") for name, value in kept.items() if name == "oms-oidc"}
    assert httpx.get(f"{browser.base_url}{CALLBACK}?{query}", cookies=forged).status_code == 401
    query = provider.authorize(leave(browser), now=clock().timestamp())
    clock.move(minutes=10)
    assert browser.get(f"{CALLBACK}?{query}").status_code == 401
    for odd in ("error=access_denied", "", "code=x", "code=x&iss=https://evil.example", "code=%F0%9F%92%A9"):
        state = provider.authorize(leave(browser), now=clock().timestamp()).partition("&")[2]
        assert browser.get(f"{CALLBACK}?{odd}&{state}").status_code == 401, odd
        assert browser.get(f"{CALLBACK}?{odd}&state=%ED%A0%80").status_code in {400, 401}
    assert {each.deed.outcome for each in shop.views.deeds(what="logIn")} == {"done"}


def test_logging_out_here_leads_there_to_log_out_too(browser: httpx.Client, provider: Provider, clock: MovedClock) -> None:
    log_in(browser, provider, clock)
    assert browser.post("/api/v1/oidc/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    answer = browser.post("/api/v1/oidc/logout")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{provider.issuer}/end?client_id=oms&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A1"
    assert roles(browser) is None


def test_a_provider_that_does_not_answer_is_told_and_asked_again(browser: httpx.Client, provider: Provider, clock: MovedClock) -> None:
    provider.is_down = True
    answer = browser.get(LOGIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider-unavailable")
    provider.is_down = False
    query = provider.authorize(leave(browser), now=clock().timestamp())
    provider.is_down = True
    assert browser.get(f"{CALLBACK}?{query}").status_code == 503
    provider.is_down = False
    assert browser.get(f"{CALLBACK}?{query}").status_code == 303


def test_without_a_provider_there_is_nothing_and_nothing_is_loaded(tmp_path: Path) -> None:
    make_shop(tmp_path)
    program = (
        "import sys, pathlib\nfrom oms.bootstrap import open_shop\nfrom oms.api import make_app\nfrom fastapi.testclient import TestClient\n"
        "before = {'authlib', 'joserfc'} & set(sys.modules)\n"
        "with open_shop(pathlib.Path(sys.argv[1])) as shop, TestClient(make_app(shop)) as client:\n"
        "    told = [client.get('/api/v1/oidc/login', follow_redirects=False).status_code, client.get('/api/v1/oidc/callback').status_code]\n"
        "print(told, sorted(before | ({'authlib', 'joserfc'} & set(sys.modules))))\n"
    )
    called = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert called.stdout == "[404, 404] []\n", called.stderr


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("http://127.0.0.1:1", "http://oms.shop.example", "oidc.address: must begin with https://"),
        ('["clerk"]', '["boss"]', '"boss" is no role'),
        ('["clerk"]', '["clerk@nobodys"]', '"clerk@nobodys" is no role'),
        ('client_id = "oms"', 'client_id = "oms"\nsecret = "x"', "A secret does not belong into this file"),
        ("secrets/oidc", "secrets/gone", "can't be read"),
    ],
)
def test_settings_that_can_not_be_are_told(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    make_shop(tmp_path, config=configured("https://id.shop.example").replace(old, new))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "oidc").write_text(SECRET, encoding="utf-8")
    with pytest.raises(InvalidSettings) as refused:
        load_settings(tmp_path)
    assert sentence in str(refused.value)
