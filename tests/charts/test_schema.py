"""values.schema.json refuses what nobody reads, at every level."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.expected import FLEET
from tests.charts.manifest import MINIMAL, defaults
from tools.charts.programs import CHARTS, Refused
from tools.charts.render import text, values_files

# Where the keys are people's own: names of settings, labels, whatever Kubernetes takes there.
FREE = {"annotations", "extraEnv", "extraVolumes", "extraVolumeMounts", "podLabels", "podAnnotations", "labels"}
FREE |= {"nodeSelector", "tolerations", "affinity", "settings", "secretSettings", "matchLabels", "issuerRef", "calls"}
FREE |= {"digests", "images", "requests", "limits", "clients", "pause", "steps", "lag", "parentRefs", "timeouts"}
FREE |= {"alertLabels", "alerts", "config", "commonLabels", "commonAnnotations", "minReplicas"}
MISTYPED = "mistyped"


def mistyped(values: Any, path: str = "") -> tuple[Any, list[str]]:
    """The values with one more key in every mapping, and the paths of those."""
    if not isinstance(values, dict):
        return values, []
    made: dict[str, Any] = {}
    paths = []
    for name, value in values.items():
        if name in FREE or name.startswith("extra"):
            made[name] = value
            continue
        made[name], below = mistyped(value, f"{path}/{name}")
        paths += below
    if path in OPEN:
        return made, paths
    return {**made, MISTYPED: True}, [*paths, path]


OPEN = {"/global"}  # an umbrella chart puts its own keys there


def refused(chart: str, values: Any, folder: Path) -> str:
    given = folder / "values.yaml"
    given.write_text(yaml.safe_dump(values))
    with pytest.raises(Refused) as said:
        text(chart, given)
    return str(said.value)


def complained(said: str) -> set[str]:
    """The paths at which Helm found the key, those of a dependency below its alias."""
    found, alias = set(), ""
    for line in said.splitlines():
        if header := re.fullmatch(r"([a-z0-9-]+):", line):
            alias = f"/{header[1]}" if header[1] in FLEET else ""
        elif place := re.search(rf"at '([^']*)': additional properties .*'{MISTYPED}'", line):
            found |= {place[1] if place[1].startswith("/global") else alias + place[1]}
    return found


def test_a_mistyped_key_is_refused_at_every_level_of_the_fleet(tmp_path: Path) -> None:
    values = merged(defaults("orrery"), yaml.safe_load(MINIMAL.read_text()))
    given, paths = mistyped(values)

    said = complained(refused("orrery", given, tmp_path))

    assert "/gateway" in paths
    assert "/global/postgres" in paths
    assert [path for path in paths if path not in said] == []


@pytest.mark.parametrize("name", defaults("service"))
def test_a_mistyped_key_of_a_deployable_is_refused(name: str, tmp_path: Path) -> None:
    values = yaml.safe_load(MINIMAL.read_text())
    values["media"] = {f"{name}s": defaults("service")[name]}

    assert f"{name}s" in refused("orrery", values, tmp_path)


def test_a_mistyped_key_is_refused_at_every_level_of_the_platform(tmp_path: Path) -> None:
    given, paths = mistyped(merged(defaults("platform"), yaml.safe_load(values_files("platform")[0].read_text())))

    said = complained(refused("platform", given, tmp_path))

    assert [path for path in paths if path not in said] == []


def wrong_values() -> Iterator[tuple[str, str]]:
    yield "global.tls.mode=manual", "/global/tls/mode"
    yield "global.active=red", "/global/active"
    yield "global.canary.weight=101", "/global/canary/weight"
    yield "global.canary.by=luck", "/global/canary/by"
    yield "global.kafka.protocol=TLS", "/global/kafka/protocol"
    yield "global.postgres.sslMode=on", "/global/postgres/sslMode"
    yield "global.postgres.port=five", "/global/postgres/port"
    yield "global.publicUrl=orrery.example.com", "/global/publicUrl"
    yield "global.imagePullPolicy=Sometimes", "/global/imagePullPolicy"
    yield "global.tls.issuerRef.kind=AWSPCAClusterIssuer", "/global/tls/issuerRef"
    yield "gateway.service.type=External", "/service/type"
    yield "media.maxUnavailable=few", "/maxUnavailable"
    yield "media.drainSeconds=-1", "/drainSeconds"
    yield "identityKeys.settleSeconds=5", "/identityKeys/settleSeconds"
    yield "identityKeys.schedule=monthly", "/identityKeys/schedule"
    yield "smoke.domain=ada@example.com", "/smoke/domain"


@pytest.mark.parametrize(("setting", "place"), list(wrong_values()))
def test_a_value_that_cannot_be_is_refused_with_its_place(setting: str, place: str) -> None:
    with pytest.raises(Refused, match=re.escape(place)):
        text("orrery", MINIMAL, sets=(setting,))


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("global.imageRegistry=", "global.imageRegistry: name the registry"),
        ("global.postgres.host=", "global.postgres.host"),
        ("global.kafka.brokers=", "global.kafka.brokers: where is Kafka"),
        ("global.redis.host=", "global.redis.host: where is Redis"),
        ("global.s3.endpoint=", "global.s3.endpoint: where is the S3 server"),
        ("global.mail.mailbox=false", "global.mail.sender: whom are mails from"),
        ("global.tracks.blue.enabled=false", "global.tracks.blue.enabled is false"),
        ("audit.ingress.enabled=true", "only the gateway"),
    ],
)
def test_what_is_missing_is_asked_for_in_a_sentence(setting: str, sentence: str) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)):
        text("orrery", MINIMAL, sets=(setting,))


def test_an_umbrella_chart_may_have_global_values_of_its_own(tmp_path: Path) -> None:
    manifest = {"apiVersion": "v2", "name": "umbrella", "version": "0.1.0"}
    below = {"name": "orrery", "version": "0.1.0", "repository": "file://../orrery"}
    shutil.copytree(CHARTS, tmp_path / "charts", ignore=shutil.ignore_patterns("Chart.lock", "*.tgz", "platform"))
    (tmp_path / "charts" / "umbrella").mkdir()
    (tmp_path / "charts" / "umbrella" / "Chart.yaml").write_text(yaml.safe_dump({**manifest, "dependencies": [below]}))

    sets = ("global.ofTheUmbrella.name=mine",)
    assert "orrery-gateway" in text("umbrella", MINIMAL, sets=sets, charts=tmp_path / "charts")
    with pytest.raises(Refused, match="ofTheUmbrella is no value of this chart"):
        text("orrery", MINIMAL, sets=sets)
    with pytest.raises(Refused, match="ofTheUmbrella is no value of this chart"):
        text("platform", values_files("platform")[0], sets=sets)


def merged(under: Any, over: Any) -> Any:
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    return {
        name: merged(under.get(name, {}), over[name]) if name in over else under[name] for name in {**under, **over}
    }
