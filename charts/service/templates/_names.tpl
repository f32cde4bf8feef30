{{/* <release>-<alias>; what belongs to the green track ends with -green. */}}
{{- define "service.name" -}}
{{ include "service.plainName" . }}{{ .Track.suffix }}
{{- end }}

{{- define "service.plainName" -}}
{{- include "service.checkRelease" . }}
{{- $name := printf "%s-%s" .Release.Name .Chart.Name }}
{{- if gt (len $name) 55 }}
{{- fail (printf "%s-preview would have more than 63 characters: take a shorter name for the release." $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Kubernetes takes 52 characters for a CronJob (<release>-identity-keys), and for Services no digit or dot at the front. */}}
{{- define "service.checkRelease" -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]{0,36}[a-z0-9])?$" .Release.Name) }}
{{- fail (printf "The release's name %q does not fit: at most 38 lower-case letters, digits and -, a letter first." .Release.Name) }}
{{- end }}
{{- end }}

{{/* What Deployments and Services select by; a Deployment's selector can never change. */}}
{{- define "service.selector" -}}
{{ include "service.plainSelector" . }}
orrery.dev/track: {{ .Track.name }}
{{- end }}

{{- define "service.plainSelector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "service.labels" -}}
{{ include "service.podLabels" . }}
{{ include "service.chartLabels" . }}
{{- end }}

{{/* Of what all tracks have in common. */}}
{{- define "service.plainLabels" -}}
{{ include "service.plainSelector" . }}
app.kubernetes.io/part-of: orrery
{{ include "service.chartLabels" . }}
{{- end }}

{{/* Kept away from pods and selectors: a new chart version alone must not replace them. */}}
{{- define "service.chartLabels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: orrery-{{ .Chart.Version | replace "+" "_" }}
{{- range $name, $value := .Values.global.commonLabels }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* (list context own): the annotations of an object, in the line after its labels; its own win over everybody's. */}}
{{- define "service.annotations" -}}
{{- with merge (dict) (index . 1 | default dict) ((index . 0).Values.global.commonAnnotations | default dict) }}
  annotations: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "service.podLabels" -}}
{{ include "service.selector" . }}
app.kubernetes.io/part-of: orrery
app.kubernetes.io/version: {{ include "service.version" . | quote }}
{{- end }}

{{/* Where a service of the same track is: host:port. */}}
{{- define "service.address" -}}
{{- $root := index . 0 }}
{{- $alias := index . 1 }}
{{- printf "%s-%s%s.%s.svc.%s:7100" $root.Release.Name $alias $root.Track.suffix $root.Release.Namespace $root.Values.global.clusterDomain }}
{{- end }}

{{/* The Service of one track. The plain name of what is exposed belongs to the Service that the public comes to. */}}
{{- define "service.trackService" -}}
{{- if has "edge" .Values.needs }}
{{- include "service.plainName" . }}-{{ .Track.name }}
{{- else }}
{{- include "service.name" . }}
{{- end }}
{{- end }}
