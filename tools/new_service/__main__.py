"""`python -m tools.new_service NAME [PACKAGE] [FEATURE]`."""

import shutil
import subprocess
import sys
from pathlib import Path

from tools import protos
from tools.charts import docs
from tools.islands import OWN_UV
from tools.new_service import admin, compose, files, gateway, kubernetes, stack
from tools.new_service.errors import NotWritten
from tools.new_service.layout import tidy
from tools.new_service.names import Names

STEPS = (gateway.write, files.write, stack.write, compose.write, kubernetes.write, admin.write)


def main(name: str, package: str = "", feature: str = "") -> None:
    root = Path.cwd()
    try:
        names = Names.of(name, package, feature)
        names.refuse_taken(root)
        written = [path for step in STEPS for path in step(root, names)]
    except NotWritten as why:
        sys.exit(str(why))
    tidy(root, written)
    print("\n".join(f"  {path}" for path in written))
    protos.main()
    docs.write()
    subprocess.run([sys.executable, "-m", "tools.dashboards"], check=True)  # a process that reads the new stack.toml
    subprocess.run([shutil.which("uv") or str(OWN_UV), "lock", "--quiet"], check=True)
    print(f"Now: make test T=tests/services/{names.module}, then the first RPC (CONTRIBUTING.md).")


if __name__ == "__main__":
    main(*sys.argv[1:])
