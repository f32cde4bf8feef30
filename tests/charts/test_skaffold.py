"""skaffold.yaml builds and deploys what the stack has; skaffold itself is not run here."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.charts.expected import FLEET
from tests.charts.manifest import Manifest, alias, rendered
from tools.charts.schemas.written import SKAFFOLD
from tools.charts.validate import complaints
from tools.images.catalogue import images

CONFIG: Any = yaml.safe_load(Path("skaffold.yaml").read_text())
VALUES, DEVELOPED = Path("tools/skaffold/values.yaml"), Path("tools/skaffold/dev-values.yaml")
ARTIFACTS = {one["image"].removeprefix("orrery/"): one for one in CONFIG["build"]["artifacts"]}
RELEASES = {one["name"]: one for one in CONFIG["deploy"]["helm"]["releases"]}
NAMED = tuple(
    f"global.tracks.blue.images.{name}=registry.example.com/{name}:v1" for name in images() if name != "stores"
)


def developed() -> Manifest:
    return rendered("orrery", VALUES, DEVELOPED, sets=NAMED)


def test_skaffold_would_read_it() -> None:
    jsonschema_rs.Draft7Validator(json.loads(SKAFFOLD.read_text())).validate(CONFIG)


def test_every_image_is_an_artifact() -> None:
    assert ARTIFACTS.keys() == images().keys()
    for name, one in ARTIFACTS.items():
        assert one["custom"]["buildCommand"] == f"tools/skaffold/build.sh {name}"


@pytest.mark.parametrize("name", images())
def test_a_change_outside_of_an_image_does_not_build_it_again(name: str) -> None:
    paths = ARTIFACTS[name]["custom"]["dependencies"]["paths"]
    folders = {path.removesuffix("/**") for path in paths if path.endswith("/**")}

    assert {"Dockerfile", "uv.lock"} <= set(paths)
    assert all(Path(folder).is_dir() for folder in folders)
    services = {folder for folder in folders if folder.startswith("services/") or folder == "gateway"}
    assert services == {argument.removeprefix("SERVICE=") for argument in images()[name].arguments}


@pytest.mark.parametrize("name", [name for name in images() if name not in ("admin", "stores")])
def test_changed_code_goes_into_the_pods(name: str) -> None:
    (service,) = (argument.removeprefix("SERVICE=") for argument in images()[name].arguments)
    rules = {(rule["src"], rule["dest"]) for rule in ARTIFACTS[name]["sync"]["manual"]}

    assert rules == {("libs/**/*.py", "/code"), (f"{service}/**/*", "/code")}


def test_every_process_that_is_developed_starts_again_by_itself() -> None:
    for workload in developed().workloads:
        if workload.owner["kind"] != "Deployment" or alias(workload) not in FLEET:
            continue
        (container,) = workload.spec["containers"]
        assert container["args"] == ["libs.process.reload", FLEET[alias(workload)].module]
        assert {"name": "code", "mountPath": "/code"} in container["volumeMounts"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_a_cluster_would_take_what_is_deployed() -> None:
    assert complaints(developed().text) == []


def test_the_pods_run_exactly_the_images_that_skaffold_built() -> None:
    """It puts files only into containers whose image is the one that it built."""
    told = RELEASES["orrery"]["setValueTemplates"]

    for name in images().keys() - {"stores"}:
        variable = f"IMAGE_FULLY_QUALIFIED_orrery_{name.replace('-', '_')}"
        assert told[f"global.tracks.blue.images.{name}"] == f"{{{{.{variable}}}}}"
    used = {one["image"] for workload in developed().workloads for one in workload.containers}
    assert used == {f"registry.example.com/{name}:v1" for name in images().keys() - {"stores"}}


def test_the_stores_run_the_images_that_skaffold_built() -> None:
    told = RELEASES["platform"]["setValueTemplates"]
    manifest = rendered("platform", sets=tuple(f"{path}={path.rpartition('.')[2]}:v1" for path in told))

    used = {one["image"] for workload in manifest.workloads for one in workload.containers}
    assert used == {"stores:v1", "admin:v1"}


def test_charts_and_values_files_are_there() -> None:
    for release in RELEASES.values():
        assert (Path(release["chartPath"]) / "Chart.yaml").is_file()
        assert all(Path(path).is_file() for path in release.get("valuesFiles", []))


def test_a_patch_means_the_artifact_that_it_should() -> None:
    patches = {profile["name"]: profile["patches"] for profile in CONFIG["profiles"]}

    (narrowed,) = [one for one in patches["dev"] if one["path"].startswith("/build")]
    number = int(re.findall(r"/artifacts/(\d+)/", narrowed["path"])[0])
    assert CONFIG["build"]["artifacts"][number]["image"] == "orrery/admin"
    indexes = {
        int(found) for some in patches.values() for one in some for found in re.findall(r"releases/(\d)", one["path"])
    }
    assert {CONFIG["deploy"]["helm"]["releases"][index]["name"] for index in indexes} == {"orrery"}
