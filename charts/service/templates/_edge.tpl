{{/* (list context hosts): the hosts given, or else that of global.publicUrl, as JSON. */}}
{{- define "service.hosts" -}}
{{- $url := include "service.publicUrl" (index . 0) | urlParse }}
{{- $host := regexReplaceAll ":[0-9]+$" $url.host "" | lower }}
{{- if not (or (index . 1) (regexMatch "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" $host | and (not (regexMatch "^[0-9.]+$" $host)))) }}
{{- fail (printf "global.publicUrl: %s is no host name that an Ingress or HTTPRoute takes; name gateway.ingress.hosts or gateway.httpRoute.hostnames." $host) }}
{{- end }}
{{- index . 1 | default (list $host) | toJson }}
{{- end }}

{{/* The Services of the tracks with their weights; one that gets nothing is left out. */}}
{{- define "service.backends" -}}
{{- $canary := .Values.global.canary }}
{{- if and (include "service.isRollout" .) .Values.global.argoRollouts.httpRoute }}
- {name: {{ include "service.plainName" . }}, port: {{ .Values.service.port }}}
- {name: {{ include "service.plainName" . }}-preview, port: {{ .Values.service.port }}}
{{- else if or (ne $canary.by "httpRoute") (eq (int $canary.weight) 0) }}
- {name: {{ include "service.plainName" . }}, port: {{ .Values.service.port }}}
{{- else }}
{{- range include "service.tracks" . | fromJsonArray }}
- {name: {{ include "service.trackService" (set $ "Track" .) }}, port: 8080, weight: {{ .isActive | ternary (sub 100 (int $canary.weight)) (int $canary.weight) }}}
{{- end }}
{{- end }}
{{- end }}
