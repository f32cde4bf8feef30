"""Asking again when the gateway says how long to wait."""

import time

import httpx

PATIENCE = 180.0  # seconds


class Patient(httpx.HTTPTransport):
    """Waits as long as a 429 says: seeding signs in more often than one address may in a minute."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        limit = time.monotonic() + PATIENCE
        while True:
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or time.monotonic() > limit:
                return answer
            answer.close()
            time.sleep(float(answer.headers.get("retry-after", "1")))
