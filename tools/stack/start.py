"""`up`: everything that is missing is installed, started, migrated and awaited; what runs already is left alone."""

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TextIO

from rich.console import Console

from tools.stack import logs, schemas, stores
from tools.stack.environment import Surroundings, public_url, unheard_settings
from tools.stack.errors import StackError
from tools.stack.fleet import PATIENCE, Service
from tools.stack.install import apt
from tools.stack.keys import Keys
from tools.stack.layout import SETTINGS, Deployable, Layout
from tools.stack.login import first_login
from tools.stack.parts import Part


def surroundings(layout: Layout) -> Surroundings:
    """The stores and secrets of a layout; makes the secrets when they are not there."""
    keys = Keys(layout.folder)
    return Surroundings(layout, stores.find(layout, keys), keys)


@contextmanager
def guarded(layout: Layout, console: Console) -> Iterator[None]:
    """Let one `up`, `down` or `reset` at a time work on a stack; the next waits and says so."""
    with lock_file(layout) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("Another command works on this stack; waiting for it to end …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def lock_file(layout: Layout) -> TextIO:
    try:
        layout.folder.mkdir(parents=True, exist_ok=True)
        return (layout.folder / "lock").open("w")
    except OSError as why:
        advice = "Make it a folder that you may write to, or choose another: STACK_FOLDER=…"
        raise StackError(f"{layout.folder} cannot be written: {why.strerror}.", advice) from why


def up(layout: Layout, console: Console, only: Sequence[str] = ()) -> Surroundings:
    """Bring the parts and the fleet (or those of it named in `only`) to ready; raises a group of what failed."""
    begun = time.monotonic()
    wanted = chosen(layout, only)
    if unheard := unheard_settings():
        console.print(f"{', '.join(unheard)}: no process hears this; settings come from tools/stack/environment.py.")
    with guarded(layout, console):
        told = surroundings(layout)
        for log in (layout.folder / "logs").glob("*.log"):
            logs.cut(log)
        start_parts(told, console)
        start_fleet(told, wanted, console)
    console.print(f"Ready after {time.monotonic() - begun:.1f} s.\n")
    return told


def chosen(layout: Layout, only: Sequence[str]) -> list[Deployable]:
    names = [one.name for one in layout.deployables]
    for name in only:
        if name not in names:
            raise StackError(f"There is no {name} in the fleet.", f"There are {', '.join(names)}.")
    return [one for one in layout.deployables if not only or one.name in only]


def start_parts(told: Surroundings, console: Console) -> None:
    """All parts at once, and the schemas as soon as PostgreSQL answers."""
    stores.check_foreign(told.stores)
    jobs: list[Callable[[], None]] = [partial(apt.ensure, SETTINGS["debian"])]
    together(jobs + [partial(start_part, told, console, part) for part in told.stores.own])
    if "postgres" not in {part.name for part in told.stores.own}:
        step(console, "schemas", "", partial(migrate, told))


def start_part(told: Surroundings, console: Console, part: Part) -> None:
    step(console, part.name, str(part.port), partial(bring_up, part))
    if part.name == "postgres":
        step(console, "schemas", "", partial(migrate, told))


def bring_up(part: Part) -> str:
    ran = part.process.pid is not None
    if not ran:
        part.install()
    part.start()
    return "runs" if ran else "started"


def migrate(told: Surroundings) -> str:
    done = schemas.bring_up_to_date(told)
    return f"migrated: {', '.join(done)}" if done else "are up to date"


def start_fleet(told: Surroundings, wanted: Sequence[Deployable], console: Console) -> None:
    """All processes at once, each awaited until it is ready."""
    services = [Service(one, told.layout.folder) for one in wanted]
    until = time.monotonic() + PATIENCE
    together([
        partial(step, console, one.name, str(one.port), partial(start_service, told, one, until)) for one in services
    ])  # fmt: skip


def start_service(told: Surroundings, service: Service, until: float) -> str:
    ran = service.process.pid is not None
    service.start(told)
    service.wait(until)
    return "runs" if ran else "started"


def step(console: Console, name: str, port: str, work: Callable[[], str]) -> None:
    begun = time.monotonic()
    said = work()
    console.print(f"  [bold]{name:<16}[/] {port:<6} {said} [dim]({time.monotonic() - begun:.1f} s)[/]", highlight=False)


def together(jobs: Sequence[Callable[[], None]]) -> None:
    """Run all to their end, then raise what failed, together."""
    with ThreadPoolExecutor(max(1, len(jobs))) as pool:
        running: list[Future[None]] = [pool.submit(job) for job in jobs]
    failures = [failure for job in running if isinstance(failure := job.exception(), Exception)]
    if failures:
        raise ExceptionGroup("start", failures)


def greet(told: Surroundings, console: Console) -> None:
    """Where things are, and a first login."""
    url = public_url(told.layout)
    console.print(f"  API     {url}\n  Docs    {url}/docs  {url}/redoc", highlight=False)
    login = first_login(url, told.keys)
    console.print(f"  Login   {login.username}  {login.password}", highlight=False)
    console.print("  Next    make demo · make status · make logs S=media · make doctor · make down", highlight=False)
