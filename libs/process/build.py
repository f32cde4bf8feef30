"""Which build this process is, among the metrics."""

from prometheus_client import Gauge

from libs.settings import build_of_this_image

BUILD = Gauge("orrery_build_info", "1, with the build's version and revision.", ["service", "version", "revision"])


def tell_build(service: str) -> None:
    """Show the image's version and revision."""
    build = build_of_this_image()
    BUILD.labels(service, build.version, build.revision).set(1)
