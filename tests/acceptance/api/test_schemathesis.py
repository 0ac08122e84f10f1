"""Schemathesis on the whole OpenAPI document over a real socket: every operation, every check, links from answer to answer."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from oms.bootstrap import Shop
from tests.acceptance.api.serving import new_key
from tests.builders import an_order

HERE = Path(__file__).parent
ALL = "examples,coverage,fuzzing,stateful"


def attacked(shop: Shop, address: str, folder: Path, *, phases: str, examples: int) -> str:
    """What it says in the end; a run with the same seed asks the same."""
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it with what failed
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run", f"{address}/api/v1/openapi.json"]
    command += ["-H", f"Authorization: Bearer {new_key(shop)}", "--phases", phases, "--max-examples", str(examples), "--seed", str(seed)]
    command += ["--continue-on-failure", "--no-color", "--generation-database", "none"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-20_000:]
    return told


def assert_all_was_tested(told: str) -> None:
    selected = re.search(r"Selected: (\d+)/(\d+)", told)
    tested = re.search(r"Tested: (\d+)", told)
    assert selected
    assert tested
    assert selected[1] == selected[2] == tested[1]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A file: what differs between databases is tested elsewhere, and by the long run."""
    return f"sqlite:///{tmp_path}/oms.db"


def test_the_interface_answers_as_its_document_says(shop: Shop, address: str, tmp_path: Path) -> None:
    assert_all_was_tested(attacked(shop, address, tmp_path, phases="examples,fuzzing,stateful", examples=2))
