"""The keys of config/oms.toml and config/seller.toml, with their defaults. Frozen; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from oms.settings.papers import Datev, Einvoice, Seller
from oms.settings.section import Section
from oms.settings.server import Log, Server, Telemetry, Worker
from oms.settings.texts import (
    SQLITE,
    Calendar,
    Country,
    Currency,
    DatabaseUrl,
    Hosts,
    Line,
    LocaleName,
    MailAddress,
    MailAddresses,
    Modules,
    Number,
    NumberFormat,
    Seconds,
    Sender,
    StoreName,
    Terms,
    Url,
    Zone,
)


class Database(Section):
    """Where orders are kept."""

    url: DatabaseUrl = f"{SQLITE}data/oms.db"  #: a file, `sqlite:///PATH`, or a server, `postgresql://ACCOUNT@HOST/NAME`
    password: SecretStr | None = None  #: of a server's account; from the environment or `password_file`, never from oms.toml
    password_file: Path | None = None

    @property
    def path(self) -> Path | None:
        """The file of the database; None: it is on a server."""
        return Path(self.url.removeprefix(SQLITE)) if self.url.startswith(SQLITE) else None

    def under(self, folder: Path) -> Database:
        """The same with an absolute path."""
        return self if self.path is None else self.model_copy(update={"url": f"{SQLITE}{folder / self.path}"})


class Archive(Section):
    """Where PDFs and sent mails are kept."""

    kind: Literal["folder", "database"] | None = None  #: unless said: a folder beside a database file, else the server that has the orders
    folder: Path = Path("data/archive")


class Processes(Section):
    """Which process an order takes that names none."""

    folder: Path = Path("processes")
    default: Line = "prepayment"  #: for a payment method that `by_payment` does not name
    by_payment: Mapping[str, Line] = {}  #: payment method → process


class Templates(Section):
    """Which templates are used: the shop's own, if it has a folder of them, else those that come with oms."""

    folder: Path = Path("templates")


class Smtp(Section):
    """A mail server."""

    host: Line = Field(examples=["smtp.shop.example"])
    port: Annotated[Number, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "plain"] = "starttls"
    user: Line | None = None
    password: SecretStr | None = None  #: from the environment or `password_file`, never from oms.toml
    password_file: Path | None = None
    ca_file: Path | None = None  #: certificates (PEM) of an own authority
    allow_plain: bool = False  #: lets `plain` reach another machine
    rate_per_minute: Annotated[Number, Field(ge=1, le=100_000)] | None = None  #: mails that it is offered at most, by all workers together


class Mail(Section):
    """How mails leave."""

    transport: Literal["file", "smtp"] = "file"
    folder: Path = Path("data/mail")
    redirect_to: MailAddress | None = None  #: while the shop is tried: every mail goes there and to nobody else
    smtp: Smtp | None = None


class Links(Section):
    """Links to documents, signed with a key of the shop."""

    key_file: Path = Path("secrets/link-key")  #: made when it is needed first; several hosts need the same one
    days: Annotated[Number, Field(ge=1, le=3650)] = 90  #: how long a link in a mail counts


class Store(Section):
    """How one store writes, counts days and bills."""

    locale: LocaleName = Field(examples=["de_DE"])  #: language and land of mails and papers, as in `de_DE`
    currency: Currency = Field(examples=["EUR"])  #: in which it sells and owes tax, as in `EUR`
    country: Country = Field(examples=["DE"])  #: where it sells from, as in `DE`
    prices: Literal["gross", "net"] = "gross"  #: whether amounts of its orders hold the tax (`gross`) or not
    zone: Zone = Field(examples=["Europe/Berlin"])  #: whose days and times count, as in `Europe/Berlin`
    calendar: Calendar = Field(examples=["DE-BE"])  #: whose holidays are no business days, as in `DE-BE`
    sender: Sender = Field(alias="from", examples=["Our Shop <shop@shop.example>"])  #: of its mails, as in `Our Shop <shop@shop.example>`
    reply_to: MailAddress | None = None  #: where customers' answers go; none: to the sender
    bcc: MailAddresses = ()  #: who gets a hidden copy of mails with an invoice
    bcc_credit_note: MailAddresses | None = None  #: of credit notes; none: as of invoices
    bounce: MailAddress | None = None  #: where mails come back to that can't be delivered; none: the sender
    smtp: Smtp | None = None  #: its own server; none: that of `mail`
    link_base: Url | None = None  #: what stands before a link's signed part; none: mails have no links
    number_format: NumberFormat = "{year}-{number:06d}"
    credit_note_format: NumberFormat = "C{year}-{number:06d}"
    payment_terms: Terms = "14d"
    shipping_tax: Literal["by_value"] = "by_value"
    payable_rounding: bool = False


class Webhooks(Section):
    """Whom processes and endpoints may call."""

    inside: Hosts = ()  #: hosts that may be called though they lie inside the network, and by `http://`


class Payments(Section):
    """A payment provider that says what was paid: its messages come to `/webhooks/NAME`."""

    kind: Line = "standard"  #: `standard` (Standard Webhooks), `stripe`, `fake`, or one of an extension
    secret: SecretStr | None = None  #: that signs its messages; from the environment or `secret_file`, never from oms.toml
    secret_file: Path | None = None  #: a line each for the new and the old one while they are changed; none at all: the address is closed
    api_key: SecretStr | None = None  #: that opens its interface; from the environment or `api_key_file`, never from oms.toml
    api_key_file: Path | None = None  #: none at all: it only says what it took, and pays nothing back
    url: Url | None = None  #: of its interface, if it isn't the usual one
    seconds: Annotated[Seconds, Field(ge=0.1, le=300)] = 30  #: how long an answer is waited for
    allow_fake: bool = False  #: whether `kind = "fake"` is meant, which moves no money

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """Those that count."""
        lines = self.secret.get_secret_value().splitlines() if self.secret else []
        return tuple(line.strip().encode() for line in lines if line.strip())


class Alerts(Section):
    """Who is told when something needs attention."""

    mail: MailAddress | None = None  #: who gets a mail of it; none: nobody
    webhook: Url | None = None  #: an address that is called as `call_webhook` calls
    unknown_order_minutes: Annotated[Number, Field(ge=0, le=4320)] = 15  #: so long a payment provider's message may be about an order that isn't here


class Oidc(Section):
    """Login by an identity provider (OpenID Connect)."""

    issuer: Url = Field(examples=["https://id.shop.example/realms/shop"])
    client_id: Line = Field(examples=["oms"])
    secret: SecretStr | None = None  #: of a confidential client; from the environment or `secret_file`, never from oms.toml
    secret_file: Path | None = None
    address: Url = Field(examples=["https://oms.shop.example"])  #: of this server, as browsers see it
    groups: Line = "groups"  #: the claim that names somebody's groups
    roles: Annotated[Mapping[str, tuple[Line, ...]], Field(min_length=1)]  #: group to roles; who is in none of them stays outside
    after: Line = "/api/v1/session"  #: where the browser goes when it is logged in


class Extensions(Section):
    """The shop's own code."""

    modules: Modules = ()


class Settings(BaseSettings):
    """All of config/, overridden by the environment. Paths are absolute once `load_settings` made it."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="OMS_", env_nested_delimiter="__", env_ignore_empty=True, enable_decoding=False
    )

    database: Database = Database()
    archive: Archive = Archive()
    processes: Processes = Processes()
    templates: Templates = Templates()
    mail: Mail = Mail()
    stores: Annotated[Mapping[StoreName, Store], Field(min_length=1)]
    einvoice: Einvoice = Einvoice()
    links: Links = Links()
    datev: Datev | None = None
    server: Server = Server()
    log: Log = Log()
    worker: Worker = Worker()
    webhooks: Webhooks = Webhooks()
    payments: Mapping[StoreName, Payments] = {}
    alerts: Alerts = Alerts()
    oidc: Oidc | None = None
    telemetry: Telemetry = Telemetry()
    extensions: Extensions = Extensions()
    seller: Mapping[StoreName, Seller] = {}  #: of seller.toml

    @property
    def archive_is_a_folder(self) -> bool:
        """Of one host. Else the database keeps PDFs and mails, and every host has them."""
        return (self.archive.kind or ("database" if self.database.path is None else "folder")) == "folder"

    @property
    def is_delivered(self) -> bool:
        """Procrastinate brings jobs to workers; else they look for them."""
        return (self.worker.delivery or ("procrastinate" if self.database.path is None else "local")) == "procrastinate"

    @property
    def default_store(self) -> str:
        """The store of an order that names none: the first in the file."""
        return next(iter(self.stores))

    @property
    def sellers(self) -> Mapping[str, Mapping[str, str | bool | None]]:
        """Store → who bills, as templates and invoices read it: every key is there, None where nothing was said."""
        return {store: seller.model_dump(by_alias=True, exclude={"notes"}) for store, seller in self.seller.items()}

    def masked(self) -> dict[str, Any]:
        """What is in force, as `oms config show` prints it: plain values, secrets as stars."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings calls it with these names
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides the files, and there is no third."""
        return env_settings, init_settings
