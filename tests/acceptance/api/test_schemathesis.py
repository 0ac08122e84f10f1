"""Schemathesis on the whole OpenAPI document over a real socket: every operation, every check, links from answer to answer."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from tests.acceptance.api.serving import key_for, served
from tests.builders import an_order, open_test_shop

HERE = Path(__file__).parent
ALL = "examples,coverage,fuzzing,stateful"


def attacked(folder: Path, *, phases: str, examples: int) -> str:
    """What it says in the end of a shop that is served with its worker; a run with the same seed asks the same."""
    with open_shop(folder) as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.work()
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it with what failed
    key = key_for(folder)
    with served(folder) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
        command += [f"{server.address}/api/v1/openapi.json", "-H", f"Authorization: Bearer {key}", "--phases", phases]
        command += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-color", "--generation-database", "none"]
        told_besides = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}
        done = subprocess.run(command, cwd=folder, env=told_besides, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    faults = "".join(line for line in server.log if "Traceback" in line)  # a line of the log holds all of one
    assert done.returncode == 0, told[-20_000:] + faults[-20_000:]
    return told


def assert_all_was_tested(told: str) -> None:
    selected = re.search(r"Selected: (\d+)/(\d+)", told)
    tested = re.search(r"Tested: (\d+)", told)
    assert selected
    assert tested
    assert selected[1] == selected[2] == tested[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop on a file: what differs between databases is tested elsewhere, and by the long run."""
    open_test_shop(tmp_path / "shop").close()
    return tmp_path / "shop"


def test_the_interface_answers_as_its_document_says(folder: Path) -> None:
    assert_all_was_tested(attacked(folder, phases="examples,fuzzing,stateful", examples=2))
