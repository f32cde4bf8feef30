{{/*
All groups of recording/ and alerts/ with the values in them, as {"groups": […]}. The files are what Prometheus reads as
they stand; only what a value names is changed, and each value that would change nothing is refused.
*/}}
{{- define "observability.groups" -}}
{{- $rules := .Values.observability.rules }}
{{- $groups := list }}
{{- $known := list }}
{{- range $path, $_ := .Files.Glob "recording/*.yaml" }}
{{- $text := $.Files.Get $path }}
{{- $text = $text | replace "vector(0.999)" (printf "vector(%v)" $rules.objectives.availability) }}
{{- $text = $text | replace "vector(0.99)" (printf "vector(%v)" $rules.objectives.latency) }}
{{- $text = $text | replace "le=\"0.5\"" (printf "le=%q" $rules.latencySeconds) }}
{{- $text = $text | replace "/healthz|/readyz|/metrics" $rules.uncountedRoutes }}
{{- $groups = concat $groups (fromYaml $text).groups }}
{{- end }}
{{- range $path, $_ := .Files.Glob "alerts/*.yaml" }}
{{- $name := base $path | trimSuffix ".yaml" }}
{{- $known = append $known $name }}
{{- $own := index $rules.alerts $name | default dict }}
{{- if ne (toString $own.enabled) "false" }}
{{- $text := $.Files.Get $path }}
{{- $text = $text | replace "< 21 * 86400" (printf "< %v * 86400" (divf (mulf 7 $rules.certificateDays) 30)) }}
{{- $text = $text | replace "< 3 * 86400" (printf "< %v * 86400" (divf $rules.certificateDays 30)) }}
{{- range (fromYaml $text).groups }}
{{- if and (hasKey $own "threshold") (gt (len .rules) 1) }}
{{- fail (printf "observability.rules.alerts.%s.threshold: these alerts follow objectives and certificateDays; change those." $name) }}
{{- end }}
{{- range .rules }}
{{- include "observability.rule" (list $rules $name $own .) }}
{{- end }}
{{- $groups = append $groups . }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $_ := $rules.alerts }}
{{- if not (has $name $known) }}
{{- fail (printf "observability.rules.alerts: there is no alert %s; there are %s." $name (join ", " $known)) }}
{{- end }}
{{- end }}
{{- toYaml (dict "groups" $groups) }}
{{- end }}

{{/* (list rules name own rule): puts what the values say into one rule. */}}
{{- define "observability.rule" -}}
{{- $rules := index . 0 }}
{{- $name := index . 1 }}
{{- $own := index . 2 }}
{{- $rule := index . 3 }}
{{- if hasKey $own "threshold" }}
{{- $changed := regexReplaceAll "([<>]=?) [0-9.]+$" $rule.expr (printf "${1} %v" $own.threshold) }}
{{- if eq $changed $rule.expr }}
{{- if not (hasSuffix (printf " %v" $own.threshold) $rule.expr) }}
{{- fail (printf "observability.rules.alerts.%s.threshold: this alert has none." $name) }}
{{- end }}
{{- end }}
{{- $_ := set $rule "expr" $changed }}
{{- end }}
{{- with $own.for }}{{ $_ := set $rule "for" . }}{{ end }}
{{- with $own.severity }}{{ $_ := set $rule.labels "severity" . }}{{ end }}
{{- $_ := set $rule "labels" (merge $rule.labels $rules.alertLabels) }}
{{- with $rules.runbooks }}{{ $_ := set $rule.annotations "runbook_url" (printf "%s/%s.md" (trimSuffix "/" .) $name) }}{{ end }}
{{- with $rules.grafana }}{{ $_ := set $rule.annotations "dashboard" (print (trimSuffix "/" .) $rule.annotations.dashboard) }}{{ end }}
{{- end }}
