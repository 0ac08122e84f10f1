"""Settings as the engine and its commands are given them: one profile per store, the default store first."""

from __future__ import annotations

from collections.abc import Mapping

from oms.invoicing import Note
from oms.ports.shop import StoreProfile
from oms.settings.model import Settings
from oms.settings.texts import sender_of


def profiles_of(settings: Settings) -> Mapping[str, StoreProfile]:
    """Store → its profile, in the order of the file."""
    return {
        name: StoreProfile(
            name=name,
            locale=store.locale,
            currency=store.currency,
            country=store.country,
            prices=store.prices,
            zone=store.zone,
            calendar=store.calendar,
            sender=sender_of(store.sender),
            reply_to=store.reply_to,
            bcc=store.bcc,
            number_format=store.number_format,
            credit_note_format=store.credit_note_format,
            terms=store.payment_terms,
            payable_rounding=store.payable_rounding,
            seller=settings.sellers[name],
            redirect_to=settings.mail.redirect_to,
            notes=tuple(Note(**note.model_dump()) for note in settings.seller[name].notes),
        )
        for name, store in settings.stores.items()
    }
