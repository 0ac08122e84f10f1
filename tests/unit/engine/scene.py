"""A shop with one small process of its own, and short words for what tests ask of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from textwrap import dedent
from typing import Any

import psycopg

from oms.bootstrap import Shop, open_shop
from oms.engine.draining import drain, run_due_jobs
from oms.engine.firing import fire_timers, look
from oms.engine.jobs import run_job
from oms.engine.request import Answer
from oms.outbox import Job
from oms.ports.records import Incident, TimerRow
from oms.ports.views import OrderView
from tests.builders import MovedClock, an_order, make_shop
from tests.unit.engine.world import World

REFERENCE = "A-1"

Hop = tuple[str | None, str | None, str, list[str]]
"""Event, source, target, labels of the items."""


@dataclass
class Scene:
    """Opens shops, lets time pass, and looks at what became of orders."""

    folder: Path
    world: World
    database: str | None = None  #: its address; None: a file in the folder
    clock: MovedClock = field(default_factory=MovedClock)
    _open: list[Shop] = field(default_factory=list)

    @property
    def shop(self) -> Shop:
        return self._open[-1]

    def open(self, process: str, *, config: str = "", **parts: str) -> Shop:
        """A new shop whose only process is this; its first line, `process:`, is written here."""
        files = {"prepayment.yaml": _named("prepayment", process)} | {f"parts/{name}.yaml": _named(name, text) for name, text in parts.items()}
        make_shop(self.folder, processes=files, config=config, database=self.database)
        settings = self.folder / "config" / "oms.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("modules = []", 'modules = ["tests.unit.engine.world"]'), encoding="utf-8")
        shop = self.reopen()
        shop.deploy()
        return shop

    def open_shipped(self, *, config: str = "") -> Shop:
        """A new shop with the processes that come with oms."""
        make_shop(self.folder, config=config, database=self.database)
        shop = self.reopen()
        shop.deploy()
        return shop

    def reopen(self) -> Shop:
        """The same shop in a new process, as it were."""
        shop = open_shop(self.folder, clock=self.clock)
        self._open.append(shop)
        return shop

    def deploy(self, process: str) -> int:
        """Put other content in force. Returns the version's number."""
        (self.folder / "processes" / "prepayment.yaml").write_text(_named("prepayment", process), encoding="utf-8")
        ((version, _),) = self.shop.deploy()
        return version.number

    def close(self) -> None:
        """Whatever happened: what is written down of how papers stand is what papers and payments say."""
        with self.shop.store.reading() as work:
            wrong = work.standings.wrong()
        for shop in self._open:
            shop.close()
        assert wrong == []

    # ---- What happens ----

    def place(self, reference: str = REFERENCE, **changes: Any) -> Answer:
        return self.shop.place(an_order(reference, **changes))

    def trigger(self, event: str, *items: str | tuple[str, int], reference: str = REFERENCE, **wish: Any) -> Answer:
        named = [item if isinstance(item, tuple) else (item, None) for item in items] or None
        return self.shop.trigger(reference, event, items=named, **wish)

    def pay(self, amount: str, tx: str = "tx_1", *, reference: str = REFERENCE, **wish: Any) -> Answer:
        return self.shop.trigger(reference, "pay", payload={"amount": amount, "reference": tx}, **wish)

    def fire(self) -> int:
        return fire_timers(self.shop.engine)

    def look(self) -> int:
        return look(self.shop.engine)

    def run_jobs(self) -> int:
        return run_due_jobs(self.shop.engine)

    def drain(self) -> int:
        return drain(self.shop.engine)

    def wait(self, **time: float) -> None:
        """Let time pass, and all that is due then happen."""
        self.clock.move(**time)
        self.drain()

    def settle(self, **time: float) -> None:
        """As `wait`, but nothing is printed or mailed, which takes a second each."""
        self.clock.move(**time)
        while self.fire() + self.look() + self._run_jobs_of_states():
            pass

    def _run_jobs_of_states(self) -> int:
        with self.shop.store.reading() as work:
            due = [job for job in work.jobs.due(self.clock.now, limit=1000) if work.jobs.get(job).state is not None]
        return sum(run_job(self.shop.engine, job, worker="w") for job in due)

    # ---- What became of it ----

    def mails(self, reference: str = REFERENCE) -> list[str]:
        """Templates of the mails that were promised."""
        return [message.template for message, _ in self.order(reference).mails]

    def bills(self, reference: str = REFERENCE) -> list[tuple[int, int]]:
        """Gross, and printed as paid."""
        return [(paper.gross_minor, paper.paid_minor) for paper, _ in self.order(reference).invoices]

    def order(self, reference: str = REFERENCE) -> OrderView:
        return self.shop.views.order(reference)

    def states(self, reference: str = REFERENCE) -> list[str]:
        """By line and part."""
        return [item.state for item in self.order(reference).items]

    def history(self, reference: str = REFERENCE) -> list[Hop]:
        """Hops that succeeded: event, source, target, labels of the items."""
        return [row for row, error in self._history(reference) if error is None]

    def failures(self, reference: str = REFERENCE) -> list[Hop]:
        """Attempts that failed."""
        return [row for row, error in self._history(reference) if error is not None]

    def notes(self, reference: str = REFERENCE) -> list[str]:
        return [note.text for note in self.order(reference).notes]

    def timers(self, reference: str = REFERENCE) -> list[TimerRow]:
        return list(self.order(reference).timers)

    def job(self, name: str = "call", reference: str = REFERENCE) -> Job:
        """The newest of this name."""
        return [job for job in self.order(reference).jobs if job.name == name][-1]

    def incidents(self, reference: str = REFERENCE) -> list[Incident]:
        return [incident for incident in self.order(reference).incidents if incident.closed_at is None]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Straight from the database, past our own code."""
        if self.database is not None:
            with psycopg.connect(self.database, options="-c search_path=oms") as connection:
                cursor = connection.execute(query.replace("?", "%s").encode(), values)
                return cursor.fetchall() if cursor.description else []
        with sqlite3.connect(self.folder / "data" / "oms.db") as connection:
            return connection.execute(query, values).fetchall()

    def _history(self, reference: str) -> list[tuple[Hop, str | None]]:
        view = self.order(reference)
        labels = {item.id: item.label for item in view.items}
        hops = groupby(view.history, key=lambda row: (row.trigger, row.hop, row.event, row.source, row.target, row.error))
        return [((event, source, target, [labels[row.item] for row in rows]), error) for (_, _, event, source, target, error), rows in hops]


def _named(name: str, text: str) -> str:
    return f"process: {name}\n{dedent(text)}"
