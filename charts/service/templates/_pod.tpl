{{/* The service's folder in the image: services.auth.worker is in services/auth. */}}
{{- define "service.folder" -}}
{{ regexFind "^[^.]+\\.[^.]+" .Values.module | replace "." "/" }}
{{- end }}

{{/* Over zones and nodes as evenly as they allow; each release of a pod counts for itself. */}}
{{- define "service.spread" -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels: {{- include "service.selector" $ | nindent 6 }}
{{- end }}
{{- end }}
