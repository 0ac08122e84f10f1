"""Stripe (https://docs.stripe.com/api): its messages, its refunds, its captures."""

from __future__ import annotations

from oms.ports.providers import Account, Refund, Standing, Wish
from oms.ports.records import Payment
from oms.providers.stripe.interface import Interface
from oms.providers.stripe.messages import Messages


class Stripe(Messages):
    """An account at Stripe. Payments are PaymentIntents; whoever makes one writes `order` into its metadata, and `store` if there are several."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._interface = Interface(account)

    def ask(self, payment: Payment) -> Standing:
        """The PaymentIntent, and all its refunds."""
        return self._interface.standing(payment)

    def refund(self, wish: Wish) -> Refund:
        """A Refund of the PaymentIntent; the job's key is in its metadata."""
        return self._interface.refund(wish)

    def capture(self, wish: Wish) -> Standing:
        """Stripe captures a PaymentIntent once: what is left of it lapses."""
        return self._interface.capture(wish)
