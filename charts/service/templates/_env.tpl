{{/*
The variables of a deployable: what its needs say, then its own settings on top, each name once. An ORRERY_ name that
the process does not know stops it with a sentence, so a mistyped setting is no silent default.
*/}}
{{- define "service.env" -}}
{{- $env := dict }}
{{- range .Values.needs }}
{{- $env = mergeOverwrite $env (include (printf "service.env.%s" .) $ | fromYaml) }}
{{- end }}
{{- range list "tls" "scratch" }}
{{- $env = mergeOverwrite $env (include (printf "service.env.%s" .) $ | fromYaml) }}
{{- end }}
{{- range $name, $value := .Values.settings }}
{{- $_ := set $env (printf "ORRERY_%s" $name) (include "service.text" $value) }}
{{- end }}
{{- range $name, $ref := .Values.secretSettings }}
{{- $_ := set $env (printf "ORRERY_%s" $name) (dict "secret" $ref.secret "key" $ref.key) }}
{{- end }}
{{- include "service.variables" $env }}
{{- range .Values.extraEnv }}
{{- if hasKey $env .name }}
{{- fail (printf "%s.extraEnv: the chart sets %s itself; use %s.settings or secretSettings." $.Chart.Name .name $.Chart.Name) }}
{{- end }}
- {{ toJson . }}
{{- end }}
{{- end }}

{{/* A map of names to texts and {secret, key} as a container's env. */}}
{{- define "service.variables" -}}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
- {name: {{ $name }}, valueFrom: {secretKeyRef: {name: {{ $value.secret | quote }}, key: {{ $value.key | quote }}}}}
{{- else }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{/* A value as text. Helm reads numbers as floats, which would write 268435456 as 2.68435456e+08. */}}
{{- define "service.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}
