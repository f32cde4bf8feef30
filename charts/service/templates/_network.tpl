{{/* Who may come: Prometheus, the declared callers, and the public to what is exposed. Without peers it is anybody. */}}
{{- define "service.ingressRules" -}}
{{- $policy := .Values.global.networkPolicy -}}
- ports: [{port: 7200, protocol: TCP}]
  {{- with $policy.prometheus }}
  from: {{ toJson . }}
  {{- end }}
{{- if has "edge" .Values.needs }}
- ports: [{port: 8080, protocol: TCP}]
  {{- with $policy.clients }}
  from: {{ toJson . }}
  {{- end }}
{{- if $policy.clients }}
- ports: [{port: 8080, protocol: TCP}]
  from:
    - {{ include "service.pods" (list . "admin") }}
    - {{ include "service.pods" (list . "smoke") }}
{{- end }}
{{- end }}
{{- range $caller, $called := .Values.global.calls }}
{{- if has $.Chart.Name $called }}
- ports: [{port: 7100, protocol: TCP}]
  from:
    - {{ include "service.pods" (list $ $caller) }}
{{- end }}
{{- end }}
{{- with .Values.network.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where a deployable may go: DNS, the stores that it needs, what it calls, OTLP, and the internet where declared. */}}
{{- define "service.egressRules" -}}
{{- include "service.storeRules" . }}
{{- range index .Values.global.calls .Chart.Name }}
- ports: [{port: 7100, protocol: TCP}]
  to:
    - {{ include "service.pods" (list $ .) }}
{{- end }}
{{- with .Values.global.telemetry.otlpEndpoint }}
- ports: {{ include "service.ports" . }}
  {{- with $.Values.global.networkPolicy.telemetry }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- if .Values.network.internet.ports }}
- ports: {{ include "service.ports" (join "," .Values.network.internet.ports) }}
  to:
    {{- /* An exception has to be of the block's own family. */}}
    {{- $four := list }}
    {{- $six := list }}
    {{- range .Values.network.internet.except }}
    {{- if contains ":" . }}
    {{- $six = append $six . }}
    {{- else }}
    {{- $four = append $four . }}
    {{- end }}
    {{- end }}
    - ipBlock: {cidr: 0.0.0.0/0, except: {{ toJson $four }}}
    - ipBlock: {cidr: "::/0", except: {{ toJson $six }}}
{{- end }}
{{- with .Values.network.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* DNS and the stores of .Values.needs. */}}
{{- define "service.storeRules" -}}
{{- $global := .Values.global }}
{{- $policy := $global.networkPolicy }}
{{- $needs := .Values.needs }}
{{- include "service.dnsRule" . }}
{{- if has "database" $needs }}
- ports: [{port: {{ $global.postgres.port }}, protocol: TCP}]
  {{- with $policy.postgres }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- if has "kafka" $needs }}
- ports: {{ include "service.ports" $global.kafka.brokers }}
  {{- with $policy.kafka }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- if or (has "blobs" $needs) (has "archives" $needs) }}
- ports: {{ include "service.ports" $global.s3.endpoint }}
  {{- with $policy.s3 }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- if has "edge" $needs }}
- ports: [{port: {{ $global.redis.port }}, protocol: TCP}]
  {{- with $policy.redis }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- if and (has "mails" $needs) (not $global.mail.mailbox) }}
- ports: {{ include "service.ports" (join "," $global.mail.ports) }}
  {{- with $policy.mail }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* A policy sees the port of the name server's pod, which is not always that of its Service: 5353 on OpenShift. */}}
{{- define "service.dnsRule" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
    - {port: 5353, protocol: UDP}
    - {port: 5353, protocol: TCP}
  {{- with .Values.global.networkPolicy.dns }}
  to: {{ toJson . }}
  {{- end }}
{{- end }}

{{/* (list context name): pods of this release as a peer. */}}
{{- define "service.pods" -}}
podSelector: {matchLabels: {app.kubernetes.io/name: {{ index . 1 }}, app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}}}
{{- end }}

{{/* The ports in a URL, in host:port,host:port or in port,port, as a policy has them. */}}
{{- define "service.ports" -}}
{{- $ports := list }}
{{- range splitList "," . }}
{{- $isUrl := contains "://" . }}
{{- $place := $isUrl | ternary (urlParse (trim .)).host (trim .) }}
{{- $found := regexFind ($isUrl | ternary ":[0-9]+$" "(^|:)[0-9]+$") $place | trimPrefix ":" }}
{{- $ports = append $ports (dict "port" (int ($found | default (hasPrefix "http:" . | ternary "80" "443"))) "protocol" "TCP") }}
{{- end }}
{{- $ports | uniq | toJson }}
{{- end }}
