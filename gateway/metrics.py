"""What the gateway counts: requests by route and status, and how long they took. Labels are bounded by the table."""

from functools import cache

from prometheus_client import Counter, Histogram

from gateway.exchange import Exchange

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUESTS = Counter("orrery_http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("orrery_http_request_seconds", "From the first byte to the last.", ["route"], buckets=BUCKETS)


def observe(exchange: Exchange) -> None:
    """Count a request that ended."""
    method = exchange.method if exchange.method in METHODS else "other"
    counter(method, exchange.route, exchange.status).inc()
    seconds(exchange.route).observe(exchange.elapsed_us / 1_000_000)


@cache  # labels() takes a lock and builds a key each time
def counter(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@cache
def seconds(route: str) -> Histogram:
    return SECONDS.labels(route)
