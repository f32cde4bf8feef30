"""Each deployable has its image, and the Dockerfile holds what the tools take for granted."""

import re

import pytest
import yaml

from tools.images.builder import options
from tools.images.catalogue import DOCKERFILE, chosen, foundations, images
from tools.images.errors import UnknownImage
from tools.stack.layout import ROOT, VERSIONS, load

STAGES = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE.read_text(), re.MULTILINE))


def test_each_deployable_runs_an_image_that_is_built() -> None:
    folders = {one.folder.name.replace("_", "-") for one in load({}).deployables}

    assert folders | {"admin", "stores"} == images().keys()


def test_each_image_is_a_stage_of_the_dockerfile() -> None:
    assert {image.target for image in images().values()} <= STAGES


def test_an_unknown_image_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownImage, match=r"No image is called medai; there are gateway, auth"):
        chosen(["auth", "medai"])


def test_the_stores_have_the_versions_of_the_stack() -> None:
    given = dict(re.findall(r"(KAFKA|VERSITYGW)=(\S+)", DOCKERFILE.read_text()))

    assert given == {"KAFKA": VERSIONS["kafka"], "VERSITYGW": VERSIONS["versitygw"]}


def test_the_foundations_are_named_with_a_version() -> None:
    assert {name: value.count(":") for name, value in foundations().items()} == {"PYTHON": 1, "UV": 1}


def test_the_stores_alone_are_given_what_is_installed_here() -> None:
    with_installed = [name for name, image in images().items() if "--build-context" in options(image, [])]

    assert with_installed == ["stores"]
    assert options(images()["media"], ["VERSION=1"]) == [
        *("--target", "fleet"),
        *("--build-arg", "SERVICE=services/media"),
        *("--build-arg", "VERSION=1"),
    ]


def test_the_build_sees_every_folder_that_the_dockerfile_copies() -> None:
    copied = {line.split()[1] for line in DOCKERFILE.read_text().splitlines() if re.match(r"COPY (?!--from)", line)}
    seen = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {path.split("/")[0] for path in copied} <= seen


def test_compose_builds_with_the_same_arguments() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    built = {one["image"]: one["build"]["args"] for one in services.values() if "build" in one}

    assert built == {
        image.repository: dict(part.split("=") for part in image.arguments)
        for image in images().values()
        if image.target == "fleet"
    }
