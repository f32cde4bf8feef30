import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.transports import RULE


@pytest.mark.parametrize(
    "line",
    [
        "import grpc",
        "from fastapi import HTTPException",
        "from libs.kafka import Kafka",
        "from orrery.media.v1 import videos_pb2_grpc as rpc",
    ],
)
def test_an_operation_that_imports_a_transport_is_refused(report: Report, line: str) -> None:
    lines = report(RULE, {"services/media/videos/operations.py": f"{line}\n"})

    assert len(lines) == 1
    assert lines[0].startswith("services/media/videos/operations.py:1 operations-without-transport — ")


def test_messages_and_the_outbox_are_no_transport_and_servicers_may_have_one(report: Report) -> None:
    lines = report(
        RULE,
        {
            "services/media/videos/operations.py": "from libs import outbox\nfrom orrery.media.v1 import videos_pb2\n",
            "services/media/videos/rpc.py": "import grpc\n",
        },
    )

    assert lines == []
