"""What is wanted: the file that the chart renders."""

from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from admin.errors import Failed
from admin.secrets.kinds import check_kind
from admin.secrets.store import Marks


def is_no_folder(key: str) -> str:
    """Kubernetes refuses the same: a key is a file's name where the secret is mounted."""
    if key == "." or key.startswith(".."):
        raise ValueError("a key is not '.' and does not begin with '..'")
    return key


SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
KeyName = Annotated[str, StringConstraints(pattern=r"^[-._a-zA-Z0-9]{1,253}$"), AfterValidator(is_no_folder)]
DnsName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9]([-a-zA-Z0-9.]{0,251}[a-zA-Z0-9])?$")]
Kind = Annotated[str, AfterValidator(check_kind)]
RENEWALS = 5  # an authority outlives its certificates by so much that its own rotation always fits


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Certificates(Strict):
    """Mutual TLS inside the fleet: an authority of our own, and a certificate per secret."""

    authority: SecretName
    authority_days: int = Field(default=1825, alias="authorityDays", ge=1, le=36_500)
    days: int = Field(default=90, ge=1, le=3650)
    issue: dict[SecretName, Annotated[list[DnsName], Field(min_length=1)]] = {}

    @model_validator(mode="after")
    def outlives(self) -> Self:
        if self.authority_days < RENEWALS * self.days:
            raise ValueError(f"authorityDays is at least {RENEWALS} times days, or a rotation would not fit into it")
        if self.authority in self.issue:
            raise ValueError(f"{self.authority} is the authority; no certificate is issued into it")
        return self


class Specification(Strict):
    """Secrets by name, each with the kind of each key; certificates; labels and annotations of all of them.

    A label of null is taken away from secrets that were made with it.
    """

    secrets: dict[SecretName, Annotated[dict[KeyName, Kind], Field(min_length=1)]] = {}
    certificates: Certificates | None = None
    labels: dict[str, str | None] = {}
    annotations: dict[str, str | None] = {}

    @model_validator(mode="after")
    def each_name_once(self) -> Self:
        if self.certificates:
            both = self.secrets.keys() & {self.certificates.authority, *self.certificates.issue}
            if both:
                raise ValueError(f"{', '.join(sorted(both))} cannot hold both values and a certificate")
        return self

    @property
    def marks(self) -> Marks:
        return Marks(self.labels, self.annotations)


def read(path: Path) -> Specification:
    """The file's contents; raises Failed with a line for each mistake."""
    try:
        given: Any = yaml.safe_load(path.read_text())
    except OSError as unread:
        raise Failed(f"{path} cannot be read: {unread.strerror}.") from None
    except UnicodeDecodeError:
        raise Failed(f"{path} is no UTF-8.") from None
    except yaml.YAMLError as unread:
        raise Failed(f"{path} is no YAML: {' '.join(str(unread).split())}") from None
    try:
        return Specification.model_validate(given)
    except ValidationError as wrong:
        told = (f"{path}: {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in wrong.errors())
        raise Failed("\n".join(told)) from None
