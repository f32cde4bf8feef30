{{/* The fleet's autoscaling with this deployable's own on top, as JSON. */}}
{{- define "service.autoscaling" -}}
{{- $all := deepCopy .Values.global.autoscaling }}
{{- range $name, $value := .Values.autoscaling }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $all $name $value }}{{ end }}
{{- end }}
{{- toJson $all }}
{{- end }}

{{/* A deployable's own word wins over its track's, and that over the fleet's. */}}
{{- define "service.isScaled" -}}
{{- $is := .Values.global.autoscaling.enabled }}
{{- range list .Track.autoscaling .Values.autoscaling.enabled }}
{{- if kindIs "bool" . }}{{ $is = . }}{{ end }}
{{- end }}
{{- if and $is (not .Values.global.paused) }}true{{ end }}
{{- end }}

{{/* Kafka's lag scales where it is asked for and KEDA is there; CPU alone does otherwise. */}}
{{- define "service.isScaledByLag" -}}
{{- $keda := .Values.global.keda }}
{{- $isThere := or (eq $keda "always") (and (eq $keda "auto") (.Capabilities.APIVersions.Has "keda.sh/v1alpha1")) }}
{{- if and (include "service.isScaled" .) .Values.autoscaling.lag $isThere }}true{{ end }}
{{- end }}

{{/* Pods where nothing scales them; none while the fleet is paused. */}}
{{- define "service.replicas" -}}
{{- if .Values.global.paused }}0{{ else }}{{ include "service.fullReplicas" . }}{{ end }}
{{- end }}

{{- define "service.fullReplicas" -}}
{{- $full := kindIs "invalid" .Values.replicas | ternary .Values.global.replicas .Values.replicas }}
{{- if include "service.isCanary" . }}
{{- include "service.canaryReplicas" (list $full .Values.global.canary.weight) }}
{{- else }}
{{- $full }}
{{- end }}
{{- end }}

{{/*
{min, max} as JSON: a canary's are its share of both, and it follows its own load between them. Its Deployment never owns
`replicas`, so that nothing sets it to 1 when it becomes the active track.
*/}}
{{- define "service.scale" -}}
{{- $scaling := include "service.autoscaling" . | fromJson }}
{{- $least := int $scaling.minReplicas }}
{{- $most := int $scaling.maxReplicas }}
{{- if include "service.isCanary" . }}
{{- $least = include "service.canaryReplicas" (list $least .Values.global.canary.weight) | int }}
{{- $most = include "service.canaryReplicas" (list $most .Values.global.canary.weight) | int }}
{{- end }}
{{- $least = max $least (get (.Track.minReplicas | default dict) .Chart.Name | int) }}
{{- dict "min" $least "max" (max $least $most) | toJson }}
{{- end }}

{{/* What a scaler scales. */}}
{{- define "service.scaleTarget" -}}
{{- if include "service.isRollout" . -}}
apiVersion: argoproj.io/v1alpha1
kind: Rollout
{{- else -}}
apiVersion: apps/v1
kind: Deployment
{{- end }}
name: {{ include "service.name" . }}
{{- end }}

{{/* Whether Argo Rollouts replaces this deployable's pods. */}}
{{- define "service.isRollout" -}}
{{- if and .Values.global.argoRollouts.enabled (has "edge" .Values.needs) }}true{{ end }}
{{- end }}

{{/* (list context trigger): a consumer group's lag, as KEDA asks Kafka for it. Without a topic all of the group count. */}}
{{- define "service.lag" -}}
{{- $kafka := (index . 0).Values.global.kafka }}
{{- $trigger := index . 1 -}}
bootstrapServers: {{ $kafka.brokers | quote }}
consumerGroup: {{ $trigger.group | quote }}
{{- with $trigger.topic }}
topic: {{ . | quote }}
{{- end }}
lagThreshold: {{ $trigger.threshold | quote }}
offsetResetPolicy: earliest
{{- if hasPrefix "SASL_" $kafka.protocol }}
sasl: {{ get (dict "PLAIN" "plaintext" "SCRAM-SHA-256" "scram_sha256" "SCRAM-SHA-512" "scram_sha512") $kafka.mechanism }}
{{- end }}
{{- if hasSuffix "SSL" $kafka.protocol }}
tls: enable
{{- end }}
{{- end }}
