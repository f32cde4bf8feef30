"""What workers count, and what the database says of their queues: that is the same in every replica (take the max)."""

from prometheus_client import Counter, Gauge

OUTCOMES = ("succeeded", "failed", "retried", "returned", "lost")
STARTED = Counter("orrery_jobs_started_total", "Jobs begun, second tries included.", ["task"])
ENDED = Counter(
    "orrery_jobs_ended_total",
    "Ends of jobs begun: succeeded, failed (for good), retried, returned (handed back unfinished), lost (to another).",
    ["task", "outcome"],
)
TAKEN_OVER = Counter("orrery_jobs_taken_over_total", "Jobs put back because their worker was not heard of.", ["task"])
OLDEST = Gauge("orrery_jobs_oldest_seconds", "Age of the oldest job that is due; 0 when none is.", ["queue"])
WAITING = Gauge("orrery_jobs_waiting", "Jobs that are due and that nobody has begun; 10000 for more.", ["queue"])
RUNNING = Gauge("orrery_jobs_running", "Jobs that some worker holds; 10000 for more.", ["queue"])


def show_from_the_start(tasks: list[str], queues: list[str]) -> None:
    """Have every counter at 0 before its first event, which would be no increase otherwise."""
    for task in tasks:
        STARTED.labels(task)
        TAKEN_OVER.labels(task)
        for outcome in OUTCOMES:
            ENDED.labels(task, outcome)
    for queue in queues:
        for gauge in (OLDEST, WAITING, RUNNING):
            gauge.labels(queue)
