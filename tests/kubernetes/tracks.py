"""The two tracks: which pods are of which, what their gateways have served, and a known beginning for each test."""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import yaml

from tests.kubernetes.images import NEXT, TODAY
from tests.kubernetes.installation import RELEASE, Installation
from tests.kubernetes.kubectl import Object, is_ready

BLUE, GREEN = "global.tracks.blue", "global.tracks.green"
BLUE_ALONE = {
    "global.paused": "false",
    "global.active": "blue",
    "global.canary.weight": "0",
    f"{BLUE}.enabled": "true",
    f"{BLUE}.tag": TODAY,
    f"{GREEN}.enabled": "false",
    f"{GREEN}.tag": NEXT,
    "gateway.replicas": "1",
    "gateway.autoscaling.enabled": "false",
}
BOTH = BLUE_ALONE | {f"{GREEN}.enabled": "true"}


def begin(installation: Installation, wanted: Mapping[str, str]) -> None:
    """Have these values and all pods ready, whatever stood before; an upgrade only where something differs."""
    if not stands(installation, wanted):
        installation.upgrade(wanted)
    installation.values |= wanted


def stands(installation: Installation, wanted: Mapping[str, str]) -> bool:
    """Whether the last release came through with these values, and its pods are ready."""
    status = json.loads(installation.namespace.helm("status", RELEASE, "-o", "json"))["info"]["status"]
    held = json.loads(installation.namespace.helm("get", "values", RELEASE, "--all", "-o", "json"))
    same = all((found(held, name) or False) == (yaml.safe_load(value) or False) for name, value in wanted.items())
    return status == "deployed" and same and all(is_ready(pod) for pod in installation.pods())


def found(held: Mapping[str, Any], name: str) -> Any:
    """A value by its dotted name; None where there is none."""
    part: Any = held
    for key in name.split("."):
        part = (part or {}).get(key)
    return part


def names(installation: Installation) -> set[str]:
    """The pods: switching replaces none."""
    return {pod["metadata"]["name"] for pod in installation.pods()}


def tag(pod: Object) -> str:
    image: str = pod["spec"]["containers"][0]["image"]
    return image.rpartition(":")[2]


def track(pod: Object) -> str:
    found_track: str = pod["metadata"]["labels"]["orrery.dev/track"]
    return found_track


def served(installation: Installation) -> dict[str, int]:
    """The requests that the gateways of each track have answered."""
    total = {"blue": 0, "green": 0}
    for pod in installation.pods("gateway"):
        metrics = httpx.get(f"http://{pod['status']['podIP']}:7200/metrics", trust_env=False).text
        counted = re.findall(r"^orrery_http_requests_total\{[^}]*\} ([0-9.e+]+)$", metrics, re.MULTILINE)
        total[track(pod)] += int(sum(float(one) for one in counted))
    return total
