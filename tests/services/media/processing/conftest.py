"""One spoken film, made once."""

from pathlib import Path

import pytest

from services.media.processing import Limits
from tests.services.media.processing.files import spoken_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoken_sample(tmp_path_factory.mktemp("sample") / "sample.mp4")


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits(cpu_seconds=20, wall_seconds=60, audio_segment_seconds=2.0)
