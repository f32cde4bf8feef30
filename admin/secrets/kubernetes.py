"""Secrets of a Kubernetes namespace.

It asks for each secret by name: its ServiceAccount may get, create and patch these names and list none.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Self

import httpx2
from lightkube import ApiError, Client
from lightkube.core.exceptions import ConfigError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret
from lightkube.types import PatchType

from admin.errors import Failed
from admin.secrets.store import NO_MARKS, Contended, Held, Marks

MANAGER = "orrery"


class KubernetesSecrets:
    """By the pod's ServiceAccount, or outside a cluster by KUBECONFIG. Enter it to have its connections closed."""

    def __init__(self, namespace: str | None = None) -> None:
        try:
            self._client = Client(namespace=namespace, field_manager=MANAGER)
        except (ConfigError, OSError, ValueError) as unknown:
            raise Failed(f"No way to a Kubernetes cluster is known: {unknown}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._client.close()

    def read(self, name: str) -> Held | None:
        with asking(f"read secret {name}"):
            try:
                found = self._client.get(Secret, name)
            except ApiError as refused:
                if refused.status.code == HTTPStatus.NOT_FOUND:
                    return None
                raise
        about = found.metadata or ObjectMeta()
        data = {key: base64.b64decode(value) for key, value in (found.data or {}).items()}
        return Held(data, about.resourceVersion or "", Marks(about.labels or {}, about.annotations or {}))

    def create(self, name: str, kind: str, data: Mapping[str, bytes], marks: Marks) -> None:
        metadata = ObjectMeta(name=name, labels=there(marks.labels), annotations=there(marks.annotations))
        made = Secret(metadata=metadata, type=kind, data={key: encoded(value) for key, value in data.items()})
        with asking(f"create secret {name}"):
            self._client.create(made)

    def change(self, name: str, version: str, data: Mapping[str, bytes | None], marks: Marks = NO_MARKS) -> None:
        values = {key: None if value is None else encoded(value) for key, value in data.items()}
        about = {"resourceVersion": version, "labels": marks.labels, "annotations": marks.annotations}
        patch = {"metadata": about, "data": values}
        with asking(f"change secret {name}"):
            self._client.patch(Secret, name, patch, patch_type=PatchType.MERGE)


def there(marks: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in marks.items() if value is not None}


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


@contextmanager
def asking(what: str) -> Iterator[None]:
    """The API's refusals as Contended and Failed."""
    try:
        yield
    except ApiError as refused:
        if refused.status.code == HTTPStatus.CONFLICT:
            raise Contended from None
        raise Failed(f"Kubernetes did not {what}: {refused.status.message}.") from None
    except httpx2.HTTPError as away:
        raise Failed(f"Kubernetes did not {what}: {type(away).__name__}: {away}.") from None
