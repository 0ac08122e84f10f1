"""Somebody opens the demo's shop and mends the one order that is red."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.backoffice.browser.driving import Driver, barriers
from tests.acceptance.backoffice.browser.finding import OTHER, find_out, send_again, settle_in, somebody, try_again


@pytest.mark.slow
def test_the_red_order_of_the_demo_is_understood_mended_and_its_invoice_followed(browser: Browser, tmp_path: Path) -> None:
    folder, shots = tmp_path / "demo", list[str]()
    subprocess.run([sys.executable, "-m", "oms", "demo", "--no-pause", "--folder", str(folder)], capture_output=True, check=True)
    settle_in(folder)

    def shoot(page: Page, name: str) -> None:
        shots.append(name)
        assert barriers(page) == []

    driver = Driver(browser, "")
    with somebody(driver, folder) as page:
        assert "A small business (config/seller.toml) charges no tax" in find_out(page, shoot)
        number = try_again(page, shoot)
        send_again(page, shoot, number=number)
        told = page.locator(".tl").inner_text()
    assert number.startswith("AT-")
    assert len(shots) == 5
    for said in ("failed", f"Invoice {number}", f"{number} mailed to oliver@example.com", f"{number} mailed to {OTHER}"):
        assert said in told, (said, told)
