"""Which mail servers a shop has, as its mailers are given them."""

from __future__ import annotations

from dataclasses import replace

from oms.documents.mail import FileSettings, Mailer, Mailers, SmtpSettings
from oms.outbox import LANE
from oms.settings import MAIL_SMTP, Settings, Smtp, key_of, lane_of, server_of


def mailers_of(settings: Settings) -> Mailers:
    """The mailer of all stores, and those of stores that have a server of their own."""
    if settings.mail.transport == "file":
        return Mailers({LANE: Mailer(FileSettings(folder=settings.mail.folder))})
    servers = {lane_of(settings, store): (server_of(settings, store), key_of(settings, store)) for store in settings.stores}
    # Alerts, and what was promised when there was a [mail.smtp], need a server of all: once mails are sent, none becomes a file.
    of_all = (settings.mail.smtp, MAIL_SMTP) if settings.mail.smtp is not None else servers[lane_of(settings, settings.default_store)]
    return Mailers({lane: Mailer(_server(smtp, key)) for lane, (smtp, key) in ({LANE: of_all} | servers).items() if smtp is not None})


def _server(smtp: Smtp, key: str) -> SmtpSettings:
    return SmtpSettings(
        host=smtp.host,
        key=key,
        port=smtp.port,
        security=smtp.security,
        user=smtp.user,
        password=smtp.password.get_secret_value() if smtp.password else None,
        ca_file=smtp.ca_file,
        allow_plain=smtp.allow_plain,
    )


def try_mail_server(smtp: Smtp, *, seconds: float, key: str = MAIL_SMTP) -> None:
    """Connect as the mailer does, log in and leave: no mail is sent.

    Args:
        smtp: The server.
        seconds: How long each of its answers may take.
        key: Its table in config/oms.toml, for the sentence.

    Raises:
        LaneDown: it can't be reached, can't prove who it is, or refuses the login. The sentence says how to mend it.
    """
    from oms.documents.mail.client import try_out  # noqa: PLC0415 - yagmail takes time to load, and few commands speak to a server

    try_out(replace(_server(smtp, key), connect_timeout=seconds))
