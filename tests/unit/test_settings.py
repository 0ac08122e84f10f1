"""What config/ and the environment may say, and how what is wrong is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from oms.bootstrap.accounts import accounts_of
from oms.errors import InvalidSettings
from oms.invoicing import Note
from oms.ports.shop import StoreProfile
from oms.resources import resource_folder
from oms.settings import Settings, link_key, load_settings, profiles_of, warnings_about
from oms.settings.vat_ids import well_formed

OMS = """\
[stores.main]
locale = "de_DE"
currency = "EUR"
country = "DE"
zone = "Europe/Berlin"
calendar = "DE-BE"
from = "Our Shop <shop@shop.example>"
"""
SELLER = """\
[main]
name = "Our Shop GmbH"
street = "Musterstraße 1"
postcode = "10115"
city = "Berlin"
country = "DE"
vat_id = "DE123456788"
"""
SMTP = '[mail]\ntransport = "smtp"\n[mail.smtp]\nhost = "smtp.shop.example"\nuser = "shop"\n'


def shop(folder: Path, *, oms: str = OMS, seller: str = SELLER) -> Path:
    (folder / "config").mkdir()
    (folder / "config/oms.toml").write_text(oms, "utf-8")
    (folder / "config/seller.toml").write_text(seller, "utf-8")
    return folder


@pytest.fixture
def settings_of(tmp_path: Path) -> Callable[..., Settings]:
    return lambda **files: load_settings(shop(tmp_path, **files))


@pytest.fixture
def problems_of(tmp_path: Path) -> Callable[..., list[str]]:
    def problems(**files: str) -> list[str]:
        with pytest.raises(InvalidSettings) as refused:
            load_settings(shop(tmp_path, **files))
        return [str(problem) for problem in refused.value.problems]

    return problems


# ---- What is in force ----------------------------------------------------------------------------------------------------------------------


def test_the_shipped_sample_is_right(tmp_path: Path) -> None:
    (tmp_path / "config").symlink_to(resource_folder("config"))
    settings = load_settings(tmp_path)
    assert settings.processes.by_payment["invoice"] == "invoice"
    assert settings.stores["main"].bcc == ("archive@kaffeehaus-muster.example",)
    assert settings.sellers["main"]["managers"] == "Erika Mustermann"


def test_folders_lie_in_the_shops_folder(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    settings = settings_of(oms=OMS + f'[archive]\nfolder = "papers"\n[mail]\nfolder = "{tmp_path.parent}/mails"\n')
    assert settings.database.path == tmp_path / "data/oms.db"
    assert settings.database.url == f"sqlite:///{tmp_path}/data/oms.db"
    assert settings.archive.folder == tmp_path / "papers"
    assert settings.mail.folder == tmp_path.parent / "mails"
    assert settings.processes.folder == tmp_path / "processes"


def test_without_a_folder_of_its_own_a_shop_has_the_templates_that_come_with_oms(settings_of: Callable[..., Settings]) -> None:
    assert settings_of().templates.folder == resource_folder("templates")


def test_a_shops_own_templates_win(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    (tmp_path / "templates").mkdir()
    assert settings_of().templates.folder == tmp_path / "templates"


def test_a_folder_of_templates_that_is_named_is_the_one(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    assert settings_of(oms=OMS + '[templates]\nfolder = "papers"\n').templates.folder == tmp_path / "papers"


def test_the_first_store_of_the_file_is_the_default(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    monkeypatch.setenv("OMS_STORES__MAIN__CURRENCY", "CHF")
    settings = settings_of(oms=OMS.replace("main", "outlet") + OMS, seller=SELLER.replace("main", "outlet").replace("DE1", "DE2") + SELLER)
    assert list(settings.stores) == ["outlet", "main"]
    assert settings.default_store == "outlet"
    assert [settings.stores[name].currency for name in ("outlet", "main")] == ["EUR", "CHF"]


def test_the_environment_overrides_the_files(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    for name, value in {
        "OMS_DATABASE__URL": "sqlite:////srv/oms.db",
        "OMS_MAIL__SMTP__HOST": "localhost",
        "OMS_MAIL__SMTP__PORT": "25",
        "OMS_MAIL__SMTP__ALLOW_PLAIN": "true",
        "OMS_STORES__MAIN__BCC": "a@shop.example, b@shop.example",
        "OMS_STORES__MAIN__FROM": "new@shop.example",
        "OMS_EXTENSIONS__MODULES": "shop.oms",
        "OMS_SELLER__MAIN__CITY": "Potsdam",
        "OMS_WORKER__SLOTS": "",
    }.items():
        monkeypatch.setenv(name, value)
    settings = settings_of()
    assert settings.database.path == Path("/srv/oms.db")
    assert settings.mail.smtp is not None
    assert (settings.mail.smtp.host, settings.mail.smtp.port, settings.mail.smtp.allow_plain) == ("localhost", 25, True)
    assert settings.stores["main"].bcc == ("a@shop.example", "b@shop.example")
    assert settings.extensions.modules == ("shop.oms",)
    assert settings.sellers["main"]["city"] == "Potsdam"
    assert settings.worker.slots == 2


def test_every_seller_has_every_key(settings_of: Callable[..., Settings]) -> None:
    seller = settings_of(seller=SELLER + 'managers = ["Erika Mustermann", "Max Muster"]\niban = "DE02 1203 0000 0000 2020 51"\n').sellers["main"]
    assert seller["managers"] == "Erika Mustermann, Max Muster"
    assert seller["iban"] == "DE02120300000000202051"
    assert seller["small_business"] is False
    assert {key for key, value in seller.items() if value is None} == {
        *("tax_number", "legal_id", "electronic_address", "contact", "email", "phone", "website", "register", "bic", "bank", "colour")
    }


def test_the_engine_is_given_a_profile_of_each_store(settings_of: Callable[..., Settings]) -> None:
    settings = settings_of(oms=OMS + '[mail]\nredirect_to = "me@shop.example"\n')
    assert profiles_of(settings) == {
        "main": StoreProfile(
            name="main",
            locale="de_DE",
            currency="EUR",
            country="DE",
            prices="gross",
            zone="Europe/Berlin",
            calendar="DE-BE",
            sender=("Our Shop", "shop@shop.example"),
            reply_to=None,
            bcc=(),
            bcc_credit_note=None,
            bounce="shop@shop.example",
            lane="mail",
            rate_per_minute=None,
            link_base=None,
            link_key=None,
            link_days=90,
            number_format="{year}-{number:06d}",
            credit_note_format="C{year}-{number:06d}",
            terms="14d",
            payable_rounding=False,
            seller=settings.sellers["main"],
            redirect_to="me@shop.example",
        )
    }


# ---- Secrets -------------------------------------------------------------------------------------------------------------------------------


def password_of(settings: Settings) -> str | None:
    assert settings.mail.smtp is not None
    password = settings.mail.smtp.password
    return password.get_secret_value() if password else None


def test_a_password_comes_from_a_file_of_its_own(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    (tmp_path / "password").write_text(" geheim# \n", "utf-8")
    assert password_of(settings_of(oms=OMS + SMTP + 'password_file = "password"\n')) == " geheim# "


def test_a_password_of_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    monkeypatch.setenv("OMS_MAIL__SMTP__PASSWORD", "geheim")
    assert password_of(settings_of(oms=OMS + SMTP + 'password_file = "missing"\n')) == "geheim"


def test_the_file_of_a_password_that_is_not_needed_may_be_missing(settings_of: Callable[..., Settings]) -> None:
    oms = OMS + SMTP.replace('transport = "smtp"', 'transport = "file"') + 'password_file = "missing"\n'
    assert password_of(settings_of(oms=oms)) is None


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    monkeypatch.setenv("OMS_MAIL__SMTP__PASSWORD", "geheim")
    settings = settings_of(oms=OMS + SMTP)
    assert settings.masked()["mail"]["smtp"]["password"] == "**********"
    assert "geheim" not in json.dumps(settings.masked()) + repr(settings) + str(settings)
    assert settings.masked()["stores"]["main"]["from"] == "Our Shop <shop@shop.example>"


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_password_that_others_can_read_is_warned_about(tmp_path: Path, settings_of: Callable[..., Settings], *, mode: int, warned: bool) -> None:
    (tmp_path / "password").write_text("geheim", "utf-8")
    (tmp_path / "password").chmod(mode)
    path = tmp_path / "password"
    expected = [f"config/oms.toml: mail.smtp.password_file: Other accounts of this machine can read {path}: chmod 600 {path}"]
    assert [str(problem) for problem in warnings_about(settings_of(oms=OMS + SMTP + 'password_file = "password"\n'))] == expected * warned


STRIPE = '[payments.stripe]\nkind = "stripe"\n'
A_SECRET = "A secret does not belong into this file:"


def test_the_key_of_a_provider_comes_from_a_file_and_is_never_shown(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    (tmp_path / "key").write_text("sk_live_geheim\n", "utf-8")
    (tmp_path / "key").chmod(0o644)
    settings = settings_of(oms=OMS + STRIPE + 'api_key_file = "key"\n')
    ((_, account),) = accounts_of(settings)
    assert account.api_key == "sk_live_geheim"
    assert "geheim" not in json.dumps(settings.masked()) + repr(settings) + repr(account)
    assert [str(each) for each in warnings_about(settings) if "api_key_file" in each.where] == [
        f"config/oms.toml: payments.stripe.api_key_file: Other accounts of this machine can read {tmp_path}/key: chmod 600 {tmp_path}/key"
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            STRIPE + 'api_key = "sk_live_geheim"\n',
            f"stripe.api_key: {A_SECRET} name a file that holds it, as api_key_file, or set OMS_PAYMENTS__STRIPE__API_KEY.",
        ),
        (STRIPE + 'url = "http://stripe.example"\n', "stripe.url: begins with http://: its key would travel unencrypted. Write https://."),
        ('[payments.card]\nkind = "fake"\n', 'card.kind: "fake" moves no money. Where that is meant, write allow_fake = true beside it.'),
    ],
)
def test_a_provider_that_tells_its_key_or_moves_no_money_is_refused(problems_of: Callable[..., list[str]], lines: str, problem: str) -> None:
    assert problems_of(oms=OMS + lines) == [f"config/oms.toml: payments.{problem}"]


TELEMETRY = '[telemetry]\nendpoint = "https://traces.example"\n'


def test_what_lets_in_at_the_collector_comes_from_a_file_or_a_variable_and_is_never_shown(
    tmp_path: Path, settings_of: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "headers").write_text("authorization=Bearer geheim==\nx-team = shop\n", "utf-8")
    (tmp_path / "headers").chmod(0o644)
    settings = settings_of(oms=OMS + TELEMETRY + 'headers_file = "headers"\n')
    assert settings.telemetry.header_fields == {"authorization": "Bearer geheim==", "x-team": "shop"}
    assert "geheim" not in json.dumps(settings.masked()) + repr(settings)
    assert any(each.where.endswith("telemetry.headers_file") for each in warnings_about(settings))
    monkeypatch.setenv("OMS_TELEMETRY__HEADERS", "authorization=Bearer other,x-team=shop")
    assert load_settings(tmp_path).telemetry.header_fields == {"authorization": "Bearer other", "x-team": "shop"}


@pytest.mark.parametrize(
    ("lines", "headers", "problem"),
    [
        (TELEMETRY + 'headers = "a=geheim"\n', "", f"headers: {A_SECRET} name a file that holds it, as headers_file, or set OMS_TELEMETRY__HEADERS."),
        (
            TELEMETRY.replace("https", "http"),
            "a=geheim",
            "endpoint: begins with http://: its headers would travel unencrypted. Write https://.",
        ),
        (TELEMETRY, "a=b\ngeheim", "headers: Number 2 is no header: write name=value in ASCII, as in authorization=Bearer …, a line for each."),
        (TELEMETRY, "a=gehëim", "headers: Number 1 is no header: write name=value in ASCII, as in authorization=Bearer …, a line for each."),
    ],
)
def test_headers_for_the_collector_that_could_be_read_or_are_none_are_refused(
    problems_of: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, *, lines: str, headers: str, problem: str
) -> None:
    monkeypatch.setenv("OMS_TELEMETRY__HEADERS", headers)
    assert problems_of(oms=OMS + lines) == [f"config/oms.toml: telemetry.{problem}"]


def test_a_provider_that_moves_no_money_is_warned_about_where_it_is_meant(settings_of: Callable[..., Settings]) -> None:
    warnings = [str(each) for each in warnings_about(settings_of(oms=OMS + '[payments.card]\nkind = "fake"\nallow_fake = true\n'))]
    assert "config/oms.toml: payments.card: It moves no money: whoever pays by it has paid nothing." in warnings


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, True)])
def test_a_key_of_links_that_others_can_read_is_told_of(tmp_path: Path, settings_of: Callable[..., Settings], *, mode: int, warned: bool) -> None:
    path = tmp_path / "link-key"
    link_key(path)
    path.chmod(mode)
    expected = [f"config/oms.toml: links.key_file: Other accounts of this machine can read {path}: chmod 600 {path}"]
    assert [str(problem) for problem in warnings_about(settings_of(oms=OMS + '[links]\nkey_file = "link-key"\n'))] == expected * warned


def test_a_password_in_the_file_is_refused_and_not_repeated(problems_of: Callable[..., list[str]]) -> None:
    sentence = "A password does not belong into this file: name a file that holds it, as password_file, or set OMS_MAIL__SMTP__PASSWORD."
    assert problems_of(oms=OMS + SMTP + 'password = "geheim"\n') == [f"config/oms.toml: mail.smtp.password: {sentence}"]


def test_a_password_of_the_wrong_type_is_not_repeated(problems_of: Callable[..., list[str]]) -> None:
    problems = problems_of(oms=OMS + SMTP + "password = 4711\n")
    assert problems[1] == "config/oms.toml: mail.smtp.password: What is written there can't be used: it must be a text."
    assert "4711" not in "".join(problems)


@pytest.mark.parametrize(
    ("content", "fault"), [(None, "can't be read (No such file or directory)"), (b"\n", "is empty"), (b"\xff", "can't be read (it is not UTF-8)")]
)
def test_a_file_that_holds_no_password_is_named(tmp_path: Path, problems_of: Callable[..., list[str]], content: bytes | None, fault: str) -> None:
    if content is not None:
        (tmp_path / "password").write_bytes(content)
    sentence = f"{tmp_path}/password {fault}: put the password into it, as its only line, or into OMS_MAIL__SMTP__PASSWORD."
    assert problems_of(oms=OMS + SMTP + 'password_file = "password"\n') == [f"config/oms.toml: mail.smtp.password_file: {sentence}"]


# ---- What is wrong -------------------------------------------------------------------------------------------------------------------------

TABLES = (
    "alerts, archive, database, datev, einvoice, extensions, links, log, mail, oidc, payments, processes, server, stores, telemetry, templates, "
    "webhooks, worker"
)
NO_TABLES = {
    "[databse]\n": "config/oms.toml: databse: No setting is called so: did you mean database?",
    "_env_file = 'x'\n": f"config/oms.toml: _env_file: No setting is called so: there are {TABLES}.",
    "[seller.main]\nname = 'x'\n": "config/oms.toml: seller: Who bills stands in config/seller.toml.",
}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('[mail.smtp]\nhost = "a"\nprot = 25', "mail.smtp.prot: No setting is called so: did you mean port?"),
        (
            '[alerts]\nwebhook = "ftp://x"',
            "alerts.webhook: 'ftp://x' is no address to call: write it as in https://chat.shop.example/hook, without an account in it.",
        ),
        ("[alerts]\nxyz = 1", "alerts.xyz: No setting is called so: there are mail, unknown_order_minutes, webhook."),
        ('[alerts]\n"a b\\n" = 1', 'alerts."a b\\n": No setting is called so: there are mail, unknown_order_minutes, webhook.'),
        ('[mail.smtp]\nhost = "a"\nport = 70000', "mail.smtp.port: 70000 can't be used: it must be at most 65535."),
        ('[mail.smtp]\nhost = "a"\nport = 0', "mail.smtp.port: 0 can't be used: it must be at least 1."),
        ('[mail.smtp]\nhost = "a"\nport = "many"', "mail.smtp.port: 'many' can't be used: it must be a whole number."),
        ('[mail.smtp]\nhost = "a"\nport = 25.5', "mail.smtp.port: 25.5 can't be used: it must be a whole number."),
        ('[mail.smtp]\nhost = "a"\nport = true', "mail.smtp.port: true can't be used: it must be a number."),
        ('[mail.smtp]\nhost = "a"\nallow_plain = "perhaps"', "mail.smtp.allow_plain: 'perhaps' can't be used: it must be true or false."),
        ("[mail.smtp]\nport = 25", 'mail.smtp.host: It is missing: write it as in host = "smtp.shop.example".'),
        ('[mail.smtp]\nhost = ""', "mail.smtp.host: It is empty."),
        ("[mail.smtp]\nhost = 25", "mail.smtp.host: 25 can't be used: it must be a text."),
        ('[mail]\ntransport = "smpt"', "mail.transport: 'smpt' can't be used: it must be 'file' or 'smtp'."),
        ('[mail]\ntransport = "smtp"', 'mail.transport: transport = "smtp" needs a server: write a table [mail.smtp], or transport = "file".'),
        ('[mail]\nsmtp = "localhost"', "mail.smtp: 'localhost' can't be used: it must be a table."),
        ("[archive]\nfolder = 1979-05-27", "archive.folder: datetime.date(1979, 5, 27) can't be used: it must be a path."),
        ('[worker]\npoll_seconds = "1s"', "worker.poll_seconds: '1s' can't be used: it must be a number."),
        ("[worker]\npoll_seconds = nan", "worker.poll_seconds: nan can't be used: it must be at least 0.05."),
        ("[extensions]\nmodules = 1", "extensions.modules: 1 can't be used: it must be a list."),
        (
            '[extensions]\nmodules = ["shop/oms.py"]',
            "extensions.modules: 'shop/oms.py' is no module: write it as Python imports it, such as shop.oms.",
        ),
        ("[processes]\nby_payment = 1", "processes.by_payment: 1 can't be used: it must be a table."),
        (f'[processes]\ndefault = "{"x" * 201}"', "processes.default: It is longer than 200 characters."),
    ],
)
def test_each_fault_is_one_sentence_with_its_place(problems_of: Callable[..., list[str]], lines: str, problem: str) -> None:
    assert problems_of(oms=f"{lines}\n{OMS}") == [f"config/oms.toml: {problem}"]


def test_a_shop_that_sends_needs_a_server_for_its_alerts_though_its_stores_have_their_own(problems_of: Callable[..., list[str]]) -> None:
    said = 'transport = "smtp" needs a server: write a table [mail.smtp], or transport = "file".'
    own = '[stores.main.smtp]\nhost = "smtp.shop.example"\n'
    assert problems_of(oms=f'[mail]\ntransport = "smtp"\n{OMS}{own}') == [f"config/oms.toml: mail.transport: {said}"]


@pytest.mark.parametrize(("lines", "problem"), NO_TABLES.items())
def test_a_table_that_nobody_reads_is_named(problems_of: Callable[..., list[str]], lines: str, problem: str) -> None:
    assert problems_of(oms=lines + OMS) == [problem]


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///data/", "sqlite:///oms.db?mode=ro", "oms.db", "", "postgresql://oms@h", "mysql://h/oms"]
)
def test_a_database_is_a_file_or_on_a_server(problems_of: Callable[..., list[str]], url: str) -> None:
    sentence = f"{url!r} is no address of a database: write sqlite:///data/oms.db for a file, or postgresql://oms@localhost/oms for a server."
    assert problems_of(oms=f'[database]\nurl = "{url}"\n{OMS}') == [f"config/oms.toml: database.url: {sentence}"]


@pytest.mark.parametrize("url", ["postgresql://oms@db.shop.example/oms", "postgresql:///oms", "postgresql://db:5433/oms?sslmode=verify-full"])
def test_a_database_on_a_server_has_no_file_and_keeps_the_papers_too(settings_of: Callable[..., Settings], url: str) -> None:
    settings = settings_of(oms=f'[database]\nurl = "{url}"\n{OMS}')
    assert (settings.database.url, settings.database.path, settings.archive_is_a_folder) == (url, None, False)


def test_a_shop_may_keep_its_papers_elsewhere_than_its_orders(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    monkeypatch.setenv("OMS_DATABASE__URL", "postgresql://oms@db/oms")
    assert settings_of(oms=f'[archive]\nkind = "folder"\n{OMS}').archive_is_a_folder


@pytest.mark.parametrize("url", ["postgresql://oms:hush@db/oms", "postgresql://db/oms?user=oms&password=hush"])
def test_a_password_in_the_address_of_the_database_is_refused_and_not_repeated(problems_of: Callable[..., list[str]], url: str) -> None:
    (said,) = problems_of(oms=f'[database]\nurl = "{url}"\n{OMS}')
    assert said.endswith("name a file that holds it, as password_file, or set OMS_DATABASE__PASSWORD.")
    assert "hush" not in said


def test_the_password_of_the_database_is_read_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]
) -> None:
    monkeypatch.setenv("OMS_DATABASE__URL", "postgresql://oms@db/oms")
    (tmp_path / "secret").write_text("hush\n")
    settings = settings_of(oms=f'[database]\npassword_file = "{tmp_path}/secret"\n{OMS}')
    assert settings.database.password == SecretStr("hush")
    assert "hush" not in json.dumps(settings.masked())


def test_a_password_of_the_database_in_the_file_is_refused(problems_of: Callable[..., list[str]]) -> None:
    (said,) = problems_of(oms=f'[database]\npassword = "hush"\n{OMS}')
    assert said == (
        "config/oms.toml: database.password: A password does not belong into this file: name a file that holds it, as password_file, "
        "or set OMS_DATABASE__PASSWORD."
    )


def test_the_password_of_the_database_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    monkeypatch.setenv("OMS_DATABASE__PASSWORD", "hush")
    assert settings_of().database.password == SecretStr("hush")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('locale = "xx_DE"', "locale: 'xx_DE' is no locale: write language and country, such as de_DE or en_GB."),
        ('locale = "../de"', "locale: '../de' is no locale: write language and country, such as de_DE or en_GB."),
        ('currency = "eur"', "currency: 'eur' is no currency: write its ISO 4217 code, such as EUR."),
        ('currency = "XXX"', "currency: 'XXX' is no currency: write its ISO 4217 code, such as EUR."),
        ('country = "UK"', "country: 'UK' is no country: write its ISO 3166 code, such as DE or AT."),
        ('country = "EU"', "country: 'EU' is no country: write its ISO 3166 code, such as DE or AT."),
        ('prices = "brutto"', "prices: 'brutto' can't be used: it must be 'gross' or 'net'."),
        ('zone = "Berlin"', "zone: 'Berlin' is no time zone: write its IANA name, such as Europe/Berlin."),
        ('calendar = "DE-XX"', "calendar: No public holidays are known for 'DE-XX': write a country or a part of it, such as AT or DE-BY."),
        ('from = "Our Shop"', "from: 'Our Shop' is no sender: write it as in Our Shop <shop@shop.example>."),
        ('from = "A <a@b.de>, B <b@b.de>"', "from: 'A <a@b.de>, B <b@b.de>' is no sender: write it as in Our Shop <shop@shop.example>."),
        ('from = "Our\\nShop <a@b.de>"', "from: A line end, a tab or another control character stands in it: it must be one line of text."),
        ('reply_to = "a@b.de,c@d.de"', "reply_to: 'a@b.de,c@d.de' is not one plain mail address, such as shop@shop.example."),
        ('bcc = ["a@b.de", "c"]', "bcc: 'c' is not one plain mail address, such as shop@shop.example."),
        (
            'payment_terms = "soon"',
            "payment_terms: 'soon' is no duration: use 30s, 15m, 2h, 10d, 2w or a sum such as 1d 12h; more than 0, at most 3650d.",
        ),
        ('payment_terms = "36h"', "payment_terms: '36h' are no payment terms: they are whole days, such as 14d."),
        ('shipping_tax = "main_rate"', "shipping_tax: 'main_rate' can't be used: it must be 'by_value'."),
        ('number_format = "{year}-{number:012d}"', "number_format: '{year}-{number:012d}' is no number format: SENTENCE"),
        ('number_format = "R-{number}"', "number_format: 'R-{number}' is no number format: SENTENCE"),
        ('number_format = "{year}{year}{number}"', "number_format: '{year}{year}{number}' is no number format: SENTENCE"),
        ('number_format = "re-{year}-{number}"', "number_format: 're-{year}-{number}' is no number format: SENTENCE"),
        ('number_format = "{year}-{number.__class__}"', "number_format: '{year}-{number.__class__}' is no number format: SENTENCE"),
        ('number_format = "{"', "number_format: '{' is no number format: SENTENCE"),
        (
            'number_format = "RECHNUNG-{year}-{number}"',
            "number_format: 'RECHNUNG-{year}-{number}' makes numbers of more than 20 characters: shorten it.",
        ),
    ],
)
def test_what_a_store_says_is_checked(problems_of: Callable[..., list[str]], line: str, problem: str) -> None:
    sentence = "it needs {year} and {number} once each, between capital letters, digits, / and -, as in RE-{year}-{number:05d}."
    key = line.partition(" ")[0]
    kept = "\n".join(other for other in OMS.splitlines() if not other.startswith(f"{key} "))
    assert problems_of(oms=f"{kept}\n{line}\n") == [f"config/oms.toml: stores.main.{problem.replace('SENTENCE', sentence)}"]


def test_a_credit_note_has_no_number_of_an_invoice(problems_of: Callable[..., list[str]]) -> None:
    formats = 'number_format = "R{year}-{number:05d}"\ncredit_note_format = "R{year}-{number}"\n'
    said = "may write a number that stores.main.number_format writes, such as R2011-11111, and both are of one seller: give it a prefix of its own."
    assert problems_of(oms=OMS + formats) == [f"config/oms.toml: stores.main.credit_note_format: {said}"]


@pytest.mark.parametrize("same", [True, False])
def test_stores_of_one_seller_share_no_number_and_those_of_several_may(
    settings_of: Callable[..., Settings], problems_of: Callable[..., list[str]], *, same: bool
) -> None:
    """What makes an invoice's number unique is who bills, not where it was sold (VAT directive, Art. 226 no. 2)."""
    oms = OMS + OMS[OMS.index("[stores.main]") :].replace("main", "tea")
    seller = SELLER + SELLER.replace("main", "tea").replace("DE123456788", "DE123456788" if same else "DE999999999")
    if not same:
        assert [*settings_of(oms=oms, seller=seller).stores] == ["main", "tea"]
        return
    assert problems_of(oms=oms, seller=seller) == [
        f"config/oms.toml: stores.tea.{key}: may write a number that stores.main.{key} writes, such as {number}, and both are of one seller: "
        "give it a prefix of its own."
        for key, number in (("number_format", "2011-111111"), ("credit_note_format", "C2011-111111"))
    ]


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("A{number}-{year}", "A1{number}-{year}", "A11-2011"),
        ("{year}{number}", "{year}1{number}", "201111"),
        ("A{year}-{number}1", "A{year}-{number}", "A2011-11"),
        ("A{year}-{number:03d}", "A{year}-0{number:02d}", "A2011-011"),
        ("{number:02d}{year}", "{year}{number:02d}", "202011"),
        ("A{year}-{number:03d}", "A{year}-{number:04d}", "A2011-1111"),
        ("A{year}-{number:05d}", "A{year}-0{number:05d}", None),  # whoever has come to six digits begins with no 0
        ("A{year}-{number}", "A1{year}-{number}", None),  # a year has four digits
        ("A{year}-{number}", "AC{year}-{number}", None),
        ("A{year}-{number}", "A{year}-{number}-1", None),
        ("1{year}/{number}", "2{year}/{number}", None),
    ],
)
def test_digits_beside_a_number_may_make_the_number_of_another_format(
    settings_of: Callable[..., Settings], problems_of: Callable[..., list[str]], one: str, other: str, number: str | None
) -> None:
    oms = OMS + f'number_format = "{one}"\ncredit_note_format = "{other}"\n'
    if number is None:
        assert settings_of(oms=oms).stores["main"].credit_note_format == other
        return
    (problem,) = problems_of(oms=oms)
    said = f"config/oms.toml: stores.main.credit_note_format: may write a number that stores.main.number_format writes, such as {number}, and"
    assert problem.startswith(said)


@pytest.mark.parametrize("number_format", ["RE-{year}-{number:05d}", "{year}/{number}", "{number:09d}-{year}", "ABCDEF-{year}{number}"])
def test_number_formats_hold_year_and_number(settings_of: Callable[..., Settings], number_format: str) -> None:
    assert settings_of(oms=f'{OMS}number_format = "{number_format}"\n').stores["main"].number_format == number_format


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("shop@shop.example", ("", "shop@shop.example")),
        ("<a@b.de>", ("", "a@b.de")),
        ('\\"Muster, Inc.\\" <a@bücher.de>', ("Muster, Inc.", "a@bücher.de")),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(settings_of: Callable[..., Settings], text: str, sender: tuple[str, str]) -> None:
    assert profiles_of(settings_of(oms=OMS.replace("Our Shop <shop@shop.example>", text)))["main"].sender == sender


@pytest.mark.parametrize("key", ["locale", "currency", "country", "zone", "calendar", "from"])
def test_what_a_store_needs_is_asked_for(problems_of: Callable[..., list[str]], key: str) -> None:
    kept = "\n".join(line for line in OMS.splitlines() if not line.startswith(f"{key} "))
    (line,) = (line for line in OMS.splitlines() if line.startswith(f"{key} "))
    assert problems_of(oms=kept) == [f"config/oms.toml: stores.main.{key}: It is missing: write it as in {line}."]


@pytest.mark.parametrize("oms", ["", "[stores]\n"])
def test_a_shop_has_a_store(problems_of: Callable[..., list[str]], oms: str) -> None:
    assert problems_of(oms=oms) == ["config/oms.toml: stores: There is no store: write a table [stores.main]."]


@pytest.mark.parametrize("name", ["Main", "my_store", "1st", "a b", "../x"])
def test_a_store_has_a_plain_name(problems_of: Callable[..., list[str]], name: str) -> None:
    sentence = f"{name!r} is no name of a store: it begins with a small letter; small letters, digits and - follow."
    assert [problem.partition(": ")[2].partition(": ")[2] for problem in problems_of(oms=OMS.replace("main", f'"{name}"'))] == [sentence]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('vat_id = ""', "vat_id: It is empty."),
        ('vat_id = "123456788"', "vat_id: '123456788' is no VAT id: it begins with its country, such as DE123456788."),
        ('vat_id = "DE12"', "vat_id: 'DE12' is no VAT id of DE: a character may be wrong or missing."),
        ('vat_id = "ATX12345678"', "vat_id: 'ATX12345678' is no VAT id of AT: a character may be wrong or missing."),
        ('vat_id = "CHE-123.456 MWST"', "vat_id: 'CHE-123.456 MWST' is no VAT id of CH: a character may be wrong or missing."),
        ('vat_id = "ZQ3456788"', "vat_id: 'ZQ3456788' is no VAT id: it begins with its country, such as DE123456788."),
        ('iban = "DE03120300000000202051"', "iban: 'DE03120300000000202051' is no IBAN: a digit may be wrong."),
        ('bic = "BYLA"', "bic: 'BYLA' is no BIC: it has 8 or 11 characters, such as BYLADEM1001."),
        ('phone = "1\\n2"', "phone: A line end, a tab or another control character stands in it: it must be one line of text."),
        ('fone = "1"', "fone: No setting is called so: did you mean phone?"),
        ('registre = "1"', "registre: No setting is called so: did you mean register?"),
        ("managers = 1", "managers: 1 can't be used: it must be a text."),
        (
            'electronic_address = "9903:DE123456788"',
            (
                "electronic_address: '9903:DE123456788' begins with 9903, which is no scheme of the European list (EAS): did you mean 9953? "
                "Usual are 0204 (Leitweg-ID), 9930 (German VAT id), 0088 (GLN) and EM (mail address)."
            ),
        ),
    ],
)
def test_what_a_seller_says_is_checked(problems_of: Callable[..., list[str]], line: str, problem: str) -> None:
    seller = SELLER.replace('vat_id = "DE123456788"\n', "") if line.startswith("vat_id") else SELLER
    assert problems_of(seller=f"{seller}{line}\n") == [f"config/seller.toml: main.{problem}"]


@pytest.mark.parametrize("key", ["name", "street", "postcode", "city", "country"])
def test_what_the_law_wants_of_a_seller_is_asked_for(problems_of: Callable[..., list[str]], key: str) -> None:
    kept = "\n".join(line for line in SELLER.splitlines() if not line.startswith(f"{key} "))
    (line,) = (line for line in SELLER.splitlines() if line.startswith(f"{key} "))
    assert problems_of(seller=kept) == [f"config/seller.toml: main.{key}: It is missing: write it as in {line}."]


@pytest.mark.parametrize(
    "vat_id",
    [
        *("DE 136 695 976", "ATU12345678", "BE0123456789", "FRXX123456789", "NL123456789B01", "IE1234567WA", "ESX1234567X", "XI123456789"),
        *("GBGD001", "CHE-123.456.789 MWST", "NO123456789MVA", "EL123456789", "SE556677889901", "US12-34"),
    ],
)
def test_a_vat_id_is_written_as_its_country_does(vat_id: str) -> None:
    assert well_formed(vat_id) == vat_id


def test_a_seller_without_vat_id_and_tax_number_is_refused(problems_of: Callable[..., list[str]]) -> None:
    sentence = "vat_id and tax_number are missing: the law wants one of them on every invoice."
    assert problems_of(seller=SELLER.replace('vat_id = "DE123456788"', "")) == [f"config/seller.toml: main: {sentence}"]


def test_stores_and_sellers_go_by_the_same_names(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(seller=SELLER.replace("main", "mian")) == [
        "config/seller.toml: main: There is no table [main]: it says who bills for the store of that name.",
        "config/seller.toml: mian: No store is called so: did you mean main?",
    ]


# ---- Files and environment -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("oms", "problem"),
    [
        (b"[database]\nurl = \n", "config/oms.toml:2:7: Invalid value: this is no TOML."),
        (b'a = "', "config/oms.toml: Unterminated string at the end of the file: this is no TOML."),
        (b"[mail]\n[mail]\n", "config/oms.toml:2:6: Cannot declare ('mail',) twice: this is no TOML."),
        (b'a = "\xff"', "config/oms.toml: The file is not UTF-8 (byte 5): save it as UTF-8."),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, oms: bytes, problem: str) -> None:
    (shop(tmp_path) / "config/oms.toml").write_bytes(oms)
    with pytest.raises(InvalidSettings) as refused:
        load_settings(tmp_path)
    assert str(refused.value) == problem


def test_a_folder_that_is_no_shop_is_told_how_to_become_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings(tmp_path)
    assert [str(problem) for problem in refused.value.problems] == [
        f"config/{name}.toml: There is no such file in {tmp_path}: `oms init` makes a shop with both files in it." for name in ("oms", "seller")
    ]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (shop(tmp_path) / "config/oms.toml").write_text(OMS, "utf-8-sig")
    assert load_settings(tmp_path).default_store == "main"


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("OMS_MAIL__SMTP__PORT", "many", "OMS_MAIL__SMTP__PORT: 'many' can't be used: it must be a whole number."),
        ("OMS_MAIL__SMTP__PROT", "25", "OMS_MAIL__SMTP__PROT: No setting is called so: did you mean port?"),
        ("OMS_MIAL__SMTP__PORT", "25", "OMS_MIAL__SMTP__PORT: No setting is called so: did you mean mail?"),
        ("OMS_MAIL_SMTP_PORT", "25", "OMS_MAIL_SMTP_PORT: No setting is called so: did you mean OMS_MAIL__SMTP__PORT?"),
        ("OMS_DATABASE_URL", "x", "OMS_DATABASE_URL: No setting is called so: did you mean OMS_DATABASE__URL?"),
        ("OMS_DATABASE", "x", "OMS_DATABASE: 'x' can't be used: it must be a table."),
        ("OMS_STORES__MAIN__BCC", "a", "OMS_STORES__MAIN__BCC: 'a' is not one plain mail address, such as shop@shop.example."),
        ("OMS_SELLER__MAIN__COUNTRY", "XX", "OMS_SELLER__MAIN__COUNTRY: 'XX' is no country: write its ISO 3166 code, such as DE or AT."),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, problems_of: Callable[..., list[str]], *, variable: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert problems_of(oms=OMS + '[mail.smtp]\nhost = "a"\n') == [problem]


def test_variables_that_are_no_settings_are_left_alone(monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]) -> None:
    monkeypatch.setenv("OMS_TESTING", "1")
    monkeypatch.setenv("OMS_FAILPOINT", "hop.before_commit")
    assert settings_of().default_store == "main"


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch, problems_of: Callable[..., list[str]]) -> None:
    monkeypatch.setenv("OMS_WORKER__SLOTS", "0")
    problems = problems_of(oms="colour = 1\n" + OMS.replace("EUR", "EURO"), seller=SELLER.replace('"DE"', '"D"'))
    assert [problem.partition(": ")[0] for problem in problems] == ["config/oms.toml", "config/oms.toml", "OMS_WORKER__SLOTS", "config/seller.toml"]


NOTES = """
[[main.notes]]
text = \"\"\"Die Ware bleibt
  unser Eigentum.\"\"\"
kind = "invoice"
locale = "de"

[[main.notes]]
text = "Merci"
country = "FR"
category = "K"
"""


def test_a_seller_has_a_colour_and_notes_which_mails_are_not_given(settings_of: Callable[..., Settings]) -> None:
    profile = profiles_of(settings_of(seller=SELLER + 'colour = "#7A4A21"\n' + NOTES))["main"]
    assert profile.notes == (
        Note(text="Die Ware bleibt unser Eigentum.", kind="invoice", locale="de"),
        Note(text="Merci", country="FR", category="K"),
    )
    assert profile.seller["colour"] == "#7a4a21"
    assert "notes" not in profile.seller


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('colour = "brown"', "main.colour: 'brown' is no colour: write # and six hexadecimal digits, such as #7a4a21."),
        (
            'colour = "#ffcc00"',
            "main.colour: '#ffcc00' is too light to be read on white paper (contrast 1.5 : 1, at least 4.5 : 1): take a darker one.",
        ),
        ('notes = "x"', "main.notes: 'x' can't be used: it must be a list."),
        ("[[main.notes]]", 'main.notes[1].text: It is missing: write it as in text = "Die Ware bleibt bis zur Zahlung unser Eigentum.".'),
        ('[[main.notes]]\ntext = " "', "main.notes[1].text: It is empty."),
        ('[[main.notes]]\ntext = "x"\nkind = "offer"', "main.notes[1].kind: 'offer' can't be used: it must be 'invoice' or 'credit_note'."),
        ('[[main.notes]]\ntext = "x"\n[[main.notes]]\ntext = "x"\ncountry = "UK"', "main.notes[2].country: 'UK' is no country: write its ISO 3166"),
        ('[[main.notes]]\ntext = "x"\nlocale = "xx"', "main.notes[1].locale: 'xx' is no locale: write language and country, such as de_DE or en_GB."),
        ('[[main.notes]]\ntext = "x"\ncontry = "FR"', "main.notes[1].contry: No setting is called so: did you mean country?"),
        (
            '[[main.notes]]\ntext = "x"\ncategory = "X"',
            "main.notes[1].category: 'X' can't be used: it must be 'S', 'Z', 'E', 'K', 'AE', 'G' or 'O'.",
        ),
    ],
)
def test_a_colour_that_cant_be_read_and_a_note_that_says_nothing_are_refused(problems_of: Callable[..., list[str]], lines: str, problem: str) -> None:
    (said,) = problems_of(seller=f"{SELLER}{lines}\n")
    assert said.startswith(f"config/seller.toml: {problem}")


def test_settings_do_not_change(settings_of: Callable[..., Settings]) -> None:
    settings = settings_of()
    with pytest.raises(ValueError, match="frozen"):
        settings.mail = settings.mail.model_copy()
    with pytest.raises(ValueError, match="frozen"):
        settings.mail.transport = "smtp"
