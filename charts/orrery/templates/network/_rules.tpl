{{/* To the gateways of this release. */}}
{{- define "orrery.gatewayRule" -}}
- ports: [{port: 8080, protocol: TCP}]
  to:
    - {{ include "service.pods" (list . "gateway") }}
{{- end }}

{{/* (list context needs): to DNS and the stores that these needs name. */}}
{{- define "orrery.storeRules" -}}
{{- include "service.storeRules" (dict "Values" (dict "global" (index . 0).Values.global "needs" (index . 1))) }}
{{- end }}

{{/* To where backups are kept. */}}
{{- define "orrery.backupRule" -}}
{{- with .Values.backup }}
{{- if and .enabled .s3.endpoint -}}
- ports: {{ include "service.ports" .s3.endpoint }}
  {{- with .peers }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
