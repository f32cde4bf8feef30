"""Provisions and migrates schemas in one process of its own; `schemas.py` starts it.

Reads one JSON object a schema from standard input, so that no password stands in arguments or environment.
"""

import json
import sys
from pathlib import Path

from libs.database.migrate import upgrade
from libs.database.provision import provision


def main() -> None:
    for line in sys.stdin:
        job: dict[str, str] = json.loads(line)
        provision(job["admin_dsn"], job["schema"], job["owner_password"], job["app_password"])
        service = Path(job["service"])
        if (service / "migrations" / "versions").is_dir():
            upgrade(service, job["owner_dsn"])


if __name__ == "__main__":
    main()
