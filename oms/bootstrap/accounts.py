"""What payment providers are made of: their tables of the settings, and each its way out."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from oms.ports.providers import Account
from oms.settings import Settings
from oms.webhooks import Webhooks


def accounts_of(settings: Settings) -> Iterator[tuple[str, Account]]:
    """Kind and account of each. An address that the settings name may lie inside the network; where a provider leads from there, may not."""
    for name, table in settings.payments.items():
        inside = frozenset({urlsplit(table.url).hostname or ""}) if table.url else frozenset()
        yield (
            table.kind,
            Account(
                name=name,
                caller=Webhooks(inside=inside, seconds=table.seconds),
                secrets=table.secrets,
                api_key=table.api_key.get_secret_value().strip() if table.api_key else None,
                url=table.url.rstrip("/") if table.url else None,
            ),
        )
