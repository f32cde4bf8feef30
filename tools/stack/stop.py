"""`down` and `reset`."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console

from tools.stack import ports, start
from tools.stack.environment import Surroundings
from tools.stack.fleet import Service
from tools.stack.layout import Layout
from tools.stack.processes import Managed


def down(layout: Layout, console: Console) -> None:
    """End the fleet, then the parts; data stays. Says which ports are still taken, and by whom."""
    with start.guarded(layout, console):
        told = start.surroundings(layout)
        end(told, console)
    for name, port in layout.ports.items():
        holder = ports.holder(port)
        if holder:
            console.print(f"Port {port} of {name} is still taken by {holder}, which this stack did not start.")


def end(told: Surroundings, console: Console) -> None:
    services = [Service(one, told.layout.folder) for one in told.layout.deployables]
    with ThreadPoolExecutor() as pool:
        ended = [one.name for one, ran in zip(services, pool.map(Service.stop, services), strict=True) if ran]
        parts = told.stores.own
        ended += [part.name for part, ran in zip(parts, pool.map(lambda part: part.stop(), parts), strict=True) if ran]
    ended += [record.stem for record in (told.layout.folder / "run").glob("*.json") if forgotten(told, record.stem)]
    console.print(f"Ended: {', '.join(ended)}." if ended else "Nothing ran.")


def pause(layout: Layout, console: Console) -> None:
    """End the fleet's processes; the stores go on. For a restore, which nobody may disturb."""
    with start.guarded(layout, console), ThreadPoolExecutor() as pool:
        services = [Service(one, layout.folder) for one in layout.deployables]
        ended = [one.name for one, ran in zip(services, pool.map(Service.stop, services), strict=True) if ran]
    console.print(f"Ended: {', '.join(ended)}." if ended else "No process of the fleet ran.")


def restart(layout: Layout, console: Console, only: Sequence[str]) -> None:
    """End these deployables (all when none is named) and start them with today's code and environment."""
    services = [Service(one, layout.folder) for one in start.chosen(layout, only)]
    with start.guarded(layout, console), ThreadPoolExecutor() as pool:
        list(pool.map(Service.stop, services))
    start.up(layout, console, [service.name for service in services])


def forgotten(told: Surroundings, name: str) -> bool:
    """End a process of a former layout (another S3 server, a deployable since renamed)."""
    return Managed(name, told.layout.folder).end()


def reset(layout: Layout, console: Console) -> None:
    """Down, then delete data, secrets and logs; what is installed stays."""
    down(layout, console)
    with start.guarded(layout, console):
        for part in start.surroundings(layout).stores.own:
            part.wipe()
        for name in ("data", "secrets", "run", "logs"):
            shutil.rmtree(layout.folder / name, ignore_errors=True)
    console.print(f"Deleted data, secrets and logs under {layout.folder}.")
