{{/* The configuration of the collector that traces are sent to, with the values in it. */}}
{{- define "observability.collectorConfig" -}}
{{- $own := .Values.observability.collector }}
{{- $config := fromYaml (.Files.Get "collector/gateway.yaml") }}
{{- $traces := $config.service.pipelines.traces }}
{{- $_ := set $config.exporters.otlp_grpc "endpoint" $own.traces.endpoint }}
{{- $_ := set $config.exporters.otlp_grpc "tls" (dict "insecure" $own.traces.insecure) }}
{{- if $own.sampling.enabled }}
{{- $tail := $config.processors.tail_sampling }}
{{- $_ := set $tail "decision_wait" $own.sampling.wait }}
{{- $_ := set $tail "num_traces" (int $own.sampling.traces) }}
{{- $_ := set (index $tail.policies 1).latency "threshold_ms" (int $own.sampling.slowMilliseconds) }}
{{- $_ := set (index $tail.policies 2).probabilistic "sampling_percentage" $own.sampling.sharePercent }}
{{- else }}
{{- $_ := unset $config.processors "tail_sampling" }}
{{- $_ := set $traces "processors" (without $traces.processors "tail_sampling") }}
{{- end }}
{{- if not $own.kubernetesAttributes }}
{{- $_ := unset $config.processors "k8s_attributes" }}
{{- $_ := set $traces "processors" (without $traces.processors "k8s_attributes") }}
{{- end }}
{{- toYaml (mustMergeOverwrite $config (deepCopy $own.config)) }}
{{- end }}

{{/* The same of the collector of logs. */}}
{{- define "observability.logsConfig" -}}
{{- $own := .Values.observability.logs }}
{{- $config := fromYaml (.Files.Get "collector/logs.yaml") }}
{{- $include := list }}
{{- range $own.namespaces | default (list .Release.Namespace) }}
{{- $include = append $include (printf "/var/log/pods/%s_*/*/*.log" .) }}
{{- end }}
{{- $_ := set $config.receivers.file_log "include" $include }}
{{- $_ := set $config.exporters.otlp_http "endpoint" $own.endpoint }}
{{- toYaml (mustMergeOverwrite $config (deepCopy $own.config)) }}
{{- end }}

{{/* (list root own configmap): what both containers have in common. */}}
{{- define "observability.container" -}}
{{- $root := index . 0 -}}
{{- $own := index . 1 -}}
image: {{ include "observability.image" $own.image }}
imagePullPolicy: {{ $own.image.pullPolicy }}
args: [--config=/etc/otelcol/config.yaml]
{{- with $own.extraEnv }}
env: {{- toYaml . | nindent 2 }}
{{- end }}
resources: {{- toYaml $own.resources | nindent 2 }}
startupProbe: {httpGet: {path: /, port: health}, periodSeconds: 2, failureThreshold: 30}
livenessProbe: {httpGet: {path: /, port: health}, periodSeconds: 20, timeoutSeconds: 5}
readinessProbe: {httpGet: {path: /, port: health}, periodSeconds: 5}
{{- end }}
