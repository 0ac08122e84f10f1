"""Calls the command line: in this process, with what it prints kept, or as a user does, in a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oms.cli.app import run
from oms.settings import load_settings
from tests.architecture.sources import ROOT
from tests.builders import an_order, make_shop

on_a_file = pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
"""For what only a file can be."""
on_a_server = pytest.mark.parametrize("kind", ["postgres"], indirect=True, scope="session")
"""For what only a server can be."""

PAY = '{"amount": "168.80", "reference": "tx_1"}'
NUMBER = "RE-2026-00001"


@dataclass(frozen=True, slots=True)
class Said:
    """What a call printed, and how it ended."""

    code: int
    bytes: bytes
    err: str

    @property
    def out(self) -> str:
        return self.bytes.decode()

    @property
    def data(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """What `--json` says of an error."""
        return json.loads(self.err)["error"]


@dataclass(frozen=True, slots=True)
class Caller:
    """`oms --shop FOLDER …`, in this process."""

    folder: Path

    @property
    def database(self) -> str:
        """Its address, as the settings have it."""
        return load_settings(self.folder).database.url

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Said:
        printed, err = io.BytesIO(), io.StringIO()
        out = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _standard_input(stdin):
            code = run(["--shop", str(self.folder), *map(str, arguments)])
        return Said(code, printed.getvalue(), err.getvalue())

    def place(self, reference: str = "A-1001", **changes: Any) -> Said:
        """Place an order of the builders."""
        said = self("order", "place", "-", "--json", stdin=json.dumps(an_order(reference, **changes)).encode())
        assert said.code == 0, said.err
        return said

    def bill(self) -> None:
        """Place an order, pay it and do what is due: there is an invoice in the mailbox."""
        self.place()
        paid = self("order", "trigger", "A-1001", "pay", "--with", PAY)
        worked = self("work", "--once")
        assert (paid.code, worked.code) == (0, 0), paid.err + worked.err

    def ship(self) -> None:
        """Place an order of the marketplace, M-1, pay and ship it: there is a delivery note."""
        self.place("M-1", payment={"method": "marketplace"})
        paid = self("order", "trigger", "M-1", "pay", "--with", PAY.replace("tx_1", "tx_9"))
        shipped = self("order", "trigger", "M-1", "ship", "--with", '{"tracking": "00340434161094042557"}')
        assert (paid.code, shipped.code) == (0, 0), paid.err + shipped.err


def a_caller(folder: Path, *, database: str | None = None) -> Caller:
    """The command line of a new shop: its database is made, its processes are deployed."""
    make_shop(folder, database=database)
    caller = Caller(folder)
    assert caller("deploy").code == 0
    return caller


def call(*arguments: str | Path, folder: Path, stdin: bytes = b"", **environment: str) -> Said:
    """`python -m oms …` in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    done = subprocess.run(
        [sys.executable, "-m", "oms", *map(str, arguments)],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
    )
    return Said(done.returncode, done.stdout, done.stderr.decode())


@contextlib.contextmanager
def _standard_input(content: bytes) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before
