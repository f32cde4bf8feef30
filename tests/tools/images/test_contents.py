"""The list of what an image holds."""

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from tools.images import contents
from tools.images.contents import component, debian_packages, document, jars, release

STATUS = """\
Package: zlib1g
Status: install ok installed
Architecture: amd64
Version: 1:1.2.13.dfsg-1
Description: compression library
 more of it

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


def test_debians_packages_are_those_that_are_installed() -> None:
    [only] = debian_packages(STATUS, "12")

    assert only["purl"] == "pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=debian-12"
    assert only["version"] == "1:1.2.13.dfsg-1"


def test_pythons_packages_are_all_there_once_with_their_licences() -> None:
    found = list(contents.python_packages([*distributions(), *distributions()]))

    names = [str(one["name"]) for one in found]
    assert len(names) == len(set(names))
    assert {"grpcio", "sqlalchemy", "typing-extensions"} <= set(names)
    assert any(one.get("licenses") for one in found)


def test_a_jar_is_known_by_its_name(tmp_path: Path) -> None:
    for name in ("kafka_2.13-4.3.1.jar", "jackson-annotations-2.19.4.jar"):
        (tmp_path / name).touch()

    assert {(one["name"], one["version"]) for one in jars(tmp_path)} == {
        ("kafka_2.13", "4.3.1"),
        ("jackson-annotations", "2.19.4"),
    }


def test_the_same_contents_give_the_same_document_in_any_order() -> None:
    one, other = (component(name, "1", f"pkg:pypi/{name}@1") for name in ("one", "other"))

    assert document("image", "1", [one, other]) == document("image", "1", [other, one])
    assert document("image", "1", [one])["serialNumber"] != document("image", "1", [other])["serialNumber"]


def test_debians_version_is_read() -> None:
    assert release('NAME="Debian"\nVERSION_ID="12"\n') == "12"


def test_it_runs_on_the_standard_library_alone_from_standard_input() -> None:
    script = Path(contents.__file__).read_text()
    command = [sys.executable, "-I", "-", "orrery/media", "1"]

    said = subprocess.run(command, input=script, capture_output=True, text=True, check=True).stdout

    found = json.loads(said)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.5")
    references = [one["bom-ref"] for one in found["components"]]
    assert len(references) == len(set(references))
