"""Bad input: the pod says in one line what is wrong, on its log or in its event, and does not become ready.

Each is the pod that stands, with one thing changed.
"""

import base64
import copy
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from admin.certificates.material import Pair, make_leaf
from tests.kubernetes.installation import DEPLOYABLES, Installation
from tests.kubernetes.kubectl import Namespace, Object, eventually, is_ready

NAME = "trial"
Change = Callable[[Object], None]


@pytest.fixture(autouse=True)
def nothing_left(installation: Installation) -> Iterator[None]:
    yield
    installation.namespace.delete("pod", NAME, force=True)


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_each_missing_secret_is_named(installation: Installation, deployable: str) -> None:
    template = installation.namespace.get("deployment", f"orrery-{deployable}")["spec"]["template"]

    for secret in sorted(secrets_of(template["spec"])):
        start(installation.namespace, template, partial(without, secret))
        said(installation.namespace, rf'secret "{secret}-missing" not found')
        assert not is_ready(installation.namespace.get("pod", NAME))
        installation.namespace.delete("pod", NAME, force=True)


@pytest.mark.parametrize(
    ("dsn", "why"),
    [
        ("postgresql://domain_app@platform-postgres:1/orrery", r"PostgreSQL.*(refused|timeout|timed out)"),
        ("postgresql://domain_app@nowhere:5432/orrery", r"PostgreSQL.*nowhere"),
        ("postgresql://domain_app@platform-postgres:5432/other", r"PostgreSQL.*other.*does not exist"),
        ("postgresql://nobody@platform-postgres:5432/orrery", r"PostgreSQL.*password authentication failed.*nobody"),
        ("mysql://domain_app@platform-postgres/orrery", r"ORRERY_DATABASE__DSN.*postgresql://"),
    ],
    ids=["port", "host", "database", "role", "scheme"],
)
def test_a_wrong_dsn_is_told_in_one_line(installation: Installation, dsn: str, why: str) -> None:
    template = installation.namespace.get("deployment", "orrery-domain-data")["spec"]["template"]

    start(installation.namespace, template, partial(with_variable, "ORRERY_DATABASE__DSN", dsn))

    said(installation.namespace, why)
    assert not is_ready(installation.namespace.get("pod", NAME))


def test_a_wrong_image_is_named(installation: Installation) -> None:
    template = installation.namespace.get("deployment", "orrery-audit")["spec"]["template"]

    start(installation.namespace, template, with_image)

    said(installation.namespace, "orrery/nothing:dev")
    assert not is_ready(installation.namespace.get("pod", NAME))


def test_a_wrong_setting_is_named(installation: Installation) -> None:
    template = installation.namespace.get("deployment", "orrery-audit")["spec"]["template"]

    start(installation.namespace, template, partial(with_variable, "ORRERY_PROCESS__DRAIN_SECOND", "20"))

    said(installation.namespace, r"ORRERY_PROCESS__DRAIN_SECOND .*did you mean ORRERY_PROCESS__DRAIN_SECONDS")
    assert not is_ready(installation.namespace.get("pod", NAME))


def test_an_expired_certificate_is_told_with_its_date(installation: Installation) -> None:
    namespace = installation.namespace
    template = namespace.get("deployment", "orrery-audit")["spec"]["template"]
    long_ago = datetime.now(UTC) - timedelta(days=100)
    held = {
        key: base64.b64decode(text) for key, text in namespace.get("secret", "orrery-tls-authority")["data"].items()
    }
    expired = make_leaf(["audit"], Pair.read(held["tls.crt"], held["tls.key"]), timedelta(days=90), long_ago)
    files = {"tls.crt": expired.certificate_pem, "tls.key": expired.key_pem, "ca.crt": held["tls.crt"]}
    namespace.apply(secret("trial-tls", files))

    start(namespace, template, partial(with_certificate, "trial-tls"))

    said(namespace, rf"expired on {long_ago + timedelta(days=90):%Y-%m-%d}")
    assert not is_ready(namespace.get("pod", NAME))


def start(namespace: Namespace, template: Object, change: Change) -> None:
    """Start the template's pod by another name and without its labels, so that no Service sends it anything."""
    spec = copy.deepcopy(template["spec"])
    change(spec)
    labels = {"app.kubernetes.io/part-of": "orrery"}
    namespace.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME, "labels": labels}, "spec": spec})


def said(namespace: Namespace, pattern: str) -> None:
    """Return when this stands in one line of the pod's log or events."""

    def found() -> bool:
        lines = [*namespace.log(NAME), *namespace.events(NAME)]
        return any(re.search(pattern, line) for line in lines)

    eventually(found, f"the pod says {pattern}", 90)


def secrets_of(spec: Object) -> set[str]:
    """Every Secret that a pod reads, in variables or as volumes."""
    variables = [one for container in containers(spec) for one in container.get("env", ())]
    references = [one["valueFrom"]["secretKeyRef"]["name"] for one in variables if "valueFrom" in one]
    return {*references, *(one["secret"]["secretName"] for one in spec["volumes"] if "secret" in one)}


def containers(spec: Object) -> list[Object]:
    return [*spec.get("initContainers", ()), *spec["containers"]]


def without(secret: str, spec: Object) -> None:
    """Let the pod ask for a Secret that is not there."""
    for container in containers(spec):
        for one in container.get("env", ()):
            if one.get("valueFrom", {}).get("secretKeyRef", {}).get("name") == secret:
                one["valueFrom"]["secretKeyRef"]["name"] = f"{secret}-missing"
    for volume in spec["volumes"]:
        if volume.get("secret", {}).get("secretName") == secret:
            volume["secret"]["secretName"] = f"{secret}-missing"


def with_variable(name: str, value: str, spec: Object) -> None:
    """Give every container that knows the variable another value; the last one, where none does."""
    knowing = [one for one in containers(spec) if any(each["name"] == name for each in one.get("env", ()))]
    for container in knowing or spec["containers"]:
        rest = [one for one in container["env"] if one["name"] != name]
        container["env"] = [*rest, {"name": name, "value": value}]


def with_image(spec: Object) -> None:
    for container in containers(spec):
        container["image"] = "localhost/orrery/nothing:dev"


def with_certificate(name: str, spec: Object) -> None:
    next(one for one in spec["volumes"] if one["name"] == "tls")["secret"]["secretName"] = name


def secret(name: str, files: dict[str, bytes]) -> Object:
    data = {key: base64.b64encode(value).decode() for key, value in files.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
