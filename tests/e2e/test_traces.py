"""One trace runs from the gateway to the last consumer."""

from pathlib import Path

import pytest

from tests.e2e.otlp import Receiver
from tests.e2e.people import Meet, eventually, put

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
EXPECTED_EDGES = {
    ("gateway", "media"),  # gRPC
    ("media", "media-worker"),  # the job that the consumer deferred
    ("media", "audit"),  # VideoUploaded over the outbox and Kafka
    ("media-worker", "audit"),  # VideoReady, staged by the worker
}


@pytest.fixture(scope="module")
def completed(meet: Meet, sample: Path) -> None:
    owner = meet()
    video, url = owner.start_upload(sample)
    put(url, sample)
    owner.http.headers["traceparent"] = PARENT
    owner.complete(video)
    del owner.http.headers["traceparent"]
    owner.processed(video)


@pytest.mark.usefixtures("completed")
def test_a_trace_crosses_grpc_outbox_kafka_and_jobs(spans: Receiver) -> None:
    def seen() -> set[tuple[str, str]] | None:
        edges = spans.edges(TRACE)
        return edges if edges >= EXPECTED_EDGES else None

    assert eventually(seen) >= EXPECTED_EDGES


@pytest.mark.usefixtures("completed")
def test_the_trace_shows_the_statements_without_their_values(spans: Receiver) -> None:
    statements = eventually(
        lambda: [span.attributes["db.query.text"] for span in spans.trace(TRACE) if "db.query.text" in span.attributes]
    )

    assert any("outbox" in statement for statement in statements)
    assert not any("e2e" in statement or "@example.com" in statement for statement in statements)


@pytest.mark.usefixtures("completed")
def test_the_callers_trace_is_continued_not_replaced(spans: Receiver) -> None:
    roots = eventually(lambda: [span for span in spans.trace(TRACE) if span.service == "gateway"])

    assert "b7ad6b7169203331" in {span.parent for span in roots}
