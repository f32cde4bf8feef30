"""Certificates are renewed under load: the new ones are in use within minutes, and no request fails."""

import ssl
from datetime import UTC, datetime
from functools import partial

import yaml

from tests.e2e.people import Person
from tests.kubernetes.installation import DEPLOYABLES, RELEASE, Installation
from tests.kubernetes.kubectl import Object, eventually
from tests.kubernetes.load import Load, nothing_lost
from tools.stack.layout import load

GRPC = 7100
SERVERS = tuple(one.name for one in load({}).deployables if one.port and one.name != "gateway")
ANOTHER = "renewed.example"  # a name more makes a certificate due


def test_renewed_certificates_are_in_use_soon_and_no_request_fails(installation: Installation, person: Person) -> None:
    before = {name: shown(installation, name) for name in SERVERS}

    with Load(person) as load:
        renew(installation, ANOTHER)
        for name in SERVERS:
            eventually(partial(is_new, installation, name, before[name]), f"{name} shows its new one", 180)

    nothing_lost(load, person)
    assert len(set(before.values())) == len(SERVERS) < len(DEPLOYABLES)
    renew(installation)  # with the names of the chart again, as the next test finds them


def is_new(installation: Installation, deployable: str, before: str) -> bool:
    return shown(installation, deployable) != before


def shown(installation: Installation, deployable: str) -> str:
    """The certificate that a server shows now, as PEM."""
    return ssl.get_server_certificate((installation.pods(deployable)[0]["status"]["podIP"], GRPC), timeout=10)


def renew(installation: Installation, *more: str) -> None:
    """What the CronJob does one night, on certificates that are all due."""
    namespace = installation.namespace
    told = yaml.safe_load(namespace.get("configmap", f"{RELEASE}-secrets")["data"]["secrets.yaml"])
    issued = told["certificates"]["issue"]
    told["certificates"]["issue"] = {secret: [*names, *more] for secret, names in issued.items()}
    pod = namespace.get("cronjob", f"{RELEASE}-certificates")["spec"]["jobTemplate"]["spec"]["template"]
    name = f"renewal-{datetime.now(UTC):%H%M%S}"
    for volume in pod["spec"]["volumes"]:
        if "configMap" in volume:
            volume["configMap"] = {"name": name}
    namespace.apply(config_map(name, yaml.safe_dump(told)), job(name, pod))
    namespace.kubectl("wait", f"job/{name}", "--for=condition=Complete", "--timeout=120s")
    assert "renewed" in namespace.kubectl("logs", f"job/{name}")


def config_map(name: str, text: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"secrets.yaml": text}}


def job(name: str, pod: Object) -> Object:
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": pod}}
