"""The dashboards: the fleet, its stores, and one for each service with its worker."""

from tools.dashboards import shapes
from tools.dashboards.layout import Board
from tools.dashboards.panels import Row, graph, p99, stat
from tools.stack import layout

NS = shapes.NS
HTTP = f'{NS},job="gateway"'
EVERY = ".+"
FAULTS = f'{NS},code=~"INTERNAL|UNKNOWN|DATA_LOSS|UNIMPLEMENTED"'

FLEET = Board(
    "fleet",
    "Fleet",
    (
        Row(
            "Objectives over thirty days",
            (
                stat(
                    "Availability's budget burns (1 h)",
                    "none",
                    f"orrery:availability_burn:rate1h{{{NS}}}",
                    red_above=14.4,
                    description="1 spends the budget in thirty days; 14.4 in two.",
                ),
                stat(
                    "Availability's budget burns (3 d)", "none", f"orrery:availability_burn:rate3d{{{NS}}}", red_above=1
                ),
                stat("Latency's budget burns (1 h)", "none", f"orrery:latency_burn:rate1h{{{NS}}}", red_above=14.4),
                stat("Latency's budget burns (3 d)", "none", f"orrery:latency_burn:rate3d{{{NS}}}", red_above=1),
                stat("Objectives", "percentunit", "orrery:availability:objective"),
                stat(
                    "Alerts that ring",
                    "none",
                    f'count(ALERTS{{{NS},alertstate="firing",part_of="orrery"}}) or vector(0)',
                    red_above=1,
                ),
            ),
        ),
        Row(
            "Requests",
            (
                graph("Requests by status", "reqps", (f"orrery:http_requests:rate5m{{{NS}}}", "{{status}}")),
                graph(
                    "Duration",
                    "s",
                    (f"orrery:http_request_seconds:p50_5m{{{NS}}}", "p50"),
                    (f"orrery:http_request_seconds:p99_5m{{{NS}}}", "p99"),
                ),
                graph(
                    "Budgets",
                    "none",
                    (f"orrery:availability_burn:rate5m{{{NS}}}", "availability, 5 min"),
                    (f"orrery:latency_burn:rate5m{{{NS}}}", "latency, 5 min"),
                    red_above=14.4,
                ),
            ),
        ),
        Row(
            "Services",
            (
                graph("Pods up", "none", (f'sum by (job) (up{{{NS},fleet!=""}})', "{{job}}")),
                graph("Calls", "reqps", (f"sum by (job) (rate(orrery_rpc_server_calls_total{{{NS}}}[5m]))", "{{job}}")),
                graph(
                    "Calls that fail by our fault",
                    "reqps",
                    (
                        f"sum by (job) (rate(orrery_rpc_server_calls_total{{{FAULTS}}}[5m]))",
                        "{{job}}",
                    ),
                ),
                graph("CPU", "none", (f"sum by (job) (rate(process_cpu_seconds_total{{{NS}}}[5m]))", "{{job}}")),
                graph("Memory", "bytes", (f"sum by (job) (process_resident_memory_bytes{{{NS}}})", "{{job}}")),
                graph(
                    "Calls tried again",
                    "reqps",
                    (f"sum by (job, rpc) (rate(orrery_rpc_client_retries_total{{{NS}}}[5m]))", "{{job}} {{rpc}}"),
                ),
            ),
        ),
        shapes.certificates(EVERY),
    ),
)

STORES = Board(
    "stores",
    "Stores, jobs and Kafka",
    (shapes.outbox(EVERY), shapes.inbox(EVERY), shapes.work(EVERY), shapes.database(EVERY)),
)

EDGE = Row(
    "Requests",
    (
        graph(
            "By status", "reqps", (f"sum by (status) (rate(orrery_http_requests_total{{{HTTP}}}[5m]))", "{{status}}")
        ),
        graph(
            "Ten busiest routes",
            "reqps",
            (
                f"topk(10, sum by (method, route) (rate(orrery_http_requests_total{{{HTTP}}}[5m])))",
                "{{method}} {{route}}",
            ),
        ),
        graph(
            "5xx by route",
            "reqps",
            (
                f'sum by (route, status) (rate(orrery_http_requests_total{{{HTTP},status=~"5.."}}[5m]))',
                "{{status}} {{route}}",
            ),
        ),
        graph(
            "Ten slowest routes, p99",
            "s",
            (
                f"topk(10, {p99('orrery_http_request_seconds', 'route', HTTP)})",
                "{{route}}",
            ),
        ),
        graph("By track", "reqps", (f"sum by (track) (rate(orrery_http_requests_total{{{HTTP}}}[5m]))", "{{track}}")),
        graph(
            "5xx by track",
            "percentunit",
            (
                (
                    f'sum by (track) (rate(orrery_http_requests_total{{{HTTP},status=~"5.."}}[5m]))'
                    f" / sum by (track) (rate(orrery_http_requests_total{{{HTTP}}}[5m]))"
                ),
                "{{track}}",
            ),
            description="What decides a canary.",
        ),
    ),
)

CALLERS = Row(
    "Callers",
    (
        graph(
            "Credentials refused",
            "reqps",
            (f"sum by (reason) (rate(orrery_credentials_refused_total{{{HTTP}}}[5m]))", "{{reason}}"),
        ),
        graph("Refused by a limit", "reqps", (f"sum by (rate) (rate(orrery_limited_total{{{HTTP}}}[5m]))", "{{rate}}")),
        graph(
            "Limits shared, revocations followed",
            "none",
            (f"min(orrery_limits_shared{{{HTTP}}})", "limits shared"),
            (f"min(orrery_revocations_following{{{HTTP}}})", "revocations followed"),
            most=1,
            description="0: Redis or Kafka is away from a gateway.",
        ),
        graph(
            "Revocations",
            "ops",
            (f"sum(rate(orrery_revocations_total{{{HTTP}}}[5m]))", "heard of"),
            (f"sum(rate(orrery_revocations_dropped_total{{{HTTP}}}[5m]))", "forgotten early"),
        ),
        graph(
            "Answers given again",
            "ops",
            (f"sum(rate(orrery_idempotent_replays_total{{{HTTP}}}[5m]))", "by Idempotency-Key"),
        ),
    ),
)

ACCESS_LOG = Row(
    "Access log",
    (
        graph(
            "On disk, not yet in Kafka",
            "bytes",
            (f"orrery_access_log_spool_bytes{{{HTTP}}}", "{{pod}}"),
            red_above=67108864,
        ),
        graph(
            "Batches",
            "ops",
            (f"sum(rate(orrery_access_log_sent_total{{{HTTP}}}[5m]))", "sent"),
            (f"sum(rate(orrery_access_log_away_total{{{HTTP}}}[5m]))", "refused"),
        ),
        graph(
            "Rows lost within an hour",
            "none",
            (f"sum(increase(orrery_access_log_dropped_total{{{HTTP}}}[1h]))", "rows"),
            red_above=1,
        ),
    ),
)

GATEWAY = Board("gateway", "Gateway", (EDGE, CALLERS, ACCESS_LOG, shapes.process("gateway"), shapes.logs("gateway")))

SIGN_INS = Row(
    "Sign-ins",
    (
        graph(
            "Refused for want of room",
            "reqps",
            (f'sum(rate(orrery_passwords_refused_total{{{NS},job="auth"}}[5m]))', "passwords"),
            width=12,
            red_above=1,
        ),
        graph(
            "Sign-in routes by status",
            "reqps",
            (
                f'sum by (route, status) (rate(orrery_http_requests_total{{{HTTP},route=~"/api/auth/.*"}}[5m]))',
                "{{status}} {{route}}",
            ),
            width=12,
        ),
    ),
)

AUTH = Board(
    "auth",
    "Auth",
    (
        SIGN_INS,
        shapes.calls("auth"),
        shapes.outbox("auth"),
        shapes.work("auth-worker"),
        shapes.database("auth", "auth-worker"),
        shapes.process("auth", "auth-worker"),
        shapes.logs("auth", "auth-worker"),
    ),
)

STORAGE = Row(
    "Storage",
    (
        graph(
            "Storage answers",
            "none",
            (f"min by (job, part) (orrery_process_part_up{{{shapes.jobs('media')}}})", "{{job}} {{part}}"),
            most=1,
            description="0 while some pod does not reach it; the service serves without it what it can.",
        ),
    ),
)

MEDIA = Board(
    "media",
    "Media",
    (
        shapes.work("media-worker"),
        shapes.calls("media"),
        shapes.outbox("media"),
        shapes.inbox("media"),
        STORAGE,
        shapes.database("media", "media-worker"),
        shapes.process("media", "media-worker"),
        shapes.logs("media", "media-worker"),
    ),
)


def service(name: str, title: str, *events: Row) -> Board:
    """A service without a worker; `events` are its rows of what it publishes and consumes."""
    rows = (shapes.calls(name), *events, shapes.database(name), shapes.process(name), shapes.logs(name))
    return Board(name, title, rows)


AI = service("ai-inference", "AI inference", shapes.outbox("ai-inference"))
AUDIT = service("audit", "Audit", shapes.inbox("audit"))
OWN = {one.uid: one for one in (FLEET, STORES, GATEWAY, AUTH, MEDIA, AI, AUDIT)}


def boards() -> dict[str, Board]:
    """Every dashboard by its uid; a service that has none of its own gets the plain one."""
    names = [one.name for one in layout.load({}).deployables if not one.name.endswith("-worker")]
    plain = {name: service(name, name.replace("-", " ").capitalize(), shapes.outbox(name)) for name in names}
    return plain | OWN
