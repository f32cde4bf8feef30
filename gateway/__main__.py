"""`python -m gateway`: the public API, in as many processes as ORRERY_WORKERS says."""

import sys

import uvloop

from gateway.running import PortTaken
from gateway.settings import GatewaySettings
from gateway.supervisor import ROLE, end_with_parent, supervise
from gateway.worker import work
from libs.settings import WrongSettings


async def main(role: str) -> None:
    settings = GatewaySettings.read()
    if role == ROLE:
        end_with_parent()
    if settings.workers > 1 and role != ROLE:
        await supervise(settings)
    else:
        await work(settings)


if __name__ == "__main__":
    try:
        uvloop.run(main("".join(sys.argv[1:2])))
    except (WrongSettings, PortTaken, PermissionError) as wrong:
        sys.exit(str(wrong))
