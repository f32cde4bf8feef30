{{/* The service's folder in the image: services.auth.worker is in services/auth. */}}
{{- define "service.folder" -}}
{{ regexFind "^[^.]+\\.[^.]+" .Values.module | replace "." "/" }}
{{- end }}

{{/* Over zones and nodes as evenly as they allow, each release of a pod for itself; or as the values say. */}}
{{- define "service.spread" -}}
{{- if kindIs "slice" .Values.topologySpreadConstraints }}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "service.selector" . | fromYaml)) }}
{{- range .Values.topologySpreadConstraints }}
- {{ hasKey . "labelSelector" | ternary . (merge (deepCopy .) $selector) | toJson }}
{{- end }}
{{- else }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels: {{- include "service.selector" $ | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
