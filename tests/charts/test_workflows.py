"""What GitHub runs: every command, file and image that the workflows name is there."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.charts.programs import run
from tools.charts.render import KUBERNETES
from tools.images.catalogue import images
from tools.stack.install import golang
from tools.stack.layout import VERSIONS

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
EVERY = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
PINNED = re.compile(r"uses: (?:\./\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
TARGET = re.compile(r"^([a-z0-9-]+):", re.MULTILINE)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def commands(path: Path) -> str:
    steps = [step for job in read(path)["jobs"].values() for step in job.get("steps", [])]
    return "\n".join(step["run"] for step in steps if "run" in step)


def test_github_would_run_them() -> None:
    run("actionlint", "-shellcheck=", "-pyflakes=", *map(str, WORKFLOWS))


@EVERY
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]

    assert [line for line in lines if line.startswith("uses:") and not PINNED.match(line)] == []


@EVERY
def test_no_workflow_may_more_than_read_unless_a_job_says_so(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}


@EVERY
def test_every_job_ends(path: Path) -> None:
    for name, job in read(path)["jobs"].items():
        assert "uses" in job or job["timeout-minutes"] <= 120, name


@EVERY
def test_every_make_target_and_file_is_there(path: Path) -> None:
    said = commands(path)
    targets = set(TARGET.findall(Path("Makefile").read_text()))

    assert {name for line in re.findall(r"make ([a-z0-9 -]+)", said) for name in line.split()} <= targets
    for name in re.findall(r"(?:charts|tests|docs|tools)/[\w./-]+|\.ci/run", path.read_text()):
        assert Path(name).exists(), name


def test_every_image_of_a_release_is_built() -> None:
    built = read(Path(".github/workflows/build.yml"))["jobs"]["image"]["strategy"]["matrix"]["include"]

    expected = {name: (one.target, *one.arguments) for name, one in images().items() if name != "stores"}
    assert {one["name"]: told(one) for one in built} == expected


def told(one: dict[str, str]) -> tuple[str, ...]:
    return (one["target"], *([f"SERVICE={one['service']}"] if one["service"] else []))


def test_production_comes_after_staging_and_tests() -> None:
    jobs = read(Path(".github/workflows/release.yml"))["jobs"]

    assert {name: jobs[name].get("needs") for name in jobs} == {
        "test": None,
        "cluster": None,
        "build": ["test", "cluster"],
        "chart": "build",
        "staging": ["build", "chart"],
        "production": "staging",
    }
    deployed = read(Path(".github/workflows/deploy.yml"))["jobs"]["deploy"]
    assert deployed["environment"] == "${{ inputs.environment }}", "an environment is where approval is asked for"


def test_a_deployment_that_fails_its_test_goes_back() -> None:
    said = commands(Path(".github/workflows/deploy.yml"))

    assert said.index("helm upgrade --install") < said.index("helm test") < said.index("helm rollback")
    assert "--atomic" in said
    assert said.index("cosign verify") < said.index("helm upgrade --install")


@pytest.fixture
def step(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a step of a deployment as GitHub would, with programs that do what they are told here."""

    def run_it(name: str, programs: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
        steps = read(Path(".github/workflows/deploy.yml"))["jobs"]["deploy"]["steps"]
        (script,) = [one["run"] for one in steps if one.get("name") == name]
        for program, does in programs.items():
            (tmp_path / program).write_text(f"#!/bin/sh\n{does}\n")
            (tmp_path / program).chmod(0o755)
        given = {**environment, "PATH": f"{tmp_path}:/usr/bin:/bin"}
        return subprocess.run(
            ["bash", "-e", "-c", script], cwd=tmp_path, env=given, check=False, capture_output=True, text=True
        )

    return run_it


SIGNED = "Take nothing that was not signed here"
TRACK = "Give the images to the track that serves"
IN_THE_CLUSTER = {"yq": "echo $WANTED", "helm": 'test -n "$SERVING" && echo $SERVING', "jq": "cat"}
PLACE = {"RUNNER_TEMP": "x", "RELEASE": "x", "NAMESPACE": "x"}


@pytest.mark.parametrize("track", ["blue", "green"])
@pytest.mark.parametrize("serving", ["", "as wanted"], ids=["first", "later"])
def test_a_deployment_goes_into_the_track_that_serves(track: str, serving: str, tmp_path: Path, step: Any) -> None:
    """Of a first installation the values alone tell."""
    images = tmp_path / "images.yaml"
    images.write_text("global:\n  tracks:\n    blue:\n      tag: v1.2.3\n")

    done = step(TRACK, IN_THE_CLUSTER, WANTED=track, SERVING=serving and track, **PLACE)

    assert done.returncode == 0, done.stdout + done.stderr
    assert list(yaml.safe_load(images.read_text())["global"]["tracks"]) == [track]


def test_a_deployment_that_would_undo_a_promotion_is_refused(step: Any) -> None:
    done = step(TRACK, IN_THE_CLUSTER, WANTED="blue", SERVING="green", **PLACE)

    assert done.returncode == 1
    assert "green serves, and VALUES says blue" in done.stdout


@pytest.mark.parametrize(
    ("images", "is_taken"),
    [("auth@sha256:1 gateway@sha256:2", True), ("auth@sha256:1 forged@sha256:3", False), ("", False)],
    ids=["all signed", "one not", "none named"],
)
def test_a_deployment_takes_signed_images_alone(images: str, is_taken: bool, step: Any) -> None:
    programs = {
        "yq": 'case "$*" in *digests*) test -n "$IMAGES" && echo $IMAGES;; *) echo ghcr.io/acme;; esac',
        "cosign": 'case "$2" in ghcr.io/acme/orrery/forged@*) exit 1;; esac',
    }

    assert (step(SIGNED, programs, IMAGES=images, SIGNER="x").returncode == 0) == is_taken


def test_a_packaged_chart_takes_the_images_of_its_release(tmp_path: Path) -> None:
    path = f"{golang.ensure('helm').parent}:/usr/bin:/bin"
    subprocess.run(
        ["tools/charts/package.sh", "v1.2.3", tmp_path], env={"PATH": path, "HOME": str(tmp_path)}, check=True
    )

    packaged = str(tmp_path / "orrery-1.2.3.tgz")
    minimal = yaml.safe_load(Path("charts/orrery/ci/minimal-values.yaml").read_text())
    minimal["global"].pop("tracks")
    rendered = run("helm", "template", "x", packaged, *KUBERNETES, "-f", "-", given=yaml.safe_dump(minimal))
    used = re.findall(r"image: \"?(\S+?)\"?$", rendered, re.MULTILINE)
    assert used
    assert {one.rpartition(":")[2] for one in used} == {"v1.2.3"}
    assert "helm.sh/chart: orrery-1.2.3" in rendered


def test_helm_is_the_one_that_the_charts_are_tested_with() -> None:
    assert f"version: {VERSIONS['helm']}" in Path(".github/workflows/deploy.yml").read_text()


def test_the_values_file_of_a_build_names_its_images(tmp_path: Path) -> None:
    """The shell lines that write it, run here."""
    steps = read(Path(".github/workflows/build.yml"))["jobs"]["digests"]["steps"]
    (script,) = [step["run"] for step in steps if "run" in step]
    for name in ("auth", "gateway"):
        (tmp_path / f"{name}.digest").write_text(f"        {name}: sha256:{name}\n")
    environment = {"REGISTRY": "ghcr.io", "OWNER": "Acme", "TAG": "v1.2.3", "PATH": "/usr/bin:/bin"}
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=environment, check=True, capture_output=True)

    given = yaml.safe_load((tmp_path / "images.yaml").read_text())["global"]
    assert given["imageRegistry"] == "ghcr.io/acme"
    assert given["tracks"]["blue"] == {"tag": "v1.2.3", "digests": {"auth": "sha256:auth", "gateway": "sha256:gateway"}}
