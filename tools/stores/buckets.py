"""Makes the buckets and the one key that may use them: `python -m tools.stores.buckets BUCKET…`. Idempotent.

Reads S3_ENDPOINT, ROOT_ACCESS_KEY, ROOT_SECRET_KEY, ACCESS_KEY and SECRET_KEY; waits while the server does not answer.
"""

import os
import sys
import time
from collections.abc import Callable

import httpx

from tools.stack.parts import versitygw_admin
from tools.stack.parts.s3 import REGION

PAUSE = 2.0


def patiently(make: Callable[[], None], say: Callable[[str], None]) -> None:
    """Do it when the server answers; says once why not yet."""
    said = ""
    while True:
        try:
            return make()
        except httpx.TransportError as away:
            if str(away) != said:
                say(f"the S3 server does not answer yet: {away}")
            said = str(away)
            time.sleep(PAUSE)


def main(buckets: list[str]) -> None:
    read = os.environ
    root = read["ROOT_ACCESS_KEY"], read["ROOT_SECRET_KEY"]
    user = read["ACCESS_KEY"], read["SECRET_KEY"]
    endpoint = read["S3_ENDPOINT"]
    patiently(
        lambda: versitygw_admin.grant(endpoint, REGION, root, user, buckets), lambda line: print(line, flush=True)
    )
    print(f"{user[0]} owns {', '.join(buckets)}")


if __name__ == "__main__":
    main(sys.argv[1:])
