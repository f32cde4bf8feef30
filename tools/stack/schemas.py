"""Each service's schema and logins, brought to the newest revision; skipped where nothing has changed."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import psycopg

from tools.stack.environment import Surroundings, inherited
from tools.stack.errors import StackError
from tools.stack.layout import ROOT

DATABASE_LIBRARY = ROOT / "libs" / "database"


def outdated(told: Surroundings) -> list[str]:
    """The schemas that are missing, or older than the migrations of this checkout; the server must answer."""
    server = server_id(told)
    return [schema for schema in told.layout.schemas if stamp(told, schema) != fingerprint(told, schema, server)]


def bring_up_to_date(told: Surroundings) -> list[str]:
    """Provision and migrate what is outdated, and name it; raises StackError with the job's last lines."""
    names = outdated(told)
    if names:
        run([order(told, schema) for schema in names])
    for schema in names:
        path = stamp_path(told, schema)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fingerprint(told, schema, server_id(told)))
    return names


def order(told: Surroundings, schema: str) -> dict[str, str]:
    """What migrate.py is told of one schema."""
    owner = told.keys.password(f"{schema}_owner")
    return {
        "schema": schema,
        "service": str(told.layout.schemas[schema]),
        "admin_dsn": told.stores.admin_dsn,
        "owner_dsn": told.stores.dsn(f"{schema}_owner", owner),
        "owner_password": owner,
        "app_password": told.keys.password(f"{schema}_app"),
    }


def run(orders: list[dict[str, str]]) -> None:
    job = [sys.executable, "-m", "tools.stack.migrate"]
    told = "\n".join(json.dumps(one) for one in orders)
    done = subprocess.run(job, cwd=ROOT, env=inherited(), input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).splitlines()
        raise StackError("The schemas could not be migrated.", "make doctor", "\n".join(said[-15:]))


def fingerprint(told: Surroundings, schema: str, server: str) -> str:
    """Changes with the server, the migrations, and the code that runs them."""
    seen = hashlib.sha256(server.encode())
    for folder in (DATABASE_LIBRARY, ROOT / told.layout.schemas[schema] / "migrations"):
        for file in sorted(folder.rglob("*.py")):
            seen.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return seen.hexdigest()


def server_id(told: Surroundings) -> str:
    """The server's own number, which a fresh data folder changes, with the database's."""
    query = "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
    with psycopg.connect(told.stores.admin_dsn, connect_timeout=5) as server:
        return str(server.execute(query).fetchone())


def stamp(told: Surroundings, schema: str) -> str:
    path = stamp_path(told, schema)
    return path.read_text() if path.exists() else ""


def stamp_path(told: Surroundings, schema: str) -> Path:
    return told.layout.folder / "run" / "schemas" / schema
