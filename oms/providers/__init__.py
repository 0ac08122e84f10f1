"""Payment providers: how their messages are proved and read, and how they are asked to move money. Each is one small module.

What such a module has is said in `oms.ports.providers`: `prove` and `read`; `ask` with `refund` or `capture`, if the provider can be asked for it.
A shop adds its own in an extension: `PROVIDERS = {"mybank": MyBank}`, where `MyBank(account)` makes one of an `Account`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oms.ports.providers import Account, Provider
from oms.providers.fake import Fake
from oms.providers.standard import StandardWebhooks
from oms.providers.stripe import Stripe

KINDS: Mapping[str, Callable[[Account], Provider]] = {"standard": StandardWebhooks, "stripe": Stripe, "fake": Fake}
"""`kind` of a table `payments.NAME` to what makes the provider of that name."""
