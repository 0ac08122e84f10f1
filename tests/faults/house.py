"""A shop that can be killed: commands as processes of their own, mails over real SMTP, restarts with a clock that has gone on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oms.bootstrap import Shop, open_shop
from oms.ports.outside import Printer
from tests.architecture.sources import ROOT
from tests.builders import an_order, make_shop
from tests.faults.audit import Copy, audit
from tests.unit.documents.smtp_server import Script

PAID = {"amount": "168.80", "currency": "EUR", "reference": "tx_1"}
ARCHIVE = "archive@kaffeehaus-muster.example"
CUSTOMER = "jana@example.com"


@dataclass
class House:
    """A shop's folder, and the server its mails go to."""

    folder: Path
    server: Script = field(default_factory=Script)
    printer: Printer | None = None

    @property
    def room(self) -> Path:
        """Where its commands keep temporary files."""
        return self.folder / "tmp"

    def start(self, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """A command, on its way."""
        self.room.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "oms", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(self.room), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> str:
        """A command that works."""
        code, said, complaints = ended(self.start(*words))
        assert code == 0, complaints
        return said

    def kill(self, failpoint: str, *words: str) -> None:
        """A command that dies at a failpoint, as by kill -9. Not reaching it fails the test."""
        code, _, complaints = ended(self.start(*words, environment={"OMS_TESTING": "1", "OMS_FAILPOINT": failpoint}))
        assert f"failpoint {failpoint.partition(':')[0]} reached" in complaints, complaints
        assert code == -signal.SIGKILL

    @contextmanager
    def later(self, *, minutes: float = 30, days: float = 0) -> Iterator[Shop]:
        """The shop, opened again when every lease has ended."""
        ahead = timedelta(minutes=minutes, days=days)
        with self.open(lambda: datetime.now(UTC) + ahead) as shop:
            yield shop

    @contextmanager
    def open(self, clock: Callable[[], datetime]) -> Iterator[Shop]:
        """The shop in this process."""
        with open_shop(self.folder, clock=clock) as shop:
            if self.printer is not None:
                shop.engine.tools = replace(shop.engine.tools, printer=self.printer)
            yield shop

    def place_in_a_file(self, **changes: Any) -> str:
        """An order document as a file; returns its path."""
        path = self.folder / "order.json"
        path.write_text(json.dumps(an_order(**changes)), encoding="utf-8")
        return str(path)

    def copies(self) -> list[Copy]:
        """What the server took."""
        return [Copy(each.sender, tuple(each.recipients), each.content) for each in self.server.accepted]

    def wrong(self, *, doubled: int = 0, quiet: bool = True) -> list[str]:
        """What the audit finds."""
        return audit(self.folder, copies=self.copies(), doubled=doubled, quiet=quiet)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, output, complaints."""
    with process:
        said, complaints = process.communicate(timeout=120)
        return process.returncode, said, complaints


def build(
    folder: Path,
    *,
    processes: Mapping[str, str] | None = None,
    mail: str | None = None,
    poll: float | None = None,
    extension: str | None = None,
    database: str | None = None,
    delivery: str | None = None,
) -> House:
    """A shop whose processes are deployed."""
    make_shop(folder, processes=processes, database=database)
    if delivery is not None:
        configure(folder, r"# delivery = .local. ", f'delivery = "{delivery}" ')
    if mail is not None:
        send_by(folder, mail)
    if poll is not None:
        configure(folder, r"poll_seconds = 1 ", f"poll_seconds = {poll} ")
    if extension is not None:
        configure(folder, r"modules = \[\] ", f'modules = ["{extension}"] ')
    with open_shop(folder) as shop:
        shop.deploy()
    return House(folder)


def configure(folder: Path, pattern: str, text: str) -> None:
    """Change one place of config/oms.toml."""
    path = folder / "config" / "oms.toml"
    changed, times = re.subn(pattern, text, path.read_text(encoding="utf-8"))
    assert times == 1
    path.write_text(changed, encoding="utf-8")


def send_by(folder: Path, mail: str) -> None:
    """Other tables [mail] and [mail.smtp]."""
    configure(folder, r"(?s)\n\[mail\]\n.*?(?=\n# ---- Stores)", f"\n{mail}\n")


def by_smtp(port: int, *more: str, security: str = "plain") -> str:
    """The tables for a server on loopback."""
    return "\n".join(['[mail]\ntransport = "smtp"\n[mail.smtp]\nhost = "127.0.0.1"', f"port = {port}", f'security = "{security}"', *more])


def copy_of(house: Path, folder: Path) -> Path:
    """The same shop in another folder."""
    shutil.copytree(house, folder, dirs_exist_ok=True)
    return folder
