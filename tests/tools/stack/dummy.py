"""A process of the fleet for tests: ready at its operations port."""

import http.server
import os
import sys


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


def main() -> None:
    host, _, port = os.environ["ORRERY_PROCESS__OPERATIONS"].rpartition(":")
    told = sorted(name for name in os.environ if name.startswith("ORRERY_"))
    sys.stdout.write(f"told: {' '.join(told)}\n")
    http.server.HTTPServer((host, int(port)), Ready).serve_forever()


if __name__ == "__main__":
    main()
