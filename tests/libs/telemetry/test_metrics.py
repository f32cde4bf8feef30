"""The exposition of a process's metrics."""

import uuid

from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families

from libs.telemetry import render_metrics


def test_a_counted_thing_is_exposed_as_prometheus_reads_it() -> None:
    name = f"probe_{uuid.uuid4().hex}"
    Counter(name, "Things.", ["kind"]).labels("a").inc(3)

    body, media_type = render_metrics()

    found = {
        sample.name: sample for family in text_string_to_metric_families(body.decode()) for sample in family.samples
    }
    assert (found[f"{name}_total"].value, found[f"{name}_total"].labels) == (3.0, {"kind": "a"})
    assert media_type.startswith("text/plain")
