"""kubectl and helm, as an operator calls them, for one namespace."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Object = dict[str, Any]
Answer = TypeVar("Answer")


class Refused(Exception):
    """A command ended with an error; its text is what the command said."""


def run(*command: str, given: str | None = None, seconds: float = 300) -> str:
    """What the command says; raises Refused."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode:
        raise Refused(f"{' '.join(command[:6])} …: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def eventually(ask: Callable[[], Answer | None], what: str, seconds: float = 60.0, pause: float = 0.3) -> Answer:
    """The first answer that is not empty; fails when none came in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if answer := ask():
            return answer
        time.sleep(pause)
    raise AssertionError(f"{what}: did not happen within {seconds:.0f} s")


@dataclass(frozen=True)
class Namespace:
    """One namespace of the cluster that KUBECONFIG names."""

    name: str

    def kubectl(self, *arguments: str, given: str | None = None, seconds: float = 300) -> str:
        return run("kubectl", "--namespace", self.name, *arguments, given=given, seconds=seconds)

    def helm(self, *arguments: str) -> str:
        return run("helm", "--namespace", self.name, *arguments, seconds=600)

    def make(self) -> None:
        """Make it anew and empty, under the restricted Pod Security Standard."""
        self.remove()
        run("kubectl", "create", "namespace", self.name)
        run("kubectl", "label", "namespace", self.name, "pod-security.kubernetes.io/enforce=restricted")

    def remove(self) -> None:
        run("kubectl", "delete", "namespace", self.name, "--ignore-not-found", "--wait", "--timeout=180s")

    def get(self, kind: str, name: str) -> Object:
        return self.parsed("get", kind, name, "-o", "json")

    def parsed(self, *arguments: str) -> Object:
        """The object that kubectl writes as JSON."""
        found: Object = json.loads(self.kubectl(*arguments))
        return found

    def all(self, kind: str, selector: str = "") -> list[Object]:
        found: list[Object] = json.loads(self.kubectl("get", kind, "-l", selector, "-o", "json"))["items"]
        return found

    def apply(self, *objects: Object) -> None:
        everything = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "-f", "-", given=json.dumps(everything))

    def delete(self, kind: str, *names: str, force: bool = False) -> None:
        at_once = ("--grace-period=0", "--force") if force else ()
        self.kubectl("delete", kind, *names, "--ignore-not-found", *at_once)

    def log(self, pod: str) -> list[str]:
        """The lines that all containers of a pod have logged; those that have not begun have none."""
        spec = self.get("pod", pod)["spec"]
        names = [one["name"] for one in (*spec.get("initContainers", ()), *spec["containers"])]
        return [line for name in names for line in self._log(pod, name)]

    def _log(self, pod: str, container: str) -> list[str]:
        try:
            return self.kubectl("logs", pod, "-c", container).splitlines()
        except Refused:
            return []

    def events(self, pod: str) -> list[str]:
        """What the cluster says of the pod that has the name now; events of one that had it before live for an hour."""
        own = f"involvedObject.uid={self.get('pod', pod)['metadata']['uid']}"
        return [one["message"] for one in self.parsed("get", "events", "--field-selector", own, "-o", "json")["items"]]

    def execute(self, pod: str, *command: str) -> str:
        return self.kubectl("exec", pod, "--", *command)


def is_ready(pod: Object) -> bool:
    """Whether a pod that is not on its way out is ready."""
    conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions", ())}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]
