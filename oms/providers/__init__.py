"""Payment providers: how their messages are proved and read. Each is one small module; a shop adds its own in an extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oms.ports.inbox import Provider
from oms.providers.standard import StandardWebhooks
from oms.providers.stripe import Stripe

KINDS: Mapping[str, Callable[[str, Sequence[bytes]], Provider]] = {"standard": StandardWebhooks, "stripe": Stripe}
"""`kind` of a table `payments.NAME` to what makes the provider of that name, with its secrets."""
