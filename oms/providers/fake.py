"""A provider that moves no money: for the demo, and for trying a process. It needs no network and no account, and remembers nothing.

The last two digits of an amount say what it does: …13 is refused for good, …14 is not answered. Every other amount is taken.
"""

from __future__ import annotations

from oms.errors import Permanent, Temporary
from oms.money import format_minor
from oms.ports.providers import Refund, Standing, Wish
from oms.ports.records import Payment
from oms.providers.standard import StandardWebhooks

REFUSED, SILENT = 13, 14
"""The last two digits, in minor units."""


class Fake(StandardWebhooks):
    """Its messages are those of the Standard Webhooks. What it did is computed from the wish, so the same wish is answered the same."""

    def ask(self, payment: Payment) -> Standing:
        """All of it is there, always: who remembers nothing says so."""
        if payment.kind == "authorization":
            return Standing(capturable_minor=payment.amount_minor)
        return Standing(received_minor=payment.amount_minor)

    def capture(self, wish: Wish) -> Standing:
        """As the amount says.

        Raises:
            Permanent: it ends in 13.
            Temporary: it ends in 14.
        """
        self._decide(wish)
        return Standing(received_minor=wish.amount_minor)

    def refund(self, wish: Wish) -> Refund:
        """As the amount says.

        Raises:
            Permanent: it ends in 13.
            Temporary: it ends in 14.
        """
        self._decide(wish)
        return Refund(reference=f"fake-{wish.key[:12]}", amount_minor=wish.amount_minor, status="done", key=wish.key)

    def _decide(self, wish: Wish) -> None:
        amount = f"{format_minor(wish.amount_minor, wish.payment.currency)} {wish.payment.currency}"
        ending = wish.amount_minor % 100
        if ending == REFUSED:
            raise Permanent(
                f"The card is refused, says {self.name}: as always for an amount that ends in {REFUSED}, like {amount}. It moves no money."
            )
        if ending == SILENT:
            raise Temporary(f"{self.name} doesn't answer: as always for an amount that ends in {SILENT}, like {amount}. It moves no money.")
