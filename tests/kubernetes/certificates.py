"""The fleet's certificates: what the job makes of them, what processes show and have in use."""

import base64
import json
import ssl
from datetime import UTC, datetime
from functools import partial

import httpx
import yaml
from cryptography import x509
from prometheus_client.parser import text_string_to_metric_families

from tests.kubernetes.installation import RELEASE, Installation
from tests.kubernetes.kubectl import Object, eventually
from tools.stack.layout import load

GRPC, OPERATIONS = 7100, 7200
SERVERS = tuple(one.name for one in load({}).deployables if one.port and one.name != "gateway")
ANOTHER = "renewed.example"  # a name more makes a certificate due
FILES = {"/tls/tls.crt": "tls.crt", "/tls/ca.crt": "ca.crt"}
EXPIRES = "orrery_certificate_expires_timestamp_seconds"


def shown(installation: Installation, deployable: str) -> str:
    """The certificate that a server shows now, as PEM."""
    return ssl.get_server_certificate((installation.pods(deployable)[0]["status"]["podIP"], GRPC), timeout=10)


def look(installation: Installation, *more: str) -> str:
    """What the CronJob does one night, with so many names more in each certificate; what it says."""
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
    return namespace.kubectl("logs", f"job/{name}")


def taken_up(installation: Installation) -> None:
    """Wait until every process has what its secret holds in use.

    The kubelet looks at mounted secrets each minute, and at once where a pod changed.
    """
    namespace = installation.namespace
    pods = {pod["metadata"]["name"]: pod for pod in installation.pods() if secret_of(pod)}
    namespace.kubectl("annotate", "pods", *pods, "--overwrite", f"looked-at={datetime.now(UTC):%H%M%S}")
    for name, pod in pods.items():
        wanted = {file: ends(held(installation, secret_of(pod))[key]) for file, key in FILES.items()}
        eventually(partial(has_in_use, pod, wanted), f"{name} has its new files in use", 180)


def secret_of(pod: Object) -> str:
    """The secret of a pod's certificate; empty where it has none."""
    mounted = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    name: str = mounted["tls"]["secret"]["secretName"] if "tls" in mounted else ""
    return name


def has_in_use(pod: Object, wanted: dict[str, float]) -> bool:
    """Whether what a process has in use of its files ends at these moments, as its metrics say."""
    text = httpx.get(f"http://{pod['status']['podIP']}:{OPERATIONS}/metrics", trust_env=False).text
    families = [one for one in text_string_to_metric_families(text) if one.name == EXPIRES]
    found = {sample.labels["file"]: sample.value for family in families for sample in family.samples}
    return wanted.items() <= found.items()


def ends(pem: bytes) -> float:
    """When the last of these certificates ends, in Unix time."""
    return max(one.not_valid_after_utc.timestamp() for one in x509.load_pem_x509_certificates(pem))


def held(installation: Installation, secret: str) -> dict[str, bytes]:
    """What a secret holds."""
    data: dict[str, str] = installation.namespace.get("secret", secret)["data"]
    return {key: base64.b64decode(value) for key, value in data.items()}


def put(installation: Installation, secret: str, key: str, value: bytes) -> None:
    """Change one value of a secret."""
    patch = json.dumps({"data": {key: base64.b64encode(value).decode()}})
    installation.namespace.kubectl("patch", "secret", secret, "--type=merge", "--patch-file=/dev/stdin", given=patch)


def config_map(name: str, text: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"secrets.yaml": text}}


def job(name: str, pod: Object) -> Object:
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": pod}}
