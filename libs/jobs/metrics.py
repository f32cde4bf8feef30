"""What workers count."""

from prometheus_client import Counter, Gauge

STARTED = Counter("orrery_jobs_started_total", "Jobs begun, second tries included.", ["task"])
ENDED = Counter(
    "orrery_jobs_ended_total",
    "Ends of jobs begun: succeeded, failed (for good), retried, returned (handed back unfinished), lost (to another).",
    ["task", "outcome"],
)
TAKEN_OVER = Counter("orrery_jobs_taken_over_total", "Jobs put back because their worker was not heard of.", ["task"])
OLDEST = Gauge("orrery_jobs_oldest_seconds", "Age of the oldest job that is due; 0 when none is.", ["queue"])
