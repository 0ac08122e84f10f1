"""Puts the house together: the only place that names concrete classes. `open_shop` is the way in for the command line and for Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from oms.bootstrap.accounts import accounts_of
from oms.bootstrap.mailers import mailers_of
from oms.documents.archive import FolderArchive
from oms.documents.mail import build_eml
from oms.documents.pdf import PdfChildren
from oms.documents.reprinting import reprinter
from oms.documents.templates import Templates
from oms.documents.validator import Validator
from oms.engine.alerts import alert
from oms.engine.context import Tools
from oms.engine.counting import count_money, count_open, days
from oms.engine.draining import WORKER, drain
from oms.engine.jobs import run_job
from oms.engine.place import place
from oms.engine.processes import missing
from oms.engine.request import Answer
from oms.engine.sweep import sweep
from oms.engine.trigger import Engine
from oms.errors import InvalidProcess, Problem
from oms.extensions import load_extensions, providers_of, tables_of, vocabulary_of
from oms.ports.outside import Archive, Reprinting
from oms.ports.providers import Provider
from oms.ports.records import Version
from oms.ports.versions import Content
from oms.process.findings import Report
from oms.process.versions import process_to_json, sha256_of
from oms.process.vocabulary import Vocabulary
from oms.resources import resource_folder
from oms.settings import Settings, link_key, load_settings, profiles_of
from oms.webhooks import Webhooks

if TYPE_CHECKING:
    from oms.delivery import Delivery
    from oms.store.postgres import PostgresStore
    from oms.store.sqlite import SqliteStore
    from oms.store.views import Views


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is open: its settings, its engine, and what it looks like."""

    settings: Settings
    store: SqliteStore | PostgresStore
    engine: Engine
    views: Views
    templates: Templates
    vocabulary: Vocabulary
    archive: Archive
    reprinting: Reprinting
    providers: Mapping[str, Provider]
    _closing: tuple[Callable[[], None], ...]

    def place(self, document: object, *, actor: str = "python") -> Answer:
        """Place an order: a mapping as the order document, see `oms.engine.place`. Placed again with the same content it answers the same."""
        processes = self.settings.processes
        return place(self.engine, document, process_of=processes.by_payment, default_process=processes.default, actor=actor)[0]

    def trigger(self, reference: str, event: str, **wish: Any) -> Answer:
        """Let an event happen; keywords as `Engine.trigger`."""
        return self.engine.trigger(reference, event, **{"actor": "python", **wish})

    def work(self) -> int:
        """Do all that is due now: timers, ways that opened, jobs, alerts. Returns how much was done."""
        sweep(self.engine)
        alert(self.engine, self.settings.alerts.mail, webhook=self.settings.alerts.webhook)
        done = drain(self.engine)
        count_open(self.engine, again=True)
        count_money(self.engine, again=True)
        delivery = self.listen(partial(run_job, self.engine, worker=WORKER), name=WORKER)
        if delivery is not None:  # it is all done: what was rung for is looked at, and forgotten
            delivery.run(wait=False)
        return done

    def listen(self, look_at: Callable[[str], object], *, name: str, queues: Collection[str] | None = None) -> Delivery | None:
        """Who brings jobs to this process; None: nobody does, they are looked for.

        Args:
            look_at: Does the job of this id, if it is to be done.
            name: Of the worker.
            queues: Only jobs of these; None: all.
        """
        from oms.store.sqlite import SqliteStore  # noqa: PLC0415 - SQL takes longest to load, and who checks files needs none

        how = self.settings.worker
        if isinstance(self.store, SqliteStore) or not self.settings.is_delivered:
            return None
        from oms.delivery import Delivery  # noqa: PLC0415 - is not installed where there is only a file

        connect = self.store.connect_arguments
        return Delivery(look_at, connect=connect, name=name, slots=how.slots, queues=queues, poll_seconds=how.poll_seconds)

    def today(self, store: str) -> date:
        """The day that it is in a store."""
        return self.store.now().astimezone(ZoneInfo(self.engine.profile(store).zone)).date()

    def days(self) -> Mapping[str, date]:
        """Store to the day that it is there; under "" that of any other."""
        return days(self.engine, self.store.now())

    def link_key(self) -> bytes:
        """What signs links to documents; made at the first time."""
        return link_key(self.settings.links.key_file)

    def check(self) -> Report:
        """What `oms check` finds in the process files."""
        from oms.process.load import check_folder  # noqa: PLC0415 - reads YAML; orders follow what is in the database

        return check_folder(self.settings.processes.folder, self.vocabulary)

    def check_text(self, data: bytes) -> Report:
        """What `oms check` would find in a process file of this content."""
        from oms.process.load import check_text  # noqa: PLC0415 - the same

        return check_text(data, self.settings.processes.folder, self.vocabulary)

    def deploy(self, names: Sequence[str] = (), *, actor: str = "python") -> list[tuple[Version, bool]]:
        """Let new orders take the process files as they are now; all, or the named ones. Orders in flight keep theirs.

        Raises:
            InvalidProcess: a file is wrong, or there is no such process. Nothing is deployed.
        """
        report = self.check()
        refuse(report, names)
        deployed = []
        with self.store.writing() as work:
            for name, loaded in report.processes.items():
                if not names or name in names:
                    graph = process_to_json(loaded.process)
                    content = Content(sha256_of(graph), graph, loaded.source_sha256, loaded.files)
                    deployed.append(work.versions.deploy(name, content, actor=actor, at=work.now()))
        return deployed

    def blocked(self) -> list[Problem]:
        """Versions in use that this installation can't run (rule 46)."""
        with self.store.reading() as work:
            versions = work.versions.in_use()
        return [
            Problem(f"{version.name} version {version.number}", f"needs {what}, which is missing here.")
            for version in versions
            for what in missing(self.engine.processes.load(version).process, self.vocabulary)
        ]

    def close(self) -> None:
        """End child processes, give files and connections back."""
        for close in self._closing:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def open_shop(folder: Path | str = ".", *, clock: Callable[[], datetime] | None = None, wake: Callable[[], None] | None = None) -> Shop:
    """Open the shop in whose folder config/ lies.

    Args:
        folder: The shop's folder.
        clock: Another clock than the system's, for trying things.
        wake: Called after a commit that left something to do.

    Raises:
        InvalidSettings: with all problems.
    """
    from oms.store.archive import DatabaseArchive  # noqa: PLC0415 - SQL takes longest to load, and who checks files needs none
    from oms.store.opening import open_store  # noqa: PLC0415 - the same
    from oms.store.views import Views  # noqa: PLC0415 - the same

    settings = load_settings(Path(folder))
    extensions = load_extensions(settings.extensions.modules, Path(folder))
    providers = providers_of(extensions, accounts_of(settings))
    folders = _template_folders(settings)
    templates = Templates(folders)
    password = settings.database.password.get_secret_value() if settings.database.password else None
    store = open_store(settings.database.url, password=password, clock=clock, rings=settings.is_delivered)
    archive = FolderArchive(settings.archive.folder) if settings.archive_is_a_folder else DatabaseArchive(store)
    mailer = mailers_of(settings)
    printer = PdfChildren(folders, count=settings.worker.pdf_children)
    webhooks = Webhooks(inside=frozenset(settings.webhooks.inside))
    judge = Validator()
    out = (archive, printer, mailer, build_eml, webhooks, judge)
    tools = Tools(*out, validation=settings.einvoice.validation, providers=providers)
    engine = Engine(
        store,
        tables=tables_of(extensions),
        profiles=profiles_of(settings),
        tools=tools,
        wake=wake or (lambda: None),
    )
    engine.grace = timedelta(minutes=settings.alerts.unknown_order_minutes)
    return Shop(
        settings=settings,
        store=store,
        engine=engine,
        views=Views(store.reading),
        templates=templates,
        vocabulary=_vocabulary(extensions, templates),
        archive=archive,
        reprinting=reprinter,
        providers=providers,
        _closing=(partial(engine.tally.write, store), mailer.close, printer.close, judge.close, store.close),
    )


def read_language(folder: Path | str = ".") -> tuple[Settings, Vocabulary]:
    """The settings of a shop, and what its process files may name: enough to check them, and nothing is opened.

    Raises:
        InvalidSettings: with all problems.
    """
    settings = load_settings(Path(folder))
    extensions = load_extensions(settings.extensions.modules, Path(folder))
    templates = Templates(_template_folders(settings))
    return settings, _vocabulary(extensions, templates)


def _vocabulary(extensions: Sequence[ModuleType], templates: Templates) -> Vocabulary:
    return vocabulary_of(extensions, templates=templates.mail_names(), documents=templates.paper_names(), halves=templates.half_mails())


def _template_folders(settings: Settings) -> tuple[Path, ...]:
    """The shop's own before the shipped ones."""
    return tuple(dict.fromkeys(folder for folder in (settings.templates.folder, resource_folder("templates")) if folder.is_dir()))


def refuse(report: Report, names: Sequence[str]) -> None:
    """Raises InvalidProcess if one of these processes (none named: any) has an error, or isn't there."""
    problems = [finding.as_problem() for finding in report.errors_of(names)]
    unknown = [name for name in names if name not in report.processes] if not problems else []
    problems += [Problem("process", f'there is no process "{name}". There are: {", ".join(report.processes)}.') for name in unknown]
    if problems:
        raise InvalidProcess(problems)
