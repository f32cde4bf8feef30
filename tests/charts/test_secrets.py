"""Secrets are made in the cluster, once; templates hold none and make none."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from admin.secrets import making
from admin.secrets.specification import Specification
from tests.admin.memory import Memory
from tests.admin.secrets.test_making import NOW
from tests.charts.expected import FLEET
from tests.charts.manifest import Manifest, environment, fleet, rendered, scenario_name, scenarios
from tools.charts.programs import CHARTS
from tools.charts.render import Object

SCENARIOS = pytest.mark.parametrize("values", [path for _, path in scenarios("orrery")], ids=scenario_name)
TLS = ("tls.crt", "tls.key", "ca.crt")
# What people bring along: the place in the values, and the keys that its comment documents.
BROUGHT = {
    "global.postgres.existingSecret": ["password"],
    "global.postgres.authoritySecret": ["ca.crt"],
    "global.redis.existingSecret": ["password"],
    "global.redis.authoritySecret": ["ca.crt"],
    "global.kafka.existingSecret": ["username", "password", "ca.crt"],
    "global.s3.existingSecret": ["access-key", "secret-key"],
    "global.s3.authoritySecret": ["ca.crt"],
    "global.mail.existingSecret": ["smtp-url"],
    "backup.s3.existingSecret": ["access-key", "secret-key"],
    "backup.postgres.existingSecret": ["password"],
}
SECRET_NAMES = re.compile(r"(PASSWORD|SECRET|ACCESS_KEY|SMTP_URL)$")


def used(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Each (Secret, key) that a pod reads; the key is * for all of it."""
    for workload in manifest.workloads:
        for container in workload.containers:
            for value in environment(container).values():
                if isinstance(value, dict):
                    yield value["secretKeyRef"]["name"], value["secretKeyRef"]["key"]
        for volume in workload.spec.get("volumes", []):
            yield from of_volume(volume)


def of_volume(volume: Object) -> Iterator[tuple[str, str]]:
    sources = [volume] if "secret" in volume else volume.get("projected", {}).get("sources", [])
    for source in sources:
        if secret := source.get("secret"):
            keys = [item["key"] for item in secret.get("items", [])] or ["*"]
            yield from ((secret.get("secretName") or secret["name"], key) for key in keys)


def made(manifest: Manifest) -> dict[str, set[str]]:
    """What the Job, or cert-manager, makes: keys by Secret."""
    found = {one["spec"]["secretName"]: set(TLS) for one in manifest.of("Certificate")}
    for config in manifest.of("ConfigMap"):
        told = yaml.safe_load(config["data"].get("secrets.yaml", "")) or {}
        found |= {name: set(keys) for name, keys in told.get("secrets", {}).items()}
        certificates = told.get("certificates") or {"issue": {}, "authority": "none"}
        found |= {name: set(TLS) for name in certificates["issue"]}
    return found


def brought(given: Any) -> dict[str, set[str]]:
    """What people bring: keys by Secret, by these values."""
    found: dict[str, set[str]] = {}
    for path, keys in BROUGHT.items():
        if name := at(given, path):
            found.setdefault(name, set()).update(keys)
    for alias in FLEET:
        for ref in given.get(alias, {}).get("secretSettings", {}).values():
            found.setdefault(ref["secret"], set()).add(ref["key"])
    return found


def at(given: Any, path: str) -> Any:
    for part in path.split("."):
        given = given.get(part, {}) if isinstance(given, dict) else {}
    return given


@SCENARIOS
def test_every_key_that_a_pod_reads_is_made_or_documented(values: Path) -> None:
    manifest = rendered("orrery", values)
    given = yaml.safe_load(values.read_text())
    known = made(manifest)
    for name, keys in brought(given).items():
        known.setdefault(name, set()).update(keys)
    own = documented_names() if is_all_brought(given) else set()

    for name, key in used(manifest):
        assert name in known or name in own, f"nobody makes {name}"
        assert key == "*" or name in own or key in known[name], f"{name} has no {key}"


def is_all_brought(given: Any) -> bool:
    is_generated = at(given, "global.secrets.generate")
    return is_generated is False or at(given, "global.tls.mode") == "existing"


def documented_names() -> set[str]:
    """The Secrets that docs/guides/kubernetes/secrets.md tells people to make where the chart does not."""
    text = Path("docs/guides/kubernetes/secrets.md").read_text()
    return {
        name.replace("<release>", "orrery").replace("<alias>", alias)
        for name in re.findall(r"`(<release>-[a-z<>-]+)`", text)
        for alias in FLEET
    }


@pytest.mark.parametrize("path", BROUGHT)
def test_the_comment_of_a_secret_names_its_keys(path: str) -> None:
    lines = (CHARTS / "orrery" / "values.yaml").read_text().splitlines()
    parts, depth, found = path.split("."), 0, 0
    for number, line in enumerate(lines):
        if line.strip().split(":")[0] == parts[depth] and line.startswith("  " * depth) and line[2 * depth] != " ":
            depth, found = depth + 1, number
            if depth == len(parts):
                break

    assert depth == len(parts)
    for key in BROUGHT[path]:
        assert re.search(rf"\b{re.escape(key)}\b", lines[found - 1]), f"{path}: {key}"


@SCENARIOS
def test_no_object_holds_a_secret(values: Path) -> None:
    manifest = rendered("orrery", values)

    assert manifest.of("Secret") == []
    for workload in manifest.workloads:
        for container in workload.containers:
            literal = [name for name, value in environment(container).items() if isinstance(value, str)]
            assert not [name for name in literal if SECRET_NAMES.search(name)], workload.name
    assert not re.search(r"PRIVATE KEY|://[^/\s:@]+:[^/\s@]+@", manifest.text)


def test_templates_make_nothing_up() -> None:
    """Random values and look-ups in the cluster give another result each time, or none, under GitOps."""
    for template in CHARTS.glob("*/templates/**/*"):
        if template.is_file():
            found = re.search(r"\b(rand[A-Z]\w+|gen[A-Z]\w+|lookup|uuidv4|now)\b", expressions(template.read_text()))
            assert found is None, f"{template}: {found}"


def expressions(text: str) -> str:
    """The text inside of braces, without comments and quoted texts."""
    inside = re.findall(r"\{\{(.*?)\}\}", re.sub(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", "", text, flags=re.DOTALL), re.DOTALL)
    return " ".join(re.sub(r'"[^"]*"', "", one) for one in inside)


def test_each_process_gets_its_own_login_and_no_other() -> None:
    manifest = fleet()

    for name, one in FLEET.items():
        keys = {key for secret, key in used(only(manifest, f"orrery-{name}")) if secret == "orrery-postgres"}
        assert keys == ({f"{one.schema}_app"} if one.schema else set()), name


def only(manifest: Manifest, name: str) -> Manifest:
    return Manifest(manifest.text, (manifest.workload(name).owner,))


def test_signing_keys_are_where_they_sign_and_nowhere_else() -> None:
    manifest = fleet()
    private = {"orrery-identity-gateway": {"gateway"}, "orrery-identity-auth-worker": {"auth-worker"}}
    private["orrery-master-key"] = {"auth", "admin"}

    for secret, holders in private.items():
        having = {
            one.name for one in manifest.workloads if secret in {name for name, _ in used(only(manifest, one.name))}
        }
        assert having == {f"orrery-{name}" for name in holders}, secret


def test_logins_of_all_schemas_are_made() -> None:
    assert made(fleet())["orrery-postgres"] == {
        f"{one.schema}_{role}" for one in FLEET.values() if one.schema for role in ("owner", "app")
    }


def test_a_certificate_is_made_for_everyone_who_speaks_grpc() -> None:
    having = {name for name, one in FLEET.items() if {"rpc", "edge", "sources"} & set(one.needs)}

    assert {name for name in made(fleet()) if name.startswith("orrery-tls-")} == {f"orrery-tls-{one}" for one in having}


def test_an_issuer_may_be_of_any_kind_that_cert_manager_knows() -> None:
    place = "global.tls.issuerRef"
    given = {"name": "internal", "kind": "AWSPCAClusterIssuer", "group": "awspca.cert-manager.io"}
    manifest = fleet("global.tls.mode=cert-manager", *(f"{place}.{name}={value}" for name, value in given.items()))

    assert [one["spec"]["issuerRef"] for one in manifest.of("Certificate")] == [given] * len(manifest.of("Certificate"))
    assert manifest.of("Certificate")


@pytest.mark.parametrize("chart", ["orrery", "platform"])
def test_no_made_secret_is_taken_for_an_object_of_the_chart(chart: str) -> None:
    """Argo CD prunes what has its application's label and is not rendered: the master key, and every password."""
    (manifest,) = [rendered(chart, path) for _, path in scenarios(chart) if path.name.startswith(("minimal", "stores"))]
    (told,) = [one["data"]["secrets.yaml"] for one in manifest.of("ConfigMap") if "secrets.yaml" in one["data"]]
    store = Memory()
    list(making.make(Specification.model_validate(yaml.safe_load(told)), store, NOW))

    for name, held in store.secrets.items():
        assert held.marks
        assert not {"app.kubernetes.io/instance", "helm.sh/chart"} & held.marks.labels.keys(), name
        assert held.marks.labels["orrery.dev/release"] == "orrery"
        assert held.marks.annotations["argocd.argoproj.io/sync-options"] == "Prune=false"
        assert held.marks.annotations["helm.sh/resource-policy"] == "keep"
