"""An empty installation leads through what is missing; who may not mend it isn't shown it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from oms.bootstrap import Shop, open_shop
from oms.lookup.doctor import first_of_shop
from tests.acceptance.backoffice.browsing import Browser, said
from tests.builders import an_order, make_shop
from tests.faults.house import by_smtp, send_by

Person = Callable[..., Browser]
STEPS = "/stores/main/first-steps"


def test_an_empty_installation_leads_through_what_is_missing(shop: Shop, person: Person) -> None:
    admin = person("admin")
    page = admin.press(admin.open("/stores/main/overview"), "First steps")
    looks = {each.cssselect(".pill")[0].text: each.get("class") for each in page.tree.cssselect(".steps li")}
    assert looks == {
        "Who bills: name, address and tax number": "attn",
        "A logo for papers": "attn",
        "What happens to orders": "done",
        "Somebody who works": "fail",
        "Mails reach customers": "attn",
        "The first order": "attn",
    }
    assert "config/seller.toml" in page.part(".steps")
    assert "nobody works" in page.part("tbody")
    shop.place(an_order())
    again = person("admin", email="tom@shop.example", language="de").open(STEPS)
    assert again.tree.cssselect(".steps li")[-1].get("class") == "done"
    assert "niemand arbeitet" in again.part("tbody")
    with shop.store.writing() as work:
        now = work.now()
        work.workers.seen("dead:1:1", queues=(), at=now - timedelta(minutes=5))
        work.workers.seen("alive:2:2", queues=(), at=now)
    assert admin.open(STEPS).tree.cssselect(".steps li")[3].get("class") == "done"
    left = [said(each) for each in again.tree.cssselect("tbody td.wrap [lang=en]")]  # names
    assert all("version" in each or each == shop.settings.seller["main"].name for each in left)
    manager = person("manager", email="petr@shop.example")
    assert manager.open(STEPS).status == 403
    assert "First steps" not in manager.open("/stores/main/overview").buttons()


def test_everything_is_looked_at_when_somebody_asks(person: Person) -> None:
    page = person("admin").open(f"{STEPS}?look=all")
    assert "Everything was looked at" in page.text
    assert "WeasyPrint" in page.part("tbody")


def test_a_logo_is_looked_for_and_at(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    make_shop(folder)
    place = folder / "templates" / "invoices"
    place.mkdir(parents=True)
    with open_shop(folder) as shop:

        def told() -> list[tuple[str, str]]:
            return [(line.mark, line.said) for line in first_of_shop(shop) if line.what == "logo"]

        assert told() == [("note", "the papers of main bear the seller's name alone")]
        for name, data in (("logo.png", b"<svg/>"), ("logo.svg", b"a picture")):
            (place / name).write_bytes(data)
            assert told() == [("PROBLEM", f"{place / name} is no picture of the kind that its name says")]
            (place / name).unlink()
        (place / "logo.svg").write_bytes(b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')
        assert told() == [("ok", f"{place / 'logo.svg'} stands on papers")]
        (place / "main").mkdir()
        (place / "main" / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        assert told() == [("ok", f"{place / 'main' / 'logo.png'} stands on papers")]


def test_mails_reach_customers_once_a_login_is_proved(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    make_shop(folder)
    send_by(folder, by_smtp(9))
    with open_shop(folder) as shop:
        lines = [(line.mark, line.said) for line in first_of_shop(shop) if line.what == "mail"]
    assert lines == [("note", "whether the server lets us in was not asked just now")]
