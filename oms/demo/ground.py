"""The ground the demo stands on: a folder with settings, a clock that is moved by hand, a mail server on loopback that files what it gets."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from oms.bootstrap import Shop, open_shop
from oms.documents.sink import MailSink
from oms.errors import InvalidInput, Problem
from oms.resources import resource_folder
from oms.store.schema import upgrade

MARKER = ".made-by-oms-demo"
"""Only a folder with this file in it is ever emptied."""

PROCESSES = "processes"
"""The reader's copy, if oms was installed: it is kept when the folder is emptied, for it may have been edited."""

ATELIER = """
# A second store: a potter of the house, with numbers of her own. At first she charged no tax.
[stores.atelier]
locale = "de_DE"
currency = "EUR"
country = "DE"
prices = "gross"
zone = "Europe/Berlin"
calendar = "DE-BE"
from = "Atelier Muster <hallo@atelier-muster.example>"
bcc = ["ablage@atelier-muster.example", "archive@kaffeehaus-muster.example"]
number_format = "AT-{year}-{number:04d}"
"""
ATELIER_SELLER = """
[atelier]
name = "Erika Mustermann, Keramik"
street = "Töpfergasse 3"
postcode = "14467"
city = "Potsdam"
country = "DE"
tax_number = "046/123/45678"
email = "hallo@atelier-muster.example"
iban = "DE02120300000000202051"
"""
SMALL = "small_business = true             # § 19 UStG: no tax is shown\n"
"""So it is while the stories happen. Then she has outgrown it: what failed because of it can be tried again."""
SETTINGS = """\
# The demo's own settings. Its mails went to a mail server of its own; from now on each becomes a file beside them.

[database]
url = "sqlite:///data/oms.db"

[archive]
folder = "data/archive"

[processes]
folder = {processes}
default = "prepayment"

[processes.by_payment]
invoice = "invoice"
prepayment = "prepayment"
marketplace = "marketplace"
card = "card"

[payments.card]               # plays a bank: no money is moved
kind = "fake"
allow_fake = true

[mail]
folder = "mailbox"
transport = {transport}

"""
FILES = '"file"'
SMTP = '"smtp"\n\n[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "plain"'


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


@dataclass(frozen=True, slots=True)
class Ground:
    """What the demo works with."""

    folder: Path
    mailbox: Path
    shop: Shop
    clock: MovedClock
    mail_server: MailSink


@contextmanager
def ground(folder: Path, *, processes: Path, beginning: datetime) -> Iterator[Ground]:
    """A new shop in `folder`, open, with its mail server running. Afterwards its mails become files, and the potter charges tax.

    Args:
        folder: A new one, or that of an earlier demo, which is emptied.
        processes: The files that are deployed.
        beginning: Where its clock stands.

    Raises:
        InvalidInput: the folder holds something that no demo made, or the environment would send mails elsewhere.
        InvalidProcess: a process file has errors.
    """
    _refuse_settings_of_the_environment()
    clear(folder)
    mailbox = folder / "mailbox"
    (folder / "config").mkdir()
    shipped = resource_folder("config")
    seller = (shipped / "seller.toml").read_text(encoding="utf-8")
    stores = (shipped / "oms.toml").read_text(encoding="utf-8").partition("[stores.main]")[2]
    upgrade(folder / "data" / "oms.db")
    clock = MovedClock(beginning)

    def configure(transport: str, *, small: str = "") -> None:
        settings = SETTINGS.format(processes=json.dumps(os.path.relpath(processes, folder), ensure_ascii=False), transport=transport)
        (folder / "config" / "oms.toml").write_text(f"{settings}[stores.main]{stores}{ATELIER}", encoding="utf-8")
        (folder / "config" / "seller.toml").write_text(seller + ATELIER_SELLER + small, encoding="utf-8")

    try:
        with MailSink(mailbox, clock=clock) as sink:
            configure(SMTP.format(port=sink.port), small=SMALL)
            with open_shop(folder, clock=clock) as shop:
                shop.deploy(actor="demo")
                yield Ground(folder, mailbox, shop, clock, sink)
    finally:
        configure(FILES)


def clear(folder: Path) -> None:
    """Begin anew.

    Raises:
        InvalidInput: the folder holds something that no demo made.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        sentence = "holds files that no demo made, so it is left alone. Name another folder: oms demo --folder FOLDER."
        raise InvalidInput([Problem(str(folder), sentence)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(f"The next `oms demo` empties this folder, but for {PROCESSES}/.\n", encoding="utf-8")
    for path in folder.iterdir():
        if path.is_dir() and path.name != PROCESSES and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {MARKER, PROCESSES}:
            path.unlink()


def in_clone() -> bool:
    """Whether oms runs from a clone of its repository, where `./run` is."""
    return (resource_folder("processes").parent / "run").is_file()


def processes_for(folder: Path) -> Path:
    """In a clone its own files, so that the reader edits what the README names; else a copy in the demo's folder, made once."""
    shipped = resource_folder("processes")
    if in_clone():
        return shipped
    if not (folder / PROCESSES).exists():
        clear(folder)
        shutil.copytree(shipped, folder / PROCESSES)
    return folder / PROCESSES


def _refuse_settings_of_the_environment() -> None:
    """They would override the demo's own: its mails could reach people."""
    if names := sorted(name for name in os.environ if name.startswith("OMS_") and "__" in name):
        sentence = "would override the demo's own settings, and its mails could reach people: unset it for the demo."
        raise InvalidInput([Problem(name, sentence) for name in names])
