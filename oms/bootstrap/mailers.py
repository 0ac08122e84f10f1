"""Which mail servers a shop has, as its mailers are given them."""

from __future__ import annotations

from dataclasses import replace

from oms.documents.mail import FileSettings, Mailer, Mailers, SmtpSettings
from oms.outbox import LANE
from oms.settings import Settings, Smtp, lane_of, server_of


def mailers_of(settings: Settings) -> Mailers:
    """The mailer of all stores, and those of stores that have a server of their own."""
    servers = {lane_of(settings, store): server_of(settings, store) for store in settings.stores}
    lanes = {LANE: settings.mail.smtp if settings.mail.transport == "smtp" else None, **servers}
    return Mailers({lane: Mailer(_server(smtp) if smtp else FileSettings(folder=settings.mail.folder)) for lane, smtp in lanes.items()})


def _server(smtp: Smtp) -> SmtpSettings:
    return SmtpSettings(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        user=smtp.user,
        password=smtp.password.get_secret_value() if smtp.password else None,
        ca_file=smtp.ca_file,
        allow_plain=smtp.allow_plain,
    )


def try_mail_server(smtp: Smtp, *, seconds: float) -> None:
    """Connect as the mailer does, log in and leave: no mail is sent.

    Args:
        smtp: The server.
        seconds: How long each of its answers may take.

    Raises:
        LaneDown: it can't be reached, can't prove who it is, or refuses the login. The sentence says how to mend it.
    """
    from oms.documents.mail.client import try_out  # noqa: PLC0415 - yagmail takes time to load, and few commands speak to a server

    try_out(replace(_server(smtp), connect_timeout=seconds))
