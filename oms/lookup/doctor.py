"""Does everything that a shop needs work? One line each, and how to mend it: what `oms doctor` prints and the page of first steps shows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from oms.bootstrap.mailers import try_mail_server
from oms.engine.waiting import roughly
from oms.errors import LaneDown, OmsError
from oms.lookup.figures import longest_overdue
from oms.lookup.found import Line, so_many
from oms.lookup.logos import logos
from oms.lookup.reaching import serving, tracing
from oms.lookup.readiness import OVERDUE
from oms.outbox import LEASE
from oms.ports.operations import WorkerSeen
from oms.process.findings import Report
from oms.process.versions import process_to_json, sha256_of
from oms.settings import Settings, Smtp, key_of, lane_of, made_up_addresses, made_up_sellers, server_of, warnings_about
from oms.store.health import faults, totals

if TYPE_CHECKING:
    from oms.bootstrap import Shop

SECONDS = 5
"""How long a mail server may take for an answer."""


def of_settings(settings: Settings) -> Iterator[Line]:
    """What the settings say; nothing is opened."""
    yield Line("ok", "settings", f"read; {so_many(len(settings.stores), 'store')}: {', '.join(settings.stores)}")
    for problem in warnings_about(settings):
        yield Line("note", "settings", str(problem))
    yield from _made_up(settings)


def _made_up(settings: Settings) -> Iterator[Line]:
    """Good enough to try things with, and a problem from the moment on at which customers get mails."""
    mark: Literal["PROBLEM", "note"] = "PROBLEM" if settings.mail.transport == "smtp" and settings.mail.redirect_to is None else "note"
    found = list(made_up_sellers(settings))
    yield from (Line(mark, "seller", str(problem), "write there who bills") for problem in found)
    if not found:
        yield Line("ok", "seller", ", ".join(dict.fromkeys(seller.name for seller in settings.seller.values())))
    yield from (Line(mark, "sender", str(problem), "write there the shop's own addresses") for problem in made_up_addresses(settings))


def first_of_shop(shop: Shop) -> Iterator[Line]:
    """What a new shop lacks: a few questions to the database, none to other hosts."""
    yield from _processes(shop, with_database=True)
    yield from _working(shop)
    yield from _templates(shop)
    yield from logos(shop)
    yield _archive(shop.settings)
    yield from _mails_go(shop.settings)
    yield from _not_asked(shop.settings)


def of_shop(shop: Shop) -> Iterator[Line]:
    """Everything: the whole database is read, mail servers are asked, a PDF's libraries are loaded. Takes seconds."""
    found = faults(shop.store, thorough=True)
    yield from (Line("PROBLEM", "database", fault) for fault in found)
    if not found:
        yield Line("ok", "database", f"{shop.store.name} is whole and of the newest form")
        yield from _attention(shop)
        yield from _workers(shop)
    yield from _processes(shop, with_database=not found)
    yield from _templates(shop)
    yield from logos(shop)
    yield _pdf()
    yield _archive(shop.settings)
    yield from _mail(shop.settings)
    yield from _links(shop)
    yield from serving(shop.settings.server)
    yield from tracing(shop.settings)


def _processes(shop: Shop, *, with_database: bool) -> Iterator[Line]:
    try:
        report = shop.check()
    except OmsError as error:
        yield Line("PROBLEM", "processes", str(error), "make the folder, or name another one in config/oms.toml")
        return
    if report.errors:
        yield Line("PROBLEM", "processes", f"{so_many(len(report.errors), 'error')} in the files", "oms check shows them")
    else:
        yield Line("ok", "processes", f"the files are in order: {', '.join(report.processes)}")
    if with_database:
        yield from _deployed(shop, report)


def _deployed(shop: Shop, report: Report) -> Iterator[Line]:
    with shop.store.reading() as work:
        deployed = {version.name: version for version in work.versions.all_deployed()}
    wanted = {shop.settings.processes.default, *shop.settings.processes.by_payment.values()}
    if missing := sorted(wanted - deployed.keys()):
        yield Line("PROBLEM", "deployed", f"config/oms.toml names what is not deployed: {', '.join(missing)}", "oms deploy")
    else:
        yield Line("ok", "deployed", ", ".join(f"{version.name} version {version.number}" for version in deployed.values()))
    mend = "name the module that has it in [extensions], put the template back, or deploy a version without it"
    yield from (Line("PROBLEM", "deployed", str(problem), mend) for problem in shop.blocked())
    for name, loaded in report.processes.items():
        if name in deployed and deployed[name].sha256 != sha256_of(process_to_json(loaded.process)):
            yield Line("note", "deployed", f"the file of {name} is not what new orders take", "oms deploy")


def _attention(shop: Shop) -> Iterator[Line]:
    with shop.store.reading() as work:
        held = work.holds.reason("mail")
    if held is not None:
        yield Line("note", "mails", f"are held: {held}", "oms release mail")
    with shop.store.connection() as connection:
        incidents = totals(connection).incidents
    if incidents:
        yield Line("note", "orders", f"{so_many(incidents, 'incident')} open", "oms incident list")


def _workers(shop: Shop) -> Iterator[Line]:
    """Those who said of late that they are there, and those who died within a day."""
    now, workers = _seen(shop)
    yield from _each_worker(now, workers)
    if any(now - each.seen_at <= LEASE for each in workers):
        return
    with shop.store.reading() as work:
        due_at = longest_overdue(work, now)
    if due_at is not None and now - due_at > OVERDUE:
        yield Line("PROBLEM", "worker", f"nobody works, and something has been due for {roughly(now - due_at)}", "oms work, always on")
    else:
        yield Line("note", "worker", "nobody works; nothing is overdue", "oms work, when the shop opens")


def _working(shop: Shop) -> Iterator[Line]:
    """The same, without looking for what is due."""
    now, workers = _seen(shop)
    yield from _each_worker(now, workers)
    if not any(now - each.seen_at <= LEASE for each in workers):
        yield Line("PROBLEM", "worker", "nobody works: mails, PDFs and timers wait", "oms work, always on; or oms serve without --no-work")


def _seen(shop: Shop) -> tuple[datetime, Sequence[WorkerSeen]]:
    with shop.store.reading() as work:
        return work.now(), work.workers.all()


def _each_worker(now: datetime, workers: Sequence[WorkerSeen]) -> Iterator[Line]:
    works = any(now - each.seen_at <= LEASE for each in workers)
    for each in workers:
        jobs, ago = f"{', '.join(each.queues) or 'all'} jobs", roughly(now - each.seen_at)
        if now - each.seen_at <= LEASE:
            yield Line("ok", "worker", f"{each.name} does {jobs}; seen {ago} ago")
        else:
            yield Line("note", "worker", f"{each.name} was last seen {ago} ago: it died{', and others take over what it did' if works else ''}")


def _templates(shop: Shop) -> Iterator[Line]:
    problems = shop.templates.check()
    yield from (Line("PROBLEM", "templates", str(problem)) for problem in problems)
    if not problems:
        yield Line("ok", "templates", f"{shop.settings.templates.folder} is in order")


def _pdf() -> Line:
    """In a process of its own: libraries that can't be loaded may take the one that tries with them."""
    program = "import weasyprint; print(weasyprint.__version__)"
    tried = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    if tried.returncode == 0:
        return Line("ok", "PDF", f"WeasyPrint {tried.stdout.strip()} and its libraries load")
    last = tried.stderr.strip().rpartition("\n")[2] or f"exit code {tried.returncode}"
    return Line("PROBLEM", "PDF", f"WeasyPrint doesn't load: {last}", "install Pango 1.44 or later; on Debian: apt-get install libpangoft2-1.0-0")


def _archive(settings: Settings) -> Line:
    if not settings.archive_is_a_folder:
        return Line("ok", "archive", "PDFs and mails are kept in the database")
    folder = settings.archive.folder
    if os.access(folder, os.W_OK | os.X_OK):
        return Line("ok", "archive", f"{folder} can be written to")
    return Line("PROBLEM", "archive", f"{folder} can't be written to by this account", f"chown or chmod {folder}")


def _mail(settings: Settings) -> Iterator[Line]:
    """Each server is asked."""
    servers = {lane_of(settings, store): (server_of(settings, store), key_of(settings, store)) for store in settings.stores}
    yield from _mails_go(settings)
    yield from (_server(lane, smtp, key) for lane, (smtp, key) in servers.items() if smtp is not None)


def _mails_go(settings: Settings) -> Iterator[Line]:
    """Where they go; nobody is asked."""
    mail = settings.mail
    if mail.redirect_to is not None:
        yield Line("note", "mail", f"every mail goes to {mail.redirect_to}, none to a customer", "delete mail.redirect_to when the shop opens")
    for lane in dict.fromkeys(lane_of(settings, store) for store in settings.stores if server_of(settings, store) is None):
        yield Line("note", lane, f"becomes files in {mail.folder}, nothing is sent", 'set mail.transport = "smtp" when the shop opens')


def _not_asked(settings: Settings) -> Iterator[Line]:
    """A login counts once it is proved."""
    for lane in dict.fromkeys(lane_of(settings, store) for store in settings.stores if server_of(settings, store) is not None):
        yield Line("note", lane, "whether the server lets us in was not asked just now", "oms doctor, or look at everything here")


def _server(lane: str, smtp: Smtp, key: str) -> Line:
    try:
        try_mail_server(smtp, seconds=SECONDS, key=key)
    except LaneDown as error:
        return Line("PROBLEM", lane, str(error))
    secured = "unencrypted" if smtp.security == "plain" else f"{smtp.security}, its certificate is good"
    login = f"login as {smtp.user}" if smtp.user else "no login"
    return Line("ok", lane, f"{smtp.host}:{smtp.port} lets us in ({secured}, {login}); nothing was sent")


def _links(shop: Shop) -> Iterator[Line]:
    """Hosts that sign with different keys open no links of each other: what tells keys apart is shown, the key is not."""
    if any(store.link_base for store in shop.settings.stores.values()):
        where = "" if shop.settings.database.path else "; it must be the same on each host"
        yield Line("ok", "links", f"are signed with the key {sha256(shop.link_key()).hexdigest()[:8]} of {shop.settings.links.key_file}{where}")
