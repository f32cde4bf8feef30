"""An SBOM is what CycloneDX's own schema says it is, and what breaks it is refused with its place."""

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from tests.tools.images.test_contents import STATUS
from tools.images import contents, validation
from tools.images.contents import component, debian_packages, document, jars, python_packages
from tools.images.errors import WrongContents


def test_what_the_script_says_of_this_environment_is_cyclonedx() -> None:
    script = Path(contents.__file__).read_text()
    command = [sys.executable, "-", "orrery/media", "1"]

    said = subprocess.run(command, input=script, capture_output=True, text=True, check=True).stdout

    validation.check("orrery/media:1", said)
    assert any(one.get("licenses") for one in json.loads(said)["components"])


def test_packages_of_all_kinds_are_cyclonedx(tmp_path: Path) -> None:
    for name in ("kafka_2.13-4.3.1.jar", "odd name.jar"):
        (tmp_path / name).touch()
    held = [*python_packages(distributions()), *debian_packages(STATUS, "12"), *jars(tmp_path)]

    validation.check("orrery/stores:1", json.dumps(document("orrery/stores", "1", held)))


BREAKAGES: dict[str, tuple[dict[str, Any], str]] = {
    "another specification": ({"bomFormat": "SPDX"}, "as a whole|bomFormat"),
    "no serial number of theirs": ({"serialNumber": "1"}, "serialNumber"),
    "a component of no kind": ({"components": [{"type": "thing", "name": "x"}]}, "components/0/type"),
    "a component without a name": ({"components": [{"type": "library"}]}, "components/0"),
    "a field of nobody's": ({"contents": []}, "contents"),
    "a licence without a name": (
        {"components": [{"type": "library", "name": "x", "licenses": [{"license": {}}]}]},
        "components/0/licenses",
    ),
    "a licence that SPDX does not know": (
        {"components": [{"type": "library", "name": "x", "licenses": [{"license": {"id": "ours"}}]}]},
        "components/0/licenses",
    ),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_document_that_is_none_is_refused_with_its_place(breakage: str) -> None:
    changed, place = BREAKAGES[breakage]
    good = document("image", "1", [component("one", "1", "pkg:pypi/one@1")])
    validation.check("image", json.dumps(good))

    with pytest.raises(WrongContents, match=f"^image .*({place})"):
        validation.check("image", json.dumps({**good, **changed}))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(WrongContents, match="image is no JSON"):
        validation.check("image", "Traceback (most recent call last):")
