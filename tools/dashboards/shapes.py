"""Rows that every deployable has: whether it is well, what it is asked, what it does by itself."""

from tools.dashboards.panels import Logs, Row, graph, p99, stat

NS = 'namespace="$namespace"'


def jobs(*names: str) -> str:
    """A selector of these deployables."""
    return f'{NS},job=~"{"|".join(names)}"'


def process(*names: str) -> Row:
    of = jobs(*names)
    return Row(
        "Processes",
        (
            stat("Pods up", "none", f"sum(up{{{of}}})"),
            stat("Not ready", "none", f"count(orrery_process_ready{{{of}}} == 0) or vector(0)", red_above=1),
            stat(
                "Restarted within an hour", "none", f"sum(changes(process_start_time_seconds{{{of}}}[1h]))", red_above=1
            ),
            graph(
                "CPU",
                "none",
                (f"rate(process_cpu_seconds_total{{{of}}}[5m])", "{{pod}}"),
                width=6,
                description="Cores; one is all that a process can use.",
            ),
            graph("Memory", "bytes", (f"process_resident_memory_bytes{{{of}}}", "{{pod}}"), width=6),
            graph(
                "Event loop lag, p99",
                "s",
                (
                    p99("orrery_event_loop_lag_seconds", "job, pod", of),
                    "{{pod}}",
                ),
                red_above=0.25,
            ),
            graph(
                "Ready by part",
                "none",
                (f"min by (job, check) (orrery_process_ready{{{of}}})", "{{job}} {{check}}"),
                most=1,
            ),
            graph(
                "Versions",
                "none",
                (f"count by (service, version) (orrery_build_info{{{of}}})", "{{service}} {{version}}"),
            ),
        ),
    )


def calls(name: str) -> Row:
    of = jobs(name)
    return Row(
        "Calls",
        (
            graph(
                "Calls by method",
                "reqps",
                (f"sum by (method) (rate(orrery_rpc_server_calls_total{{{of}}}[5m]))", "{{method}}"),
            ),
            graph(
                "Ends other than OK",
                "reqps",
                (f'sum by (code) (rate(orrery_rpc_server_calls_total{{{of},code!="OK"}}[5m]))', "{{code}}"),
                description="Refusals are among them; INTERNAL and UNKNOWN are faults of the code.",
            ),
            graph(
                "Duration by method, p99",
                "s",
                (
                    p99("orrery_rpc_server_seconds", "method", of),
                    "{{method}}",
                ),
            ),
        ),
    )


def database(*names: str) -> Row:
    of = jobs(*names)
    return Row(
        "PostgreSQL",
        (
            graph(
                "Connections in use",
                "percentunit",
                (
                    (
                        f'max by (job, pool) (orrery_database_pool_connections{{{of},state="in_use"}}'
                        f" / ignoring (state) orrery_database_pool_limit{{{of}}})"
                    ),
                    "{{job}} {{pool}}",
                ),
                red_above=0.9,
                most=1,
            ),
            graph(
                "Callers waiting for one",
                "none",
                (f"max by (job, pool) (orrery_database_pool_waiting{{{of}}})", "{{job}} {{pool}}"),
            ),
            graph(
                "Waited in vain",
                "ops",
                (f"sum by (job, pool) (rate(orrery_database_pool_timeouts_total{{{of}}}[5m]))", "{{job}} {{pool}}"),
                red_above=0.01,
            ),
        ),
    )


def outbox(*names: str) -> Row:
    of = jobs(*names)
    return Row(
        "Outbox",
        (
            graph(
                "Oldest event", "s", (f"max by (job) (orrery_outbox_oldest_seconds{{{of}}})", "{{job}}"), red_above=120
            ),
            graph("Waiting events", "none", (f"max by (job) (orrery_outbox_waiting_events{{{of}}})", "{{job}}")),
            graph("Sent", "ops", (f"sum by (job) (rate(orrery_outbox_sent_total{{{of}}}[5m]))", "{{job}}")),
        ),
    )


def inbox(*names: str) -> Row:
    of = jobs(*names)
    return Row(
        "Consumers",
        (
            graph(
                "Events behind",
                "none",
                (f"sum by (consumer, topic) (orrery_inbox_lag_events{{{of}}})", "{{consumer}} {{topic}}"),
                red_above=1000,
            ),
            graph(
                "Settled",
                "ops",
                (
                    f"sum by (consumer, outcome) (rate(orrery_inbox_events_total{{{of}}}[5m]))",
                    "{{consumer}} {{outcome}}",
                ),
            ),
            graph(
                "Dead letters within an hour",
                "none",
                (f'sum by (consumer) (increase(orrery_inbox_events_total{{{of},outcome="dead"}}[1h]))', "{{consumer}}"),
                red_above=1,
            ),
        ),
    )


def work(*names: str) -> Row:
    of = jobs(*names)
    return Row(
        "Jobs",
        (
            graph(
                "Oldest due job",
                "s",
                (f"max by (queue) (orrery_jobs_oldest_seconds{{{of}}})", "{{queue}}"),
                red_above=900,
            ),
            graph(
                "Due and running",
                "none",
                (f"max by (queue) (orrery_jobs_waiting{{{of}}})", "{{queue}} due"),
                (f"max by (queue) (orrery_jobs_running{{{of}}})", "{{queue}} running"),
            ),
            graph(
                "Ended by outcome",
                "ops",
                (f"sum by (task, outcome) (rate(orrery_jobs_ended_total{{{of}}}[5m]))", "{{task}} {{outcome}}"),
            ),
            graph(
                "Taken over from dead workers within an hour",
                "none",
                (f"sum by (task) (increase(orrery_jobs_taken_over_total{{{of}}}[1h]))", "{{task}}"),
            ),
        ),
    )


def certificates(*names: str) -> Row:
    of = jobs(*names)
    return Row(
        "Certificates",
        (
            graph(
                "Time left",
                "s",
                (
                    f"min by (job, file) (orrery_certificate_expires_timestamp_seconds{{{of}}}) - time()",
                    "{{job}} {{file}}",
                ),
                width=12,
            ),
            graph(
                "Files that cannot be used",
                "none",
                (f"max by (job, file) (orrery_certificate_files_unfit{{{of}}})", "{{job}} {{file}}"),
                width=12,
                red_above=1,
            ),
        ),
    )


def logs(*names: str) -> Row:
    chosen = f'{{service_name=~"{"|".join(names)}",k8s_namespace_name="$namespace"}}'
    return Row("Log", (Logs("Warnings and errors", f'{chosen} | json | level=~"warning|error|critical"'),))
