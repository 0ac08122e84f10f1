"""Settings as the engine and its commands are given them: one profile per store, the default store first."""

from __future__ import annotations

from collections.abc import Mapping

from oms.invoicing import Note
from oms.outbox import LANE
from oms.ports.shop import StoreProfile
from oms.settings.keys import link_key
from oms.settings.model import Settings, Smtp
from oms.settings.texts import sender_of

MAIL_SMTP = "mail.smtp"
"""The table of the mail server that all stores use which have none of their own."""


def profiles_of(settings: Settings) -> Mapping[str, StoreProfile]:
    """Store → its profile, in the order of the file.

    Raises:
        InvalidSettings: the key of links can't be read or made.
    """
    key = link_key(settings.links.key_file) if any(store.link_base for store in settings.stores.values()) else None
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
            bcc_credit_note=store.bcc_credit_note,
            bounce=store.bounce or sender_of(store.sender)[1],
            lane=lane_of(settings, name),
            rate_per_minute=(server.rate_per_minute if (server := server_of(settings, name)) else None),
            link_base=store.link_base,
            link_key=key,
            link_days=settings.links.days,
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


def server_of(settings: Settings, store: str) -> Smtp | None:
    """The mail server of a store; None: its mails become files."""
    if settings.mail.transport == "file":
        return None
    return settings.stores[store].smtp or settings.mail.smtp


def key_of(settings: Settings, store: str) -> str:
    """Where that server's table stands, for sentences that say what to mend."""
    return MAIL_SMTP if settings.stores[store].smtp is None else f"stores.{store}.smtp"


def lane_of(settings: Settings, store: str) -> str:
    """What stops with that server: a store's own has a lane of its own."""
    own = settings.mail.transport == "smtp" and settings.stores[store].smtp is not None
    return f"{LANE}:{store}" if own else LANE
