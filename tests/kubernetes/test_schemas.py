"""The schemas that charts are checked with off-line are those of the API server."""

from tools.charts.schemas import differences


def test_the_kept_schemas_are_the_servers() -> None:
    assert differences() == []
