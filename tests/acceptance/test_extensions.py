"""A shop's own words, as a shop has them: a module in its folder, named in its settings."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from oms.bootstrap import Shop, open_shop
from oms.errors import InvalidSettings
from tests.builders import MovedClock, an_order, make_shop

NAMES = iter(range(1_000))
"""A module is imported once per process, so each shop names its own."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shop(tmp_path)
    return tmp_path


def extend(folder: Path, code: str) -> str:
    """Give the shop a module. Returns its name."""
    name = f"shop_words_{next(NAMES)}"
    (folder / f"{name}.py").write_text(dedent(code), encoding="utf-8")
    settings = folder / "config" / "oms.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("modules = []", f'modules = ["{name}"]'), encoding="utf-8")
    return name


def refund(shop: Shop) -> None:
    """An order of 168.80 that was paid in part, and cancelled."""
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "100.00", "reference": "tx_1"})
    shop.trigger("A-1001", "cancel", reason="changed their mind")
    shop.work()


def test_a_shop_that_pays_back_through_its_own_provider_writes_refund_payment_and_changes_no_process(folder: Path) -> None:
    extend(
        folder,
        """
        def refund_payment(context, *, amount_minor: int, currency: str):
            return {"refunded": f"{amount_minor} {currency}", "key": context.job.id}

        JOBS = (refund_payment,)
        """,
    )
    with open_shop(folder, clock=MovedClock()) as shop:
        assert shop.check().errors == ()
        shop.deploy()
        refund(shop)

        view = shop.views.order("A-1001")
        assert {item.state for item in view.items} == {"cancelled"}
        (job,) = [job for job in view.jobs if job.name == "refund_payment"]
        assert job.result == f'{{"refunded": "10000 EUR", "key": "{job.id}"}}'


def test_what_such_a_job_wants_besides_is_said_by_the_process(folder: Path) -> None:
    extend(
        folder,
        """
        def refund_payment(context, *, amount_minor: int, currency: str, account: str):
            return {}

        JOBS = (refund_payment,)
        """,
    )
    with open_shop(folder, clock=MovedClock()) as shop:
        sentences = {finding.sentence for finding in shop.check().errors}
    assert sentences == {'"refund_payment" needs the argument "account".'}


@pytest.mark.parametrize("table", ["COMMANDS = (later,)", 'LISTENERS = (oms.on("moved", later),)'])
def test_a_word_that_nobody_would_await_is_refused_at_the_start(folder: Path, table: str) -> None:
    extend(folder, f"import oms\n\nasync def later(items, context):\n    pass\n\n{table}\n")
    with pytest.raises(InvalidSettings, match=r"later of shop_words_\d+ is an `async def`: nobody would await it; write `def`\."):
        open_shop(folder)
