from pathlib import Path

import pytest

from tools.new_service.errors import NotWritten
from tools.new_service.names import Names


def test_a_name_gives_all_others() -> None:
    names = Names.of("ai-inference", "", "")

    assert names.values == {
        "name": "ai-inference",
        "module": "ai_inference",
        "package": "ai_inference",
        "feature": "ai_inference",
        "path": "ai-inference",
        "title": "Ai inference",
        "settings": "AiInferenceSettings",
        "servicer": "AiInferenceService",
        "rpc": "AiInferenceServicer",
    }


def test_the_package_is_the_first_feature_where_none_is_named() -> None:
    assert Names.of("ai-inference", "ai", "").feature == "ai"


@pytest.mark.parametrize(
    ("name", "package", "feature"),
    [
        ("", "", ""),
        ("AI", "", ""),
        ("ai_inference", "", ""),
        ("../ai", "", ""),
        ("ai", "AI", ""),
        ("ai", "ai", "import"),
        ("ai", "ai", "a-b"),
    ],
)
def test_what_cannot_be_a_name_is_refused(name: str, package: str, feature: str) -> None:
    with pytest.raises(NotWritten):
        Names.of(name, package, feature)


@pytest.mark.parametrize("taken", ["services/ai_inference", "protos/orrery/ai"])
def test_a_service_is_written_once(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).mkdir(parents=True)

    with pytest.raises(NotWritten, match=f"{taken} is there already"):
        Names.of("ai-inference", "ai", "models").refuse_taken(tmp_path)
