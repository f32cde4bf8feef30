"""Which image runs: registry, name, tag or digest of the track."""

import pytest
import yaml

from tests.charts.expected import FLEET
from tests.charts.manifest import Manifest, alias, fleet
from tools.charts.programs import CHARTS, Refused

DIGEST = f"sha256:{'ab' * 32}"
ADMIN = {"admin", "migrate", "secrets", "certificates", "smoke", "backup", "restore"}


def images(manifest: Manifest) -> dict[str, set[str]]:
    """References by deployable or job."""
    found: dict[str, set[str]] = {}
    for workload in manifest.workloads:
        found.setdefault(alias(workload), set()).update(one["image"] for one in workload.containers)
    return found


def test_workers_run_the_image_of_their_service_and_jobs_that_of_the_operators() -> None:
    for name, references in images(fleet()).items():
        image = "admin" if name in ADMIN else FLEET[name].folder.name.replace("_", "-")
        assert references == {f"localhost/orrery/{image}:dev"}, name


def test_another_registry_is_one_value() -> None:
    manifest = fleet("global.imageRegistry=registry.example.com/team")

    assert all(
        one.startswith("registry.example.com/team/orrery/")
        for references in images(manifest).values()
        for one in references
    )


def test_a_digest_wins_over_the_tag() -> None:
    references = images(fleet(f"global.tracks.blue.digests.auth={DIGEST}"))

    assert references["auth"] == references["auth-worker"] == {f"localhost/orrery/auth@{DIGEST}"}
    assert references["media"] == {"localhost/orrery/media:dev"}


def test_digests_of_some_images_want_a_tag_for_the_others() -> None:
    sets = ("global.tracks.blue.tag=", f"global.tracks.blue.digests.auth={DIGEST}", "media.enabled=false")

    with pytest.raises(
        Refused, match=r"blue\.digests lacks admin, ai-inference, audit, .*: give all digests .* or .*tag"
    ) as said:
        fleet(*sets, "media-worker.enabled=false")
    assert "media" not in str(said.value)
    others = {"admin", *(one.folder.name.replace("_", "-") for one in FLEET.values())}
    references = images(fleet(*sets, *(f"global.tracks.blue.digests.{name}={DIGEST}" for name in sorted(others))))
    assert all(one.endswith(f"@{DIGEST}") for some in references.values() for one in some)


def test_a_whole_reference_wins_over_everything() -> None:
    reference = f"mirror.example.com/auth:v7@{DIGEST}"
    sets = (f"global.tracks.blue.images.auth={reference}", f"global.tracks.blue.digests.auth={DIGEST}")

    assert images(fleet(*sets))["auth"] == {reference}


def test_without_a_tag_it_is_the_charts_own_version() -> None:
    version = yaml.safe_load((CHARTS / "orrery" / "Chart.yaml").read_text())["appVersion"]

    assert images(fleet("global.tracks.blue.tag="))["gateway"] == {f"localhost/orrery/gateway:{version}"}


@pytest.mark.parametrize("tag", ["1.2.3", "main-0a1b2c3", "1.2.3_build.5", "a" * 100])
def test_any_tag_makes_good_names(tag: str) -> None:
    manifest = fleet(f"global.tracks.blue.tag={tag}")

    assert all(len(one["metadata"]["name"]) <= 63 for one in manifest.objects)
    assert all(len(value) <= 63 for one in manifest.workloads for value in one.labels.values())
