{{/* Whether Prometheus' operator finds the metrics by a ServiceMonitor. */}}
{{- define "service.isMonitored" -}}
{{- $wish := .Values.global.serviceMonitor.enabled }}
{{- $isThere := .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
{{- if or (eq $wish "always") (and (eq $wish "auto") $isThere) }}true{{ end }}
{{- end }}

{{/* A Prometheus without the operator finds pods by annotations; with both it would count everything twice. */}}
{{- define "service.podAnnotations" -}}
{{- $scraped := dict "prometheus.io/scrape" "true" "prometheus.io/port" "7200" "prometheus.io/path" "/metrics" }}
{{- merge (dict) .Values.podAnnotations .Values.global.podAnnotations (include "service.isMonitored" . | empty | ternary $scraped dict) | toYaml }}
{{- end }}
