"""What a cluster would refuse half-way, or what would open a door, is refused or rendered safely before."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.charts.manifest import MINIMAL, Manifest, environment, fleet, rendered
from tools.charts.programs import CHARTS, Refused
from tools.charts.render import Object, objects, text

MOST_OF_A_CRONJOB, MOST_OF_A_LABEL = 52, 63
LONGEST = {"orrery": 38, "platform": 40}
VALUES = {"orrery": MINIMAL, "platform": CHARTS / "platform" / "ci" / "stores-values.yaml"}
BACKUP = ("backup.enabled=true", "backup.claim=backups")
INJECTED = "a\n      hostPID: true"
GREEN = ("global.tracks.green.enabled=true", "global.tracks.green.tag=v2", "global.canary.weight=10")


@pytest.mark.parametrize("chart", LONGEST)
def test_the_longest_name_of_a_release_fits_everywhere(chart: str) -> None:
    made = objects(text(chart, VALUES[chart], sets=BACKUP if chart == "orrery" else (), release="a" * LONGEST[chart]))

    for one in made:
        most = MOST_OF_A_CRONJOB if one["kind"] in {"CronJob", "StatefulSet"} else MOST_OF_A_LABEL
        assert len(one["metadata"]["name"]) <= most, one["metadata"]["name"]


@pytest.mark.parametrize("chart", LONGEST)
@pytest.mark.parametrize("kind", ["long", "digit", "dot"])
def test_a_name_that_does_not_fit_is_refused_in_a_sentence(chart: str, kind: str) -> None:
    name = {"long": "a" * (LONGEST[chart] + 1), "digit": "1x", "dot": "a.b"}[kind]

    with pytest.raises(Refused, match=f"release's name .* does not fit: at most {LONGEST[chart]}"):
        text(chart, VALUES[chart], release=name)


def test_a_release_may_be_called_like_a_truth_of_yaml() -> None:
    labels = [one["metadata"]["labels"] for one in objects(text("orrery", MINIMAL, release="on"))]

    assert {one["app.kubernetes.io/instance"] for one in labels} == {"on"}


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("gateway=null", "gateway has no image, module or needs: to leave it out say gateway.enabled=false"),
        ("auth=null", "to leave it out say auth.enabled=false"),
        ("media.module=", "media has no image, module or needs"),
        ("global.postgres=null", "missing property 'postgres'"),
        ("global.postgres.port=null", "missing property 'port'"),
        ("global.redis.port=null", "missing property 'port'"),
        ("global.networkPolicy.enabled=null", "missing property 'enabled'"),
        ("global.tls.mode=null", "missing property 'mode'"),
        ("global.mail.ports=null", "missing property 'ports'"),
        ("global.tls.days=3", "global.tls.days: 4 at least"),
        ("gateway.service.nodePort=30080", "are for the types NodePort and LoadBalancer"),
        ("gateway.service.externalTrafficPolicy=Local", "are for the types NodePort and LoadBalancer"),
        ("media.maxUnavailable=0%", "'0%' does not match pattern"),
    ],
)
def test_what_would_break_or_open_the_fleet_is_refused(setting: str, sentence: str) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)):
        text("orrery", MINIMAL, sets=("gateway.service.type=ClusterIP", setting))


@pytest.mark.parametrize("url", ["https://10.0.0.1", "https://[::1]:8443"])
def test_a_public_address_without_a_name_wants_hosts(url: str) -> None:
    sets = ("gateway.ingress.enabled=true", f"global.publicUrl={url}")

    with pytest.raises(Refused, match=r"name gateway\.ingress\.hosts"):
        text("orrery", MINIMAL, sets=sets)
    assert fleet(*sets, "gateway.ingress.hosts[0]=api.example.com").one("Ingress", "orrery-gateway")


def test_stores_are_never_open_to_every_pod() -> None:
    for wrong in ("stores.clients=null", "stores.clients.app\\.kubernetes\\.io/part-of=null"):
        with pytest.raises(Refused, match="clients"):
            text("platform", VALUES["platform"], sets=(wrong,))


def with_values(folder: Path, given: Object, *sets: str) -> Manifest:
    path = folder / "values.yaml"
    path.write_text(yaml.safe_dump(given))
    return rendered("orrery", MINIMAL, path, sets=sets)


def test_a_text_of_the_values_adds_no_field(tmp_path: Path) -> None:
    ingress = {"enabled": True, "className": INJECTED, "tlsSecret": INJECTED}
    given = {
        "global": {"priorityClassName": INJECTED, "tracks": {"blue": {"images": {"media": INJECTED}}}},
        "gateway": {
            "serviceAccount": {"name": INJECTED},
            "ingress": ingress,
            "service": {"type": "LoadBalancer", "loadBalancerClass": INJECTED},
        },
        "media-worker": {"scratch": {"kind": "ephemeral", "storageClassName": INJECTED}},
    }
    manifest = with_values(tmp_path, given)

    assert not [one.name for one in manifest.workloads if "hostPID" in one.spec]
    assert manifest.workload("orrery-gateway").spec["serviceAccountName"] == INJECTED
    assert {one.spec["priorityClassName"] for one in manifest.workloads} == {INJECTED}
    assert {one["image"] for one in manifest.workload("orrery-media").containers} == {INJECTED}
    assert manifest.one("Ingress", "orrery-gateway")["spec"]["ingressClassName"] == INJECTED
    assert manifest.one("Service", "orrery-gateway")["spec"]["loadBalancerClass"] == INJECTED


def test_a_secret_may_be_called_like_a_truth_of_yaml(tmp_path: Path) -> None:
    secret = {"existingSecret": "on"}
    given = {
        "global": {
            "imagePullSecrets": ["on"],
            "postgres": {**secret, "authoritySecret": "on"},
            "redis": secret,
            "s3": secret,
            "kafka": {**secret, "protocol": "SASL_SSL", "privateAuthority": True},
        },
        "auth": {"secretSettings": {"KEYS__MASTER_TEXT": {"secret": "on", "key": "1"}}},
        "backup": {
            "enabled": True,
            "s3": {**secret, "endpoint": "https://b", "bucket": "kept", "authoritySecret": "on"},
        },
    }
    for workload in with_values(tmp_path, given).workloads:
        named = [str(one) for one in walked(workload.spec, {"name", "secretName", "key"}) if not isinstance(one, str)]
        assert named == [], workload.name


def walked(value: object, keys: set[str]) -> list[object]:
    """What stands under these keys, at any depth."""
    if isinstance(value, list):
        return [found for one in value for found in walked(one, keys)]
    if not isinstance(value, dict):
        return []
    own = [one for name, one in value.items() if name in keys and not isinstance(one, dict | list)]
    return own + [found for one in value.values() for found in walked(one, keys)]


def test_labels_annotations_and_places_of_all_pods_reach_all_pods(tmp_path: Path) -> None:
    """A policy that wants a label refuses the Jobs too, and a mesh's sidecar would keep them from ending."""
    places = {"nodeSelector": {"disk": "fast"}, "priorityClassName": "high", "tolerations": [{"operator": "Exists"}]}
    marks = {"podLabels": {"cost": "7"}, "podAnnotations": {"sidecar.istio.io/inject": "false"}}
    manifest = with_values(tmp_path, {"global": {**places, **marks}}, *BACKUP)

    assert {one.labels["app.kubernetes.io/name"] for one in manifest.workloads} >= {
        "admin",
        "backup",
        "migrate",
        "secrets",
        "smoke",
    }
    for workload in manifest.workloads:
        assert workload.labels["cost"] == "7", workload.name
        assert annotations(workload.owner)["sidecar.istio.io/inject"] == "false", workload.name
        assert {name: workload.spec.get(name) for name in places} == places, workload.name


def annotations(owner: Object) -> dict[str, str]:
    """Those of the pods that it makes."""
    spec = owner["spec"]["jobTemplate"]["spec"] if owner["kind"] == "CronJob" else owner["spec"]
    made: dict[str, str] = spec.get("template", owner)["metadata"].get("annotations", {})
    return made


def test_the_operators_pod_and_backups_reach_a_vault(tmp_path: Path) -> None:
    rule = {"ports": [{"port": 8200, "protocol": "TCP"}]}
    token = {"name": "vault", "secret": {"secretName": "vault"}}
    mount = {"name": "vault", "mountPath": "/vault"}
    given = {
        "auth": {"settings": {"KEYS__VAULT__ADDRESS": "https://vault:8200"}},
        "admin": {
            "network": {"extraEgress": [rule]},
            "serviceAccount": {"name": "orrery-auth", "automountToken": True},
            "extraVolumes": [token],
            "extraVolumeMounts": [mount],
        },
    }
    manifest = with_values(tmp_path, given, *BACKUP)

    for name in ("orrery-admin", "orrery-backup"):
        spec = manifest.workload(name).spec
        assert rule in manifest.one("NetworkPolicy", name)["spec"]["egress"]
        assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("orrery-auth", True)
        assert token in spec["volumes"]
        assert mount in spec["containers"][0]["volumeMounts"]
        assert environment(spec["containers"][0])["ORRERY_KEYS__VAULT__ADDRESS"] == "https://vault:8200"
    assert rule not in manifest.one("NetworkPolicy", "orrery-migrate")["spec"]["egress"]


@pytest.mark.parametrize("sets", [(), BACKUP], ids=["no-backups", "to-a-volume"])
def test_no_pod_waits_for_an_authority_that_nobody_asks(sets: tuple[str, ...]) -> None:
    volumes = fleet(*sets, "backup.s3.authoritySecret=away").workload("orrery-admin").spec["volumes"]

    assert "authority-backup" not in {one["name"] for one in volumes}


@pytest.mark.parametrize(("weight", "is_said"), [(10, True), (50, False)])
def test_the_notes_have_a_small_canary_raised_before_it_is_promoted(weight: int, is_said: bool, tmp_path: Path) -> None:
    found = notes(tmp_path, *GREEN, f"global.canary.weight={weight}")

    assert ("raise global.canary.weight to 50" in found) is is_said
    assert f"gets {weight} % of the requests" in found


@pytest.mark.parametrize("is_scaled", [True, False])
def test_the_notes_have_an_idle_track_grow_before_it_is_promoted(is_scaled: bool, tmp_path: Path) -> None:
    found = notes(tmp_path, *GREEN, f"global.autoscaling.enabled={str(is_scaled).lower()}")

    assert ('--set "$sizes"' in found) is is_scaled
    assert ("global.tracks.green.minReplicas.{.metadata.labels" in found) is is_scaled


def notes(folder: Path, *sets: str) -> str:
    charts = folder / "charts"
    shutil.copytree(CHARTS, charts, ignore=shutil.ignore_patterns("Chart.lock", "*.tgz", "platform"))
    page = (charts / "orrery" / "templates" / "NOTES.txt").read_text()
    shown = '{"kind": "Notes", "metadata": {"name": "notes"}, "text": {{ include "notes" . | toJson }}}'
    template = f'{{{{ define "notes" }}}}{page}{{{{ end }}}}\n{shown}\n'
    (charts / "orrery" / "templates" / "notes.yaml").write_text(template)
    (found,) = [
        one["text"] for one in objects(text("orrery", MINIMAL, sets=sets, charts=charts)) if one["kind"] == "Notes"
    ]
    return str(found)
