"""Reads config/oms.toml, config/seller.toml and the variables OMS_…: all problems at once, each with its place."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from oms.errors import InvalidSettings, Problem
from oms.resources import resource_folder
from oms.rights import ROLES
from oms.settings.model import Database, Oidc, Payments, Settings, Smtp, Templates
from oms.settings.numbering import numbers_given_twice
from oms.settings.problems import OMS_TOML, SECTIONS, SELLER_TOML, misplaced_keys, misspelt_variables, no_such, problems_of, variable_of
from oms.settings.server import Telemetry

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\s*=[ -~]+")  # RFC 9110, 5.1

Part = TypeVar("Part", bound=BaseModel)
Account = TypeVar("Account", Database, Smtp)
Signer = TypeVar("Signer", Payments, Oidc, Telemetry)


def load_settings(folder: Path) -> Settings:
    """The settings of the shop in that folder, checked and complete; folders in them are absolute.

    Raises:
        InvalidSettings: with a sentence for each problem of files and environment.
    """
    problems: list[Problem] = []
    shop, seller = _read(folder, OMS_TOML, problems=problems), _read(folder, SELLER_TOML, problems=problems)
    if problems:
        raise InvalidSettings(problems)
    problems += [*misplaced_keys(shop), *misspelt_variables(os.environ)]
    try:
        settings = Settings(**{key: value for key, value in shop.items() if key in SECTIONS}, seller=seller)
    except ValidationError as error:
        raise InvalidSettings([*problems, *problems_of(error, os.environ)]) from error
    problems += _contradictions(settings)
    settings = _with_passwords(_resolved(settings, folder.resolve()), problems)
    if problems:
        raise InvalidSettings(problems)
    return settings


def warnings_about(settings: Settings) -> Iterator[Problem]:
    """What works, but should not stay so."""
    for name, provider in settings.payments.items():
        if not provider.secrets:
            yield Problem(f"{OMS_TOML}: payments.{name}", f"Without a secret nobody is believed: /webhooks/{name} is closed. Name a secret_file.")
        if provider.kind == "fake":
            yield Problem(f"{OMS_TOML}: payments.{name}", "It moves no money: whoever pays by it has paid nothing.")
    own = ((f"stores.{name}.smtp", store.smtp) for name, store in settings.stores.items())
    accounts = (("database", settings.database), ("mail.smtp", settings.mail.smtp), *own)
    secrets = [(f"{key}.password_file", account.password_file) for key, account in accounts if account]
    for name, provider in settings.payments.items():
        secrets += [(f"payments.{name}.secret_file", provider.secret_file), (f"payments.{name}.api_key_file", provider.api_key_file)]
    secrets += [("oidc.secret_file", settings.oidc.secret_file)] if settings.oidc else []
    secrets.append(("telemetry.headers_file", settings.telemetry.headers_file))
    for key, file in (*secrets, ("links.key_file", settings.links.key_file)):
        if file and _is_open_to_others(file):
            yield Problem(f"{OMS_TOML}: {key}", f"Other accounts of this machine can read {file}: chmod 600 {file}")


def _is_open_to_others(file: Path) -> bool:
    try:
        return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
    except OSError:  # it is not there, or its folder keeps this account out
        return False


def files_of(settings: Settings, folder: Path) -> Mapping[str, Path]:
    """What else a shop is made of beside its data: name in a backup to file or folder. No secret is among them: they have files of their own."""
    files = {name: folder / name for name in (OMS_TOML, SELLER_TOML)} | {"processes": settings.processes.folder}
    return files if settings.templates.folder == resource_folder("templates") else files | {"templates": settings.templates.folder}


def _read(folder: Path, name: str, *, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / name).read_text("utf-8-sig"))
    except FileNotFoundError:
        problems.append(Problem(name, f"There is no such file in {folder}: `oms init` makes a shop with both files in it."))
    except OSError as error:
        problems.append(Problem(name, f"The file can't be read: {error.strerror}."))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, f"The file is not UTF-8 (byte {error.start}): save it as UTF-8."))
    except tomllib.TOMLDecodeError as error:
        problems.append(_syntax(name, str(error)))
    return {}


def _syntax(name: str, message: str) -> Problem:
    """`tomllib` ends its message with the place, or says that it came to the end of the file."""
    what, _, place = message.removesuffix(")").rpartition(" (at ")
    numbers = re.findall(r"\d+", place)
    return Problem(":".join([name, *numbers]), f"{what}{'' if numbers else ' at the end of the file'}: this is no TOML.")


def _resolved(settings: Settings, folder: Path) -> Settings:
    paths = _absolute(settings, folder)
    own_templates = settings.templates.model_fields_set or paths.templates.folder.is_dir()
    templates = paths.templates if own_templates else Templates(folder=resource_folder("templates"))
    stores = {name: _absolute(store, folder) for name, store in settings.stores.items()}
    payments = {name: _absolute(provider, folder) for name, provider in settings.payments.items()}
    return paths.model_copy(update={"database": settings.database.under(folder), "templates": templates, "stores": stores, "payments": payments})


def _absolute(part: Part, folder: Path) -> Part:
    values = {name: getattr(part, name) for name in type(part).model_fields}
    paths = {name: folder / value for name, value in values.items() if isinstance(value, Path)}
    return part.model_copy(update={**paths, **{name: _absolute(value, folder) for name, value in values.items() if isinstance(value, BaseModel)}})


def _contradictions(settings: Settings) -> Iterator[Problem]:
    if settings.mail.transport == "smtp" and settings.mail.smtp is None:
        yield Problem(f"{OMS_TOML}: mail.transport", 'transport = "smtp" needs a server: write a table [mail.smtp], or transport = "file".')
    if settings.worker.delivery == "procrastinate" and settings.database.path is not None:
        sentence = 'Procrastinate delivers on PostgreSQL only: write delivery = "local", or leave it out.'
        yield Problem(f"{OMS_TOML}: worker.delivery", sentence)
    yield from numbers_given_twice(settings.stores, settings.seller)
    yield from _unfit_providers(settings)
    yield from _oidc_problems(settings)
    yield from _open_headers(settings.telemetry)
    for store in settings.stores.keys() - settings.seller.keys():
        yield Problem(f"{SELLER_TOML}: {store}", f"There is no table [{store}]: it says who bills for the store of that name.")
    for store in settings.seller.keys() - settings.stores.keys():
        yield Problem(f"{SELLER_TOML}: {store}", no_such("store", store, settings.stores))


def _unfit_providers(settings: Settings) -> Iterator[Problem]:
    for name, provider in settings.payments.items():
        if provider.kind == "fake" and not provider.allow_fake:
            yield Problem(f"{OMS_TOML}: payments.{name}.kind", '"fake" moves no money. Where that is meant, write allow_fake = true beside it.')
        parts = urlsplit(provider.url or "")
        if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
            yield Problem(f"{OMS_TOML}: payments.{name}.url", "begins with http://: its key would travel unencrypted. Write https://.")


def _open_headers(telemetry: Telemetry) -> Iterator[Problem]:
    parts = urlsplit(telemetry.endpoint or "")
    if (telemetry.headers or telemetry.headers_file) and parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        yield Problem(f"{OMS_TOML}: telemetry.endpoint", "begins with http://: its headers would travel unencrypted. Write https://.")


def _oidc_problems(settings: Settings) -> Iterator[Problem]:
    if settings.oidc is None:
        return
    for key, url in (("issuer", settings.oidc.issuer), ("address", settings.oidc.address)):
        if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in _THIS_MACHINE:
            yield Problem(f"{OMS_TOML}: oidc.{key}", "must begin with https://, unless it is this machine: who reads along would be logged in.")
    for group, roles in settings.oidc.roles.items():
        for said in roles:
            role, at, store = said.partition("@")
            if role not in ROLES or (at and store not in settings.stores):
                sentence = f'"{said[:60]}" is no role: {", ".join(ROLES)}, or of one store only, as in clerk@{settings.default_store}.'
                yield Problem(f"{OMS_TOML}: oidc.roles.{group[:60]}", sentence)


def _with_passwords(settings: Settings, problems: list[Problem]) -> Settings:
    """Reads the files of those passwords that will be needed, and no others."""
    database, mail = settings.database, settings.mail
    if database.path is None:
        database = _with_password(database, "database", problems)
    stores = dict(settings.stores)
    if mail.transport == "smtp":
        if mail.smtp is not None:
            mail = mail.model_copy(update={"smtp": _with_password(mail.smtp, "mail.smtp", problems)})
        for name, store in stores.items():
            if store.smtp is not None:
                stores[name] = store.model_copy(update={"smtp": _with_password(store.smtp, f"stores.{name}.smtp", problems)})
    payments = {name: _with_secrets(each, f"payments.{name}", problems, "secret", "api_key") for name, each in settings.payments.items()}
    oidc = None if settings.oidc is None else _with_secrets(settings.oidc, "oidc", problems, "secret")
    telemetry = _with_headers(settings.telemetry, problems)
    secrets = {"database": database, "mail": mail, "stores": stores, "payments": payments, "oidc": oidc, "telemetry": telemetry}
    return settings.model_copy(update=secrets)


def _with_headers(telemetry: Telemetry, problems: list[Problem]) -> Telemetry:
    if telemetry.endpoint is not None:
        telemetry = _with_secrets(telemetry, "telemetry", problems, "headers")
    for number, line in enumerate(telemetry.header_lines, start=1):
        if not _HEADER.fullmatch(line):
            sentence = f"Number {number} is no header: write name=value in ASCII, as in authorization=Bearer …, a line for each."
            problems.append(Problem(f"{OMS_TOML}: telemetry.headers", sentence))
    return telemetry


def _with_secrets(signer: Signer, key: str, problems: list[Problem], *names: str) -> Signer:
    """What signs messages, and what opens an interface: from the files that are named."""
    for name in names:
        file = getattr(signer, f"{name}_file")
        if getattr(signer, name) or not file:
            continue
        try:
            signer = signer.model_copy(update={name: SecretStr(file.read_text("utf-8"))})
        except (OSError, UnicodeDecodeError) as error:
            fault = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            sentence = f"{file} can't be read ({fault}): put the secret into it, as its only line, or into {variable_of(key)}__{name.upper()}."
            problems.append(Problem(f"{OMS_TOML}: {key}.{name}_file", sentence))
    return signer


def _with_password(account: Account, key: str, problems: list[Problem]) -> Account:
    if account.password or not account.password_file:
        return account
    try:
        password = account.password_file.read_text("utf-8").rstrip("\r\n")
        fault = "" if password else "is empty"
    except (OSError, UnicodeDecodeError) as error:
        password, fault = "", f"can't be read ({error.strerror if isinstance(error, OSError) else 'it is not UTF-8'})"
    if fault:
        sentence = f"{account.password_file} {fault}: put the password into it, as its only line, or into {variable_of(key)}__PASSWORD."
        problems.append(Problem(f"{OMS_TOML}: {key}.password_file", sentence))
    return account.model_copy(update={"password": SecretStr(password)})
