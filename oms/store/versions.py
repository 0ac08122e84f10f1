"""Deployed contents of process files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Text, bindparam, cast, delete, false, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.ports.operations import Deployment
from oms.ports.records import Version
from oms.ports.versions import Content
from oms.process.findings import ProcessFile
from oms.store.access import Access
from oms.store.held import VERSIONS
from oms.store.items import ITEMS
from oms.store.orders import ORDERS
from oms.store.tables import DeploymentRow, FigureRow, ProcessFileRow, table_of

DEPLOYMENTS, FIGURES, FILES = table_of(DeploymentRow), table_of(FigureRow), table_of(ProcessFileRow)

VERSION_COLUMNS = tuple(VERSIONS.c[name] for name in Version.__slots__)

_NEWEST = select(func.max(DEPLOYMENTS.c.id)).group_by(DEPLOYMENTS.c.name)
_ALL = (
    select(*VERSION_COLUMNS).join(DEPLOYMENTS, DEPLOYMENTS.c.version == VERSIONS.c.id).where(DEPLOYMENTS.c.id.in_(_NEWEST)).order_by(VERSIONS.c.name)
)
_DEPLOYED = _ALL.where(VERSIONS.c.name == bindparam("wanted"))
_GET = select(*VERSION_COLUMNS).where(VERSIONS.c.id == bindparam("wanted"))
_OF = select(*VERSION_COLUMNS).where(VERSIONS.c.name == bindparam("wanted")).order_by(VERSIONS.c.number.desc())
_SAME = select(*VERSION_COLUMNS).where(VERSIONS.c.name == bindparam("wanted"), VERSIONS.c.sha256 == bindparam("hash"))
_LEFT = "left:"
"""Begins the name of the figure that says of a version that nothing follows it any more."""
_HAS_LEFT = literal(_LEFT) + cast(VERSIONS.c.id, Text)
_IS_DEPLOYED = VERSIONS.c.id.in_(select(DEPLOYMENTS.c.version).where(DEPLOYMENTS.c.id.in_(_NEWEST)))
_IN_USE = select(*VERSION_COLUMNS).where(or_(_IS_DEPLOYED, _HAS_LEFT.not_in(select(FIGURES.c.name)))).order_by(VERSIONS.c.name, VERSIONS.c.number)
_OLD = select(VERSIONS.c.id, _HAS_LEFT.label("figure")).where(~_IS_DEPLOYED)
_LEAVE = insert(FIGURES)
_COME_BACK = delete(FIGURES).where(FIGURES.c.name == literal(_LEFT) + cast(bindparam("wanted"), Text))
_ALL_COME_BACK = delete(FIGURES).where(FIGURES.c.name.startswith(_LEFT))
_LAST_NUMBER = select(func.coalesce(func.max(VERSIONS.c.number), 0)).where(VERSIONS.c.name == bindparam("wanted"))
_ADD = insert_or_ignore(VERSIONS).on_conflict_do_nothing()
_DEPLOY = insert(DEPLOYMENTS)
_FILES = (
    select(FILES.c.version, FILES.c.name, FILES.c.text)
    .where(FILES.c.version.in_(bindparam("wanted", expanding=True)))
    .order_by(FILES.c.version, FILES.c.place)
)
_KEEP_FILE = insert_or_ignore(FILES).on_conflict_do_nothing()


_OPEN_ORDERS = (
    select(ORDERS.c.version, func.count(ORDERS.c.id.distinct()).label("orders"))
    .join(ITEMS, ITEMS.c.order == ORDERS.c.id)
    .where(ITEMS.c.final == false())
    .group_by(ORDERS.c.version)
)
_HISTORY = (
    select(DEPLOYMENTS.c.name, VERSIONS.c.number, DEPLOYMENTS.c.at, DEPLOYMENTS.c.actor)
    .join(VERSIONS, VERSIONS.c.id == DEPLOYMENTS.c.version)
    .order_by(DEPLOYMENTS.c.id)
)


class Versions(Access):
    """`oms.ports.store.Versions` on SQL."""

    def deployed(self, name: str) -> Version | None:
        """What new orders take."""
        row = self._first(_DEPLOYED, {"wanted": name})
        return Version(*row) if row else None

    def get(self, version: int) -> Version:
        """One version."""
        return Version(*self._one(_GET, {"wanted": version}))

    def all_deployed(self) -> list[Version]:
        """What new orders take, by process."""
        return [Version(*row) for row in self._all(_ALL)]

    def of(self, name: str) -> list[Version]:
        """All contents that a process has had, the newest first."""
        return [Version(*row) for row in self._all(_OF, {"wanted": name})]

    def in_use(self) -> list[Version]:
        """All but those that were counted as left. To ask each whether an open item has it would walk all closed orders of the old ones."""
        return [Version(*row) for row in self._all(_IN_USE)]

    def leave(self, followed: Collection[int], *, at: datetime) -> None:
        """What is neither deployed nor among these isn't in use until it is deployed again."""
        left = [row.figure for row in self._all(_OLD) if row.id not in followed]
        self._run(_ALL_COME_BACK)
        if left:
            self._run(_LEAVE, [{"name": figure, "counted_at": at, "told": ""} for figure in left])

    def open_orders(self) -> dict[int, int]:
        """Version to the number of orders that follow it and have an open item."""
        return {row.version: row.orders for row in self._all(_OPEN_ORDERS)}

    def deployments(self) -> list[Deployment]:
        """All, oldest first."""
        return [Deployment(*row) for row in self._all(_HISTORY)]

    def files(self, *versions: int) -> dict[int, tuple[ProcessFile, ...]]:
        """Version to what somebody wrote; missing: it was deployed when nobody kept that."""
        found: dict[int, tuple[ProcessFile, ...]] = {}
        for version, name, text in self._all(_FILES, {"wanted": versions}):
            found[version] = (*found.get(version, ()), ProcessFile(name, text))
        return found

    def deploy(self, name: str, content: Content, *, actor: str, at: datetime) -> tuple[Version, bool]:
        """Let new orders take this content. False: they do already."""
        now = self.deployed(name)
        version = self._kept(name, content, at=at)
        self._keep_files(version, content.files)
        if now == version:
            return now, False
        self._run(_DEPLOY, {"name": name, "version": version.id, "at": at, "actor": actor})
        self._run(_COME_BACK, {"wanted": version.id})
        return version, True

    def _kept(self, name: str, content: Content, *, at: datetime) -> Version:
        """This content, as it is known or as the next number. Another host may take that number first: then ours is the one after it."""
        while (known := self._first(_SAME, {"wanted": name, "hash": content.sha256})) is None:
            number = int(self._one(_LAST_NUMBER, {"wanted": name})[0]) + 1
            same = {"sha256": content.sha256, "graph": content.graph, "source_sha256": content.source_sha256}
            self._run(_ADD, {"name": name, "number": number, "created_at": at, **same})
        return Version(*known)

    def _keep_files(self, version: Version, files: Sequence[ProcessFile]) -> None:
        """Those of the first who brings any. Another host may do so now: each waits for the other at the first file, so they are never mixed."""
        if files and not self.files(version.id):
            rows = ({"version": version.id, "place": place, "name": file.name, "text": file.text} for place, file in enumerate(files))
            for row in rows:
                self._run(_KEEP_FILE, row)
