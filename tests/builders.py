"""What tests are built of: a shop in a folder of its own, order documents, a clock that is moved by hand."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from oms.bootstrap import Shop, open_shop
from oms.resources import resource_folder
from oms.store.schema import upgrade
from tests.postgres import Server

BEGINNING = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Forward: `move(days=3)`."""
        self.now += timedelta(**by)


def open_test_shop(
    folder: Path,
    *,
    processes: Mapping[str, str] | None = None,
    clock: MovedClock | None = None,
    config: str = "",
    database: str | None = None,
    extension: str | None = None,
) -> Shop:
    """A new shop, its database made and its processes deployed.

    Args:
        folder: An empty one.
        processes: File name to YAML; None = those that are shipped.
        clock: None = one that stands still at BEGINNING.
        config: More lines for config/oms.toml.
        database: The address of one that has its tables; None = a new file.
        extension: A module in that folder with words of the shop's own.
    """
    make_shop(folder, processes=processes, config=config, database=database)
    if extension is not None:
        settings = folder / "config" / "oms.toml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("modules = [] ", f'modules = ["{extension}"] '), encoding="utf-8")
    shop = open_shop(folder, clock=clock or MovedClock())
    shop.deploy()
    return shop


def copy_shop(shop: Path, target: Path, *, server: Server | None = None, database: str | None = None) -> Path:
    """The same shop in another folder. Nobody may be at it. Returns the folder.

    Args:
        shop: A folder.
        target: One that isn't there.
        server: Where its database is, which is copied, too.
        database: Another address, instead of a copy.
    """
    shutil.copytree(shop, target)
    if server is not None or database is not None:
        settings = target / "config" / "oms.toml"
        text = settings.read_text(encoding="utf-8")
        (url,) = re.findall(r'"(postgresql://[^"]*@127[^"]*)"', text)
        settings.write_text(text.replace(url, server.copy(url) if server else str(database)), encoding="utf-8")
    return target


def make_shop(folder: Path, *, processes: Mapping[str, str] | None = None, config: str = "", database: str | None = None) -> None:
    """The files of a shop, and its database."""
    shutil.copytree(resource_folder("config"), folder / "config")
    with (folder / "config" / "oms.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{config}\n")
    if processes is None:
        shutil.copytree(resource_folder("processes"), folder / "processes")
    else:
        for name, text in processes.items():
            path = folder / "processes" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if database is None:
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        (folder / "data" / "oms.db").touch(mode=0o600)
        (folder / "data" / "oms.db").write_bytes(new_database())
    else:
        settings = folder / "config" / "oms.toml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("sqlite:///data/oms.db", database), encoding="utf-8")


@cache
def new_database() -> bytes:
    """The bytes of a file as `oms db upgrade` makes it, which takes it a tenth of a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data" / "oms.db"
        upgrade(path)
        return path.read_bytes()


def an_order(reference: str = "A-1001", **changes: Any) -> dict[str, Any]:
    """An order document: two cups at 39.90 and a grinder at 89.00, gross, 168.80 in all, process by `payment`."""
    document: dict[str, Any] = {
        "reference": reference,
        "customer": {"name": "Jana Novak", "email": "jana@example.com"},
        "billing_address": {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"},
        "items": [
            {"sku": "CUP-4", "name": "Espresso cups", "quantity": 2, "unit_price": "39.90", "tax_rate": "19"},
            {"sku": "GRINDER", "name": "Coffee grinder", "quantity": 1, "unit_price": "89.00", "tax_rate": "19"},
        ],
        "payment": {"method": "prepayment"},
    }
    return document | changes
