"""The shapes of the health reports, for the answer and the document alike."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

State = Literal["healthy", "degraded", "unhealthy"]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class PartReport(BaseModel):
    """One part of the platform."""

    status: Literal["up", "down"]
    response_time_ms: float
    last_check_at: Moment


class HealthReport(BaseModel):
    """The platform: degraded while a part is down, unhealthy while one is that it cannot do without."""

    status: State
    version: str
    timestamp: Moment
    checks: dict[str, PartReport]
    uptime_seconds: int


class HealthEnvelope(BaseModel):
    """The report in its envelope."""

    success: Literal[True]
    data: HealthReport


class ServiceStatus(BaseModel):
    """One part of the platform."""

    status: State
    responseTime: float = Field(description="Milliseconds.")  # noqa: N815  # the public name
    errorMessage: str | None = Field(default=None, json_schema_extra={"type": "string"})  # noqa: N815  # the public name
    lastChecked: Moment  # noqa: N815  # the public name


class Details(BaseModel):
    """The parts; one that this deployment does not have is absent."""

    database: ServiceStatus | None = None
    redis: ServiceStatus | None = None
    externalApis: dict[str, ServiceStatus]  # noqa: N815  # the public name
    storage: ServiceStatus | None = None
    messageQueue: ServiceStatus | None = None  # noqa: N815  # the public name


class HealthCheck(BaseModel):
    """The platform and its parts."""

    service: str
    status: State
    timestamp: Moment
    responseTime: float = Field(description="Milliseconds.")  # noqa: N815  # the public name
    details: Details
    version: str
    uptime: int = Field(description="Seconds.")


class ResourceMetadata(BaseModel):
    """About the answer."""

    version: str
    requestId: str  # noqa: N815  # the public name


class HealthResource(BaseModel):
    """The check in the resource family's frame."""

    requestId: str  # noqa: N815  # the public name
    data: HealthCheck
    metadata: ResourceMetadata
    timestamp: Moment
    processingTime: float = Field(description="Milliseconds.")  # noqa: N815  # the public name
