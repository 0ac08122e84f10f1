"""An empty installation leads through what is missing; who may not mend it isn't shown it."""

from __future__ import annotations

from collections.abc import Callable

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser, said
from tests.builders import an_order

Person = Callable[..., Browser]
STEPS = "/stores/main/first-steps"


def test_an_empty_installation_leads_through_what_is_missing(shop: Shop, person: Person) -> None:
    admin = person("admin")
    page = admin.press(admin.open("/stores/main/overview"), "First steps")
    looks = {each.cssselect(".pill")[0].text: each.get("class") for each in page.tree.cssselect(".steps li")}
    assert looks == {
        "Who bills: name, address and tax number": "attn",
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
    left = [said(each) for each in again.tree.cssselect("tbody td.wrap [lang=en]")]  # names
    assert all("version" in each or each == shop.settings.seller["main"].name for each in left)
    manager = person("manager", email="petr@shop.example")
    assert manager.open(STEPS).status == 403
    assert "First steps" not in manager.open("/stores/main/overview").buttons()


def test_everything_is_looked_at_when_somebody_asks(person: Person) -> None:
    page = person("admin").open(f"{STEPS}?look=all")
    assert "Everything was looked at" in page.text
    assert "WeasyPrint" in page.part("tbody")
