"""The ground the demo stands on: a folder with settings, a clock that is moved by hand, a mail server on loopback that files what it gets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oms.bootstrap import Shop, open_shop
from oms.documents.sink import MailSink
from oms.errors import InvalidInput, Problem
from oms.resources import resource_folder
from oms.store.schema import upgrade

MARKER = ".made-by-oms-demo"
"""Only a folder with this file in it is ever emptied."""


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Now."""
        return self.now

    def move_to(self, moment: datetime) -> None:
        """Never back."""
        self.now = max(self.now, moment)

    def move(self, by: timedelta) -> None:
        """Forward."""
        self.now += by


SETTINGS = """\
# The demo's settings. While it runs its mails travel over SMTP to a server of its own, later ones become files.

[database]
url = "sqlite:///data/oms.db"

[archive]
folder = "data/archive"

[processes]
folder = "{processes}"
default = "prepayment"

[processes.by_payment]
invoice = "invoice"
prepayment = "prepayment"
marketplace = "marketplace"

[mail]
transport = "{transport}"
folder = "mailbox"

[mail.smtp]
host = "127.0.0.1"
port = {port}
security = "plain"

"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the demo works with."""

    folder: Path
    processes: Path  #: the files to be edited: those of the clone, or a copy if oms was installed
    mailbox: Path
    shop: Shop
    clock: MovedClock


@contextmanager
def ground(folder: Path, *, beginning: datetime) -> Iterator[Ground]:
    """A new shop in `folder`, open, with its mail server running. Afterwards its mails go into files again.

    Raises:
        InvalidInput: the folder holds something that no demo made.
    """
    clear(folder)
    processes, mailbox = _processes(folder), folder / "mailbox"
    shutil.copytree(resource_folder("config"), folder / "config")
    upgrade(folder / "data" / "oms.db")
    clock = MovedClock(beginning)
    with MailSink(mailbox) as sink:
        _configure(folder, processes, transport="smtp", port=sink.port)
        with open_shop(folder, clock=clock) as shop:
            shop.deploy(actor="demo")
            yield Ground(folder, processes, mailbox, shop, clock)
    _configure(folder, processes, transport="file", port=sink.port)


def clear(folder: Path) -> None:
    """Begin anew.

    Raises:
        InvalidInput: the folder holds something that no demo made.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        sentence = "holds files that no demo made, so it is left alone. Name another folder: oms demo --folder FOLDER."
        raise InvalidInput([Problem(str(folder), sentence)])
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).write_text(f"made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; the next demo empties this folder\n", encoding="utf-8")


def _processes(folder: Path) -> Path:
    """In a clone its own files, so that the reader edits what the README names; else a copy."""
    shipped = resource_folder("processes")
    if shipped.parent.name == "_shipped":
        shutil.copytree(shipped, folder / "processes")
        return folder / "processes"
    return shipped


def _configure(folder: Path, processes: Path, *, transport: str, port: int) -> None:
    """The shipped stores, with the demo's own processes and mail server."""
    shipped = (resource_folder("config") / "oms.toml").read_text(encoding="utf-8")
    stores = shipped[shipped.index("[stores.main]") :]
    text = SETTINGS.format(processes=processes, transport=transport, port=port) + stores
    (folder / "config" / "oms.toml").write_text(text, encoding="utf-8")
