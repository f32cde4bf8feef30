{{/* Whether cert-manager signs by an authority of the release's own. */}}
{{- define "orrery.ownIssuer" -}}
{{- if and (eq .Values.global.tls.mode "cert-manager") (not .Values.global.tls.issuerRef) }}true{{ end }}
{{- end }}

{{- define "orrery.issuer" -}}
{{- .Values.global.tls.issuerRef | default (dict "name" (printf "%s-tls" .Release.Name) "kind" "Issuer" "group" "cert-manager.io") | toJson }}
{{- end }}
