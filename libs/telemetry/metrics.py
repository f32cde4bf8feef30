"""Prometheus metrics of this process; one process per pod, so that counters add up."""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest


def render_metrics() -> tuple[bytes, str]:
    """The exposition of every metric of this process, and its media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
