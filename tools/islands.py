"""Proves that each member imports nothing it does not declare: `python -m tools.islands [MEMBER …]`.

Every module of a member is imported in an environment of its own, which holds what its pyproject.toml declares and
nothing else. In there this file runs again, with the standard library alone, and also refuses a library of the fleet
that is importable only because all of them lie in one folder.
"""

import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path.cwd()
DEPLOYED = ("libs", "services", "gateway", "admin")  # the tools run in the developers' environment, where everything is
PACKAGES = ("gateway", "admin")  # the folder itself is the package
OWN_UV = Path(".stack/uv/bin/uv")  # where the machine had none
ENVIRONMENTS = ROOT / ".stack/islands"  # kept, with what Python compiled
DROPPED = ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True, slots=True)
class Member:
    """A workspace member: its name in the lock, its import package, the packages of the members it declares."""

    name: str
    package: str
    declares: frozenset[str]


def members() -> dict[str, Member]:
    """Every deployed member by name, with the closure of the members it declares."""
    files = [path for folder in DEPLOYED for path in sorted(Path(folder).glob("**/pyproject.toml"))]
    projects = {path: tomllib.loads(path.read_text())["project"] for path in files}
    packages = {project["name"]: ".".join(path.parent.parts) for path, project in projects.items()}
    direct = {project["name"]: requirements(project["dependencies"]) & packages.keys() for project in projects.values()}
    return {
        name: Member(name, package, frozenset(packages[one] for one in closure(name, direct)))
        for name, package in packages.items()
    }


def requirements(dependencies: list[str]) -> set[str]:
    """`sqlalchemy[asyncio]>=2` is sqlalchemy."""
    return {re.split(r"[\s\[<>=!~;]", one, maxsplit=1)[0] for one in dependencies}


def closure(name: str, direct: dict[str, set[str]]) -> set[str]:
    """The member itself and all that it declares, and they declare."""
    reached, pending = set[str](), [name]
    while pending:
        if (one := pending.pop()) not in reached:
            reached.add(one)
            pending.extend(direct[one])
    return reached


def strand(member: Member) -> tuple[float, str]:
    """Import the member alone; seconds, and what went wrong."""
    begun = time.monotonic()
    uv = shutil.which("uv") or str(OWN_UV)
    island = [uv, "run", "--quiet", "--exact", "--frozen", "--no-dev", "--package", member.name]
    command = [*island, "python", "-m", "tools.islands", "--inside", member.package, *sorted(member.declares)]
    environment = {key: value for key, value in os.environ.items() if key not in DROPPED} | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
        "PYTHONPYCACHEPREFIX": str(ENVIRONMENTS / "compiled"),
        "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENTS / member.name),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return time.monotonic() - begun, "" if done.returncode == 0 else done.stdout + done.stderr


def inside(package: str, declared: list[str]) -> None:
    """Import every module of the package; exits with a sentence where one needs what is not declared."""
    found = import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        try:
            import_module(module.name)
        except ImportError as missing:
            sys.exit(f"{module.name} cannot be imported from what is declared: {missing}")
    strangers = sorted(name for name in sys.modules if is_ours(name) and not is_declared(name, declared))
    if strangers:
        sys.exit(f"{package} imports without declaring it: {json.dumps(strangers)}")


def is_ours(module: str) -> bool:
    """Whether a module belongs to a member: `libs.rpc.wire` does, the plain folder `libs` does not."""
    folder, _, rest = module.partition(".")
    return folder in DEPLOYED and (bool(rest) or folder in PACKAGES)


def is_declared(module: str, declared: list[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in declared)


def main(names: list[str]) -> None:
    known = members()
    if unknown := set(names) - known.keys():
        sys.exit(f"no member is called {', '.join(sorted(unknown))}")
    begun, failed = time.monotonic(), []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(strand, known[name]): name for name in names or known}
        for done in as_completed(running):
            seconds, problem = done.result()
            print(f"{'FAIL' if problem else 'ok  '}  {running[done]:<20} {seconds:5.1f} s", flush=True)
            if problem:
                failed.append(running[done])
                print(problem.strip() + "\n", flush=True)
    verdict = f"{', '.join(sorted(failed))} failed" if failed else "each imports only what it declares"
    print(f"{len(names or known)} islands in {time.monotonic() - begun:.1f} s: {verdict}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
    else:
        main(sys.argv[1:])
