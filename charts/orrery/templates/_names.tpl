{{/* (list context part): labels of what is no deployable. */}}
{{- define "orrery.labels" -}}
{{ include "orrery.podLabels" . }}
{{ include "service.chartLabels" (index . 0) }}
{{- end }}

{{- define "orrery.podLabels" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
app.kubernetes.io/part-of: orrery
{{- end }}

{{/* (list context part labels annotations): of a pod, with those that all pods have. */}}
{{- define "orrery.podMetadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- merge (include "orrery.podLabels" . | fromYaml) (index . 2) $root.Values.global.podLabels | toYaml | nindent 2 }}
{{- with merge (dict) (index . 3) $root.Values.global.podAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* (list context part template): <release>-<part>-<hash>. A Job cannot be changed: another template is another Job. */}}
{{- define "orrery.jobName" -}}
{{- $name := printf "%s-%s" (index . 0).Release.Name (index . 1) | lower | replace "." "-" | replace "_" "-" | trunc 54 | trimSuffix "-" }}
{{- printf "%s-%s" $name (index . 2 | sha256sum | trunc 8) }}
{{- end }}

{{/* The names of the deployables as a JSON array: whatever the values give a module. */}}
{{- define "orrery.deployables" -}}
{{- $names := list }}
{{- range $name, $values := .Values }}
{{- if and (kindIs "map" $values) (hasKey $values "module") }}
{{- $names = append $names $name }}
{{- end }}
{{- end }}
{{- $names | sortAlpha | toJson }}
{{- end }}

{{/* Those that speak mutual TLS, as a JSON array. */}}
{{- define "orrery.certified" -}}
{{- $names := list }}
{{- range include "orrery.deployables" . | fromJsonArray }}
{{- if include "service.isMutual" (dict "Values" (dict "needs" (index $.Values .).needs "global" $.Values.global)) }}
{{- $names = append $names . }}
{{- end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{/* (list context alias): the DNS names of a certificate; clients ask for the first. */}}
{{- define "orrery.dnsNames" -}}
{{- $root := index . 0 }}
{{- $service := printf "%s-%s" $root.Release.Name (index . 1) }}
{{- list (index . 1) $service (printf "%s.%s.svc.%s" $service $root.Release.Namespace $root.Values.global.clusterDomain) | toJson }}
{{- end }}
