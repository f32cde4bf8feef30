"""Metrics of other programs that our rules and dashboards use, with those of their labels that we name."""

TARGET = frozenset({"namespace", "job", "instance", "pod", "container", "fleet", "track", "worker"})

METRICS: dict[str, frozenset[str]] = {
    # Prometheus
    "up": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity", "part_of"}),
    # prometheus_client
    "process_cpu_seconds_total": frozenset(),
    "process_resident_memory_bytes": frozenset(),
    "process_start_time_seconds": frozenset(),
    # kube-state-metrics 2 (docs/metrics of its repository)
    "kube_pod_container_status_waiting_reason": frozenset({"reason"}),
    "kube_pod_container_status_last_terminated_reason": frozenset({"reason"}),
    "kube_pod_container_status_restarts_total": frozenset(),
    "kube_pod_status_phase": frozenset({"phase"}),
    "kube_deployment_spec_replicas": frozenset({"deployment"}),
    "kube_deployment_status_replicas_available": frozenset({"deployment"}),
    "kube_horizontalpodautoscaler_status_current_replicas": frozenset({"horizontalpodautoscaler"}),
    "kube_horizontalpodautoscaler_spec_min_replicas": frozenset({"horizontalpodautoscaler"}),
    "kube_horizontalpodautoscaler_spec_max_replicas": frozenset({"horizontalpodautoscaler"}),
    "kube_cronjob_status_last_successful_time": frozenset({"cronjob"}),
    "kube_cronjob_created": frozenset({"cronjob"}),
    "kube_job_status_failed": frozenset({"job_name", "reason"}),
    "kube_job_status_succeeded": frozenset({"job_name"}),
    "kube_job_status_start_time": frozenset({"job_name"}),
    # OpenTelemetry collector 0.160, read from one that ran
    "otelcol_exporter_send_failed_spans": frozenset({"exporter"}),
    "otelcol_exporter_send_failed_log_records": frozenset({"exporter"}),
}
