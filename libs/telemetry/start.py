"""Starts and ends the telemetry of one process."""

from typing import Self

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from libs.settings import TelemetrySettings
from libs.telemetry.logs import configure


class Telemetry:
    """Logs at once; traces where an OTLP endpoint is set. The last spans are sent when the block ends."""

    def __init__(self, service: str, settings: TelemetrySettings) -> None:
        configure(service, settings.log_level)
        self._provider = provider(service, settings) if settings.otlp_endpoint else None

    def __enter__(self) -> Self:
        if self._provider:
            trace.set_tracer_provider(self._provider)
        return self

    def __exit__(self, *raised: object) -> None:
        if self._provider:
            self._provider.shutdown()


def provider(service: str, settings: TelemetrySettings) -> TracerProvider:
    resource = Resource.create({"service.name": service, "deployment.environment.name": settings.environment})
    made = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces", timeout=5)
    made.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    return made
