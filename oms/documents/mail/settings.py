"""How mail leaves: by a server or into a folder. What is wrong is said when the mailer is made, before any mail."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from oms.errors import InvalidSettings, Problem

Security = Literal["starttls", "tls", "plain"]

_LAST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A mail server. Certificates are always verified; there is no switch that turns that off."""

    host: str
    key: str = "mail.smtp"  #: its table in config/oms.toml, for sentences that say what to mend
    port: int = 587
    security: Security = "starttls"  #: `tls` is TLS from the first byte (port 465); `plain` only on this machine
    user: str | None = None  #: None: no login
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None  #: certificates (PEM) of an own authority, instead of the system's
    allow_plain: bool = False  #: lets `plain` reach another machine
    connections: int = 3  #: at once; large providers allow an account no more
    connect_timeout: float = 30  #: seconds, until the banner and during login
    command_timeout: float = 60  #: seconds, for each answer
    data_timeout: float = 600  #: seconds, for the answer to the whole message (RFC 5321, 4.5.3.2.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """No server: each mail becomes `<name>.eml` and `<name>.json` (its envelope) in a folder."""

    folder: Path


def examine(settings: SmtpSettings) -> None:
    """Refuse settings that could only fail later, or that would send in the clear.

    Raises:
        InvalidSettings: with a sentence for each fault.
    """
    problems = []
    if not _is_host(settings.host):
        problems.append(Problem(f"{settings.key}.host", f"{settings.host!r} is no host name."))
    if not 1 <= settings.port <= _LAST_PORT:
        problems.append(Problem(f"{settings.key}.port", f"{settings.port} is no port: 587 is usual for starttls, 465 for tls."))
    if settings.security == "plain" and not settings.allow_plain and not is_loopback(settings.host):
        sentence = (
            f"plain would send mails and the password unencrypted to {settings.host}. Use starttls or tls; or set {settings.key}.allow_plain = true."
        )
        problems.append(Problem(f"{settings.key}.security", sentence))
    if settings.user is not None and not settings.password:
        problems.append(
            Problem(f"{settings.key}.password_file", f"the account {settings.user} has no password. Name its file, or leave {settings.key}.user out.")
        )
    for name, secret in (("user", settings.user), ("password_file", settings.password)):
        if secret is not None and not secret.isascii():
            problems.append(Problem(f"{settings.key}.{name}", "only letters, digits and signs of ASCII can be sent at a login: choose another one."))
    if problems:
        raise InvalidSettings(problems)


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Verifies certificate and host name.

    Raises:
        InvalidSettings: `ca_file` holds no certificates.
    """
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:  # missing, unreadable, or no PEM
        sentence = f"{settings.ca_file} can't be used ({error.strerror or error}): it must be a file of certificates (PEM)."
        raise InvalidSettings([Problem(f"{settings.key}.ca_file", sentence)]) from error


def _is_host(host: str) -> bool:
    """Whether it can be looked up; Python refuses labels of no or more than 63 characters with an error of another kind than the resolver's."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return bool(host) and host.isascii() and not any(character.isspace() for character in host)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
