"""`python -m gateway`: the public API, in as many processes as ORRERY_WORKERS says."""

import sys

import uvloop

from gateway.settings import GatewaySettings
from gateway.supervisor import ROLE, end_with_parent, supervise
from gateway.worker import work
from libs.process import run


async def main(role: str) -> None:
    settings = GatewaySettings.read()
    if role == ROLE:
        end_with_parent()
    if settings.workers > 1 and role != ROLE:
        await supervise(settings)
    else:
        await work(settings)


if __name__ == "__main__":
    run(main("".join(sys.argv[1:2])), by=uvloop.run)
