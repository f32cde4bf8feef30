"""What docs/guides/kubernetes tells people to do can be done."""

import re
from pathlib import Path

import pytest
import yaml

from tests.charts.manifest import MINIMAL, rendered
from tests.charts.test_secrets import BROUGHT
from tools.charts.programs import CHARTS
from tools.charts.render import lint
from tools.charts.validate import complaints

FOLDER = Path("docs/guides/kubernetes")
PRODUCTION = FOLDER / "production-values.yaml"
GUIDES = sorted([*FOLDER.glob("*.md"), Path("docs/guides/rollout.md"), *Path("docs/adr").glob("0014-*.md")])
EVERY = pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
MOST_LINES = 40


def test_production_fits_into_forty_lines() -> None:
    assert len(PRODUCTION.read_text().splitlines()) <= MOST_LINES


def test_production_is_what_a_cluster_takes() -> None:
    lint("orrery", PRODUCTION)
    manifest = rendered("orrery", PRODUCTION)

    assert complaints(manifest.text) == []
    assert manifest.names("HorizontalPodAutoscaler") >= {f"orrery-{name}" for name in ("gateway", "auth", "media")}
    assert manifest.names("CronJob") == {"orrery-backup", "orrery-certificates", "orrery-identity-keys"}
    assert manifest.names("Ingress") == {"orrery-gateway"}


def test_production_has_more_than_one_pod_of_everything() -> None:
    for scaler in rendered("orrery", PRODUCTION).of("HorizontalPodAutoscaler"):
        assert scaler["spec"]["minReplicas"] >= 2


@EVERY
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if not link.startswith("http"):
            assert (path.parent / link).exists(), link


@EVERY
def test_every_value_that_is_named_is_there(path: Path) -> None:
    values = yaml.safe_load((CHARTS / "orrery" / "values.yaml").read_text())

    for dotted in re.findall(r"(?:`|--set |,)((?:global|gateway|backup|admin)(?:\.[A-Za-z0-9]+)+)", path.read_text()):
        place = values
        for part in dotted.split("."):
            if dotted.startswith("gateway.") or place == {}:
                break
            assert part in place, dotted
            place = place[part]


@EVERY
def test_every_make_target_is_there(path: Path) -> None:
    targets = re.findall(r"^([a-z0-9-]+):", Path("Makefile").read_text(), re.MULTILINE)

    assert set(re.findall(r"`make ([a-z0-9-]+)", path.read_text())) <= set(targets)


BEGUN = ("global.tracks.green.enabled=true", "global.tracks.green.tag=v1.5.0")


def commands(path: Path) -> list[str]:
    """The lines of the guide's shell blocks, each whole."""
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(), re.DOTALL)
    return [line for block in blocks for line in re.sub(r"\\\n\s*", "", block).splitlines()]


HELM = [(path, line) for path in GUIDES for line in commands(path) if "--set" in line]


@pytest.mark.parametrize(("path", "line"), HELM, ids=[f"{path.stem}-{number}" for number, (path, _) in enumerate(HELM)])
def test_every_command_sets_what_the_charts_take(path: Path, line: str) -> None:
    given = tuple(one for one in re.findall(r"--set (\S+)", line) if one != '"$sizes"')  # what kubectl answers
    is_last = any("global.tracks.blue.enabled=false" in one for one in given)

    if "charts/platform" in line:
        assert rendered("platform", sets=given).objects
    else:
        assert rendered(
            "orrery", MINIMAL, sets=(*BEGUN, *(("global.active=green",) if is_last else ()), *given)
        ).objects


def test_a_track_is_started_before_it_gets_a_share() -> None:
    """A weight in the HTTPRoute sends people to a Service whether pods are behind it or not."""
    settings = [re.findall(r"--set (\S+)", line) for path, line in HELM if path.stem == "rollout"]
    starts = [given for given in settings if "global.tracks.green.enabled=true" in given]
    shares = [given for given in settings if any("global.canary.weight=" in one for one in given)]

    assert starts
    assert shares
    assert not [given for given in starts if given in shares]


def test_every_secret_that_the_chart_makes_is_in_the_guide() -> None:
    text = (FOLDER / "secrets.md").read_text()
    (config,) = [one for one in rendered("orrery", PRODUCTION).of("ConfigMap") if "secrets.yaml" in one["data"]]
    made = yaml.safe_load(config["data"]["secrets.yaml"])

    for name, keys in made["secrets"].items():
        row = next(line for line in text.splitlines() if f"`{name.replace('orrery-', '<release>-')}`" in line)
        named = {"<schema>_owner", "<schema>_app"} if name == "orrery-postgres" else set(keys)
        assert all(f"`{key}`" in row for key in named)
    assert all(f"<release>-tls-{name}" in text for name in ("authority", "<alias>"))


@pytest.mark.parametrize("value", [path for path in BROUGHT if not path.endswith("authoritySecret")])
def test_every_secret_that_people_bring_is_in_the_guide(value: str) -> None:
    rows = [line for line in (FOLDER / "secrets.md").read_text().splitlines() if line.startswith(f"| `{value}`")]

    assert len(rows) == 1
    assert all(f"`{key}`" in rows[0] for key in BROUGHT[value])
