"""Programs that come as Go modules."""

import pytest

from tools.stack.install import golang
from tools.stack.install.__main__ import programs
from tools.stack.layout import VERSIONS


def test_every_program_has_its_version() -> None:
    assert golang.MODULES.keys() <= VERSIONS.keys()
    assert {*golang.SERVERS, *golang.CHARTS} == golang.MODULES.keys()


@pytest.mark.parametrize(
    ("s3", "early", "built"),
    [
        ("versitygw", "1", ("versitygw",)),
        ("rclone", "1", ()),
        ("rclone", "tests", golang.CHARTS),
        ("minio", "tests", ("minio", *golang.CHARTS)),
    ],
)
def test_what_reads_charts_is_built_early_for_tests_alone(s3: str, early: str, built: tuple[str, ...]) -> None:
    assert programs(s3, early) == built
