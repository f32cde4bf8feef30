"""The commands that stand before ffmpeg: each takes a right away and execs the next, so that no process is added.

unshare    no network (its own empty network namespace) and no shared memory of others
setpriv    no new privileges, no capabilities, dies with the worker even when that is killed by SIGKILL
sh         goes on only if that worker still lives: one killed before setpriv has run would leave a tool behind
prlimit    the bounds, before the first instruction of the tool runs
nice       the fleet's requests go first

What a machine forbids (containers often forbid namespaces) is left out, best first; `Isolation.network_cut` says
whether the network is away. ffmpeg opens no network by itself either way: only the `file` protocol is allowed.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from services.media.processing.errors import ToolMissing
from services.media.processing.limits import Bounds

NAMESPACES = (
    ("unshare", "--map-root-user", "--net", "--ipc", "--"),
    ("unshare", "--net", "--ipc", "--"),
    (),
)
NO_CAPABILITIES = ("--bounding-set=-all", "--inh-caps=-all")
PRIVILEGES = ("setpriv", "--no-new-privs", "--pdeathsig=KILL")
ALIVE = '[ "$PPID" = "$0" ] && exec "$@"'
"""For `sh -c ALIVE <process id of the worker> <command>`."""
GRACE_SECONDS = 10
"""ffmpeg answers SIGXCPU by ending itself; this much CPU time later comes SIGKILL."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What this machine permits."""

    network_cut: bool
    launcher: tuple[str, ...]

    def command(self, arguments: Sequence[str], bounds: Bounds) -> list[str]:
        """`arguments` (a tool and its arguments) within `bounds`; raises ToolMissing where the tool is none."""
        alive = (where("sh"), "-c", ALIVE, str(os.getpid()))
        return [*self.launcher, *alive, *limited(bounds), "--", where(arguments[0]), *arguments[1:]]


@cache
def isolation() -> Isolation:
    """The best of what this machine permits, tried once (some 10 ms); raises ToolMissing without util-linux."""
    for namespace in NAMESPACES:
        for capabilities in (NO_CAPABILITIES, ()):
            launcher = resolved((*namespace, *PRIVILEGES, *capabilities, "--", "nice", "-n", "10"))
            if permitted(launcher):
                return Isolation(network_cut=bool(namespace), launcher=launcher)
    raise ToolMissing("util-linux")


def resolved(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(where(word) if word in {"unshare", "setpriv", "nice"} else word for word in words)


def limited(bounds: Bounds) -> list[str]:
    limits = {
        "cpu": f"{bounds.cpu_seconds}:{bounds.cpu_seconds + GRACE_SECONDS}",
        "as": str(bounds.memory_bytes),
        "fsize": str(bounds.output_bytes),
        "core": "0",
        "nofile": "128",
    }
    return [where("prlimit"), *(f"--{name}={value}" for name, value in limits.items())]


@cache
def where(tool: str) -> str:
    path = shutil.which(tool)
    if path is None:
        raise ToolMissing("ffmpeg" if tool.startswith("ff") else "util-linux")
    return path


def permitted(launcher: Sequence[str]) -> bool:
    return subprocess.run([*launcher, where("true")], capture_output=True, check=False).returncode == 0
