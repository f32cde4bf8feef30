"""compose.yaml's ties to the stack: its passwords, and the place of a new service in it."""

from pathlib import Path
from string import Template

from tools.stack.environment import Surroundings
from tools.stack.layout import Deployable

ORDINARY = Path(__file__).with_name("compose_service.yaml")
END_OF_SERVICES = "\nvolumes:\n"


class Percent(Template):
    """A template with % for names, for $ is compose's own."""

    delimiter = "%"


def added(text: str, one: Deployable) -> str:
    """The text of a compose.yaml with an ordinary service (gRPC, database, Kafka) and its migration added."""
    values = {
        "name": one.name,
        "module": one.module,
        "folder": str(one.folder),
        "schema": one.schema,
        "variable": one.schema.upper(),
        "port": str(one.port),
        "operations": str(one.operations),
    }
    service = Percent(ORDINARY.read_text()).substitute(values)
    before, end, after = text.partition(END_OF_SERVICES)
    return f"{before}\n{service}{end}{after}"


def write_environment(told: Surroundings) -> Path:
    """Write `secrets/compose.env` for `docker compose --env-file`, readable for its owner alone."""
    roles = [f"{schema}_{role}" for schema in told.layout.schemas for role in ("owner", "app")]
    passwords = {name: told.keys.password(name) for name in ("postgres-admin", "redis", "s3-root", "s3-media", *roles)}
    lines = [f"{name.upper().replace('-', '_')}={password}\n" for name, password in passwords.items()]
    keys = told.keys  # compose mounts these files
    made = (keys.identity, keys.identity_public, keys.auth_identity, keys.auth_identity_public, keys.master)
    target = made[0].with_name("compose.env")
    target.touch(mode=0o600)
    target.write_text("".join(lines))
    return target
