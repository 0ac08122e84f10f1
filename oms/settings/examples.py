"""What is left in the settings of the example that `oms init` wrote: good enough to try things with, never for customers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from oms.errors import Problem
from oms.resources import resource_folder
from oms.settings.model import Settings, Store
from oms.settings.papers import Seller
from oms.settings.problems import OMS_TOML, SELLER_TOML
from oms.settings.texts import sender_of

_NOBODYS = ("name", "vat_id", "email", "phone", "website", "register", "managers", "iban", "bank")
"""What no other seller can have in common with the example."""


def made_up_sellers(settings: Settings) -> Iterator[Problem]:
    """Sellers that bear what stands in the example: nobody's name and tax id, and a bank account of somebody else."""
    shipped = Seller(**_shipped("seller.toml")).model_dump(by_alias=True)
    for store, seller in settings.sellers.items():
        if left := [key for key in _NOBODYS if seller[key] == shipped[key]]:
            yield Problem(f"{SELLER_TOML}: {store}", f"still made up, as the example has it, and on every invoice: {', '.join(left)}.")


def made_up_addresses(settings: Settings) -> Iterator[Problem]:
    """Stores whose mails have addresses of the example's domain: a stranger would be their sender, and would get the hidden copies."""
    domain = _domain(_shipped("oms.toml", "stores")["from"])
    for name, store in settings.stores.items():
        if left := [key for key, addresses in _addresses(store).items() if domain in map(_domain, addresses)]:
            yield Problem(f"{OMS_TOML}: stores.{name}", f"still made up, as the example has it, and on every mail: {', '.join(left)}.")


def _addresses(store: Store) -> Mapping[str, tuple[str, ...]]:
    """Key of the settings to the addresses that stand there."""
    one = {"from": store.sender, "reply_to": store.reply_to, "bounce": store.bounce}
    return {key: (text,) for key, text in one.items() if text} | {"bcc": store.bcc, "bcc_credit_note": store.bcc_credit_note or ()}


def _domain(sender: str) -> str:
    return sender_of(sender)[1].rpartition("@")[2].casefold()


@cache
def _shipped(file: str, section: str | None = None) -> dict[str, Any]:
    """The example's only store, or who bills for it."""
    written = tomllib.loads((resource_folder("config") / file).read_text("utf-8"))
    (example, *_) = (written[section] if section else written).values()
    return dict(example)
