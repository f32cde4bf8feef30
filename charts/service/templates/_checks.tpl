{{/* Combinations that no schema can refuse. */}}
{{- define "service.check" -}}
{{- $global := .Values.global }}
{{- $both := and $global.tracks.blue.enabled $global.tracks.green.enabled }}
{{- if not (and .Values.image .Values.module .Values.needs) }}
{{- fail (printf "%s has no image, module or needs: to leave it out say %s.enabled=false." .Chart.Name .Chart.Name) }}
{{- end }}
{{- if and (eq .Values.service.type "ClusterIP") (or .Values.service.nodePort .Values.service.externalTrafficPolicy) }}
{{- fail (printf "%s.service: nodePort and externalTrafficPolicy are for the types NodePort and LoadBalancer." .Chart.Name) }}
{{- end }}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not (has "edge" .Values.needs)) }}
{{- fail (printf "%s is not exposed: only the gateway has an ingress or an httpRoute." .Chart.Name) }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "gateway.httpRoute.parentRefs: which Gateway does the route belong to? ([{name: public, namespace: gateways}])" }}
{{- end }}
{{- range $name := concat (keys .Values.settings) (keys .Values.secretSettings) }}
{{- if hasPrefix "ORRERY_" $name }}
{{- fail (printf "%s.settings: write %s without ORRERY_." $.Chart.Name $name) }}
{{- end }}
{{- end }}
{{- range $name := concat (keys .Values.podLabels) (keys $global.podLabels) }}
{{- if or (hasPrefix "app.kubernetes.io/" $name) (hasPrefix "orrery.dev/" $name) }}
{{- fail (printf "podLabels of %s or of global: the chart sets %s itself, and selects by it." $.Chart.Name $name) }}
{{- end }}
{{- end }}
{{- if and (has "edge" .Values.needs) (gt (int $global.canary.weight) 0) $both (eq $global.canary.by "httpRoute") (not .Values.httpRoute.enabled) }}
{{- fail "global.canary.by is httpRoute, but gateway.httpRoute.enabled is false; or use global.canary.by=replicas." }}
{{- end }}
{{- if and (include "service.isRollout" .) $global.argoRollouts.httpRoute (not .Values.httpRoute.enabled) }}
{{- fail "global.argoRollouts.httpRoute gives weights to the HTTPRoute, but gateway.httpRoute.enabled is false." }}
{{- end }}
{{- if and $global.argoRollouts.enabled $both }}
{{- fail "Argo Rollouts makes its own canaries: turn off global.tracks.green, or global.argoRollouts." }}
{{- end }}
{{- end }}
