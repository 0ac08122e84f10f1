"""People log in, do what their roles allow, and are kept from the rest (S1 to S15)."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest

from oms.accounts.login import IDLE, LONGEST, PER_ACCOUNT, WINDOW
from oms.accounts.people import change_account, create_account
from oms.bootstrap import Shop, open_shop
from oms.cli.app import run
from oms.rights import ROLES
from tests.acceptance.api.serving import PASSWORD, Person, client_of, new_key
from tests.builders import MovedClock, an_order, open_test_shop

SESSION = "/api/v1/session"
TEA = (
    '[stores.tea]\nlocale = "en_GB"\ncurrency = "EUR"\ncountry = "DE"\nzone = "Europe/Berlin"\ncalendar = "DE-BE"\nfrom = "Tea <tea@tea.example>"\n'
    'number_format = "TEA-{year}-{number:05d}"\ncredit_note_format = "TEAC-{year}-{number:05d}"\n'
)


@pytest.fixture
def shop(tmp_path: Path, database_url: str, clock: MovedClock) -> Iterator[Shop]:
    database = None if database_url.startswith("sqlite") else database_url
    folder = tmp_path / "shop"
    open_test_shop(folder, clock=clock, database=database).close()
    seller = folder / "config" / "seller.toml"
    text = seller.read_text(encoding="utf-8")
    seller.write_text(text + "\n" + text.replace("[main]", "[tea]"), encoding="utf-8")
    with (folder / "config" / "oms.toml").open("a", encoding="utf-8") as file:
        file.write(TEA)
    with open_shop(folder, clock=clock) as opened:
        yield opened


def test_who_logs_in_is_known_until_they_log_out(address: str, person: Person) -> None:
    jana = person("manager")
    assert jana.get(SESSION).json() == {"email": "jana@shop.example", "name": "Jana", "roles": ["manager"]}
    assert jana.post("/api/v1/orders", json=an_order()).status_code == 201
    assert jana.get("/api/v1/orders/A-1001").json()["history"][0]["actor"] == "jana@shop.example"
    token = dict(jana.cookies)
    assert jana.delete(SESSION).status_code == 200
    assert httpx.get(f"{address}{SESSION}", cookies=token).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Shop, address: str) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    answer = httpx.post(f"{address}{SESSION}", json={"email": "Jana@Shop.example ", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert re.match(r"oms=[\w-]{43}; ", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # on this machine itself, without TLS


def test_a_request_from_another_site_does_nothing(address: str, person: Person) -> None:
    jana = person("admin")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = jana.post("/api/v1/orders", json=an_order(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    del jana.headers["Sec-Fetch-Site"]
    assert jana.post("/api/v1/orders", json=an_order(), headers={"Origin": "https://evil.example"}).status_code == 403
    assert jana.post("/api/v1/orders", json=an_order()).status_code == 403
    assert jana.post("/api/v1/orders", json=an_order(), headers={"Origin": address}).status_code == 201


@pytest.mark.parametrize(
    "said", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_site_logs_nobody_in(shop: Shop, address: str, said: dict[str, str]) -> None:
    """Whoever's browser it is would work in an account of somebody else's, and not know it."""
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    login = {"email": "jana@shop.example", "password": PASSWORD}
    refused = httpx.post(f"{address}{SESSION}", json=login, headers=said)
    assert (refused.status_code, refused.json()["code"], "Set-Cookie" in refused.headers) == (403, "not-allowed", False)
    assert httpx.post(f"{address}{SESSION}", json=login, headers={"Origin": address}).status_code == 200


def test_wrong_passwords_are_answered_alike_whoever_they_are_for(shop: Shop, address: str) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    wrong = ({"email": who, "password": "wrong words here"} for who in ("jana@shop.example", "nobody@x.example"))
    told = [httpx.post(f"{address}{SESSION}", json=login).json() for login in wrong]
    assert told[0]["detail"] == told[1]["detail"]
    assert {each["status"] for each in told} == {401}


def test_after_too_many_wrong_passwords_the_right_one_does_not_help_for_a_while(shop: Shop, address: str, clock: MovedClock) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    for _ in range(PER_ACCOUNT):
        assert httpx.post(f"{address}{SESSION}", json={"email": "jana@shop.example", "password": "wrong words here"}).status_code == 401
    right = {"email": "jana@shop.example", "password": PASSWORD}
    late = httpx.post(f"{address}{SESSION}", json=right)
    assert (late.status_code, late.json()["code"]) == (429, "too-many-tries")
    assert 0 < int(late.headers["Retry-After"]) <= WINDOW.total_seconds()
    clock.move(seconds=WINDOW.total_seconds() + 1)
    assert httpx.post(f"{address}{SESSION}", json=right).status_code == 200


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(shop: Shop, address: str) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    passwords = [f"wrong words {number}" for number in range(15)] + [PASSWORD]

    def guess(password: str) -> int:
        return httpx.post(f"{address}{SESSION}", json={"email": "jana@shop.example", "password": password}, timeout=60).status_code

    with ThreadPoolExecutor(len(passwords)) as threads:
        told = Counter(threads.map(guess, passwords))
    assert told[401] <= PER_ACCOUNT + 3  # four are reckoned at a time, and a server lets them count at the same moment
    assert told[429] + told[401] + told[200] == len(passwords)


def test_a_session_ends_when_nothing_is_done_in_it_and_after_a_week_in_any_case(clock: MovedClock, person: Person) -> None:
    jana = person("viewer")
    clock.move(seconds=IDLE.total_seconds() - 60)
    assert jana.get(SESSION).status_code == 200
    clock.move(seconds=IDLE.total_seconds() + 60)
    assert jana.get(SESSION).status_code == 401
    tom = person("viewer", email="tom@shop.example")
    for _ in range(int(LONGEST / IDLE) * 2):
        clock.move(seconds=IDLE.total_seconds() / 2)
        tom.get(SESSION)
    assert tom.get(SESSION).status_code == 401


def test_who_gets_another_role_a_password_or_is_shut_out_is_logged_out_everywhere(shop: Shop, address: str, person: Person) -> None:
    for number, change in enumerate(({"roles": ["clerk"]}, {"password": "other words that fit"}, {"active": False})):
        email = f"p{number}@shop.example"
        somebody = person("viewer", email=email)
        change_account(shop.store, email, stores=["main"], **change)  # type: ignore[arg-type]
        assert somebody.get(SESSION).status_code == 401
    assert httpx.post(f"{address}{SESSION}", json={"email": "p2@shop.example", "password": PASSWORD}).status_code == 401


def test_one_may_log_out_everywhere(person: Person) -> None:
    jana = person("viewer")
    other = person()
    assert jana.delete("/api/v1/sessions").json() == {"ended": 2}
    assert other.get(SESSION).status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_matrix_says(role: str, person: Person) -> None:
    somebody = person(role)
    asked = {
        "orders.read": ("GET", "/api/v1/orders", None, 200),
        "orders.place": ("POST", "/api/v1/orders", an_order(), 201),
        "stock.read": ("GET", "/api/v1/stock", None, 200),
        "invoices.read": ("GET", "/api/v1/invoices", None, 200),
        "customer.page": ("GET", "/api/v1/customer/orders/NONE", None, 404),
        "orders.skip": ("POST", "/api/v1/orders/NONE/skip", {"reason": "x"}, 404),
        "invoices.credit": ("POST", "/api/v1/invoices/NONE/cancellation", {"reason": "x"}, 404),
    }
    for right, (method, path, body, fine) in asked.items():
        answer = somebody.request(method, path, json=body) if body else somebody.request(method, path)
        assert answer.status_code == (fine if right in ROLES[role] else 403), (role, right, answer.text)


def test_an_event_is_for_the_roles_that_the_process_names(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    ship = {"event": "ship", "payload": {"tracking": "1"}}
    refused = person("accountant", email="ada@shop.example").post("/api/v1/orders/A-1001/events", json=ship)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert refused.json()["detail"] == '"ship" is for clerk or manager or admin: you are accountant.'
    assert person("clerk").post("/api/v1/orders/A-1001/events", json=ship).status_code == 200


def test_what_the_process_does_not_call_manual_is_for_systems(shop: Shop, address: str, person: Person) -> None:
    shop.place(an_order())
    pay = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}
    admin = person("admin")
    refused = admin.post("/api/v1/orders/A-1001/events", json=pay)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert refused.json()["detail"] == '"pay" is for systems: the process does not call it manual, so people have no button for it.'
    file = admin.post("/api/v1/events/import", content="reference,event\nA-1001,pay\n", headers={"Content-Type": "text/csv"})
    assert (file.status_code, [row["outcome"] for row in file.json()["rows"]]) == (200, ["failed"])
    assert admin.get("/api/v1/orders/A-1001").json()["items"][0]["state"] == "payment pending"
    with client_of(address, new_key(shop)) as system:
        assert system.post("/api/v1/orders/A-1001/events", json=pay).status_code == 200


def test_a_person_of_one_store_sees_no_other(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    shop.place(an_order("T-1", store="tea"))
    clerk = person("clerk@tea")
    assert [order["reference"] for order in clerk.get("/api/v1/orders").json()["orders"]] == ["T-1"]
    assert clerk.get("/api/v1/stores/tea/orders/T-1").status_code == 200
    assert clerk.get("/api/v1/stores/main/orders/A-1001").status_code == 404
    assert clerk.get("/api/v1/orders/A-1001").status_code == 404
    admin = person("admin", email="ada@shop.example")
    assert {order["reference"] for order in admin.get("/api/v1/orders").json()["orders"]} == {"A-1001", "T-1"}
    assert admin.get("/api/v1/stores/main/orders/A-1001").status_code == 200
    assert admin.get("/api/v1/stores/nobodys/orders/A-1001").status_code == 404


def test_people_are_let_in_from_the_command_line(shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def oms(*words: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = run(["--shop", str(shop.settings.processes.folder.parent), "user", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    assert oms("create", "jana@shop.example", "--name", "Jana", "--role", "admin", "--stdin", typed=f"{PASSWORD}\n")[0] == 0
    assert "is easily guessed" in oms("create", "tom@shop.example", "--name", "Tom", "--role", "clerk", "--stdin", typed="passwordpassword\n")[1]
    assert "take 12 to 200" in oms("create", "tom@shop.example", "--name", "Tom", "--role", "clerk", "--stdin", typed="short\n")[1]
    assert '"boss" is no role' in oms("role", "jana@shop.example", "--role", "boss")[1]
    assert "no store" in oms("role", "jana@shop.example", "--role", "clerk@nobodys")[1]
    assert oms("role", "jana@shop.example", "--role", "clerk@tea") == (0, "jana@shop.example is: clerk@tea.\n")
    assert oms("close", "jana@shop.example")[0] == 0
    assert "closed" in oms("list")[1]
    assert "no account of nobody@x.example" in oms("password", "nobody@x.example", "--stdin", typed=f"{PASSWORD}\n")[1]
