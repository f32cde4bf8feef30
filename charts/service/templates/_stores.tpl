{{/* host:port/database?sslmode=… of PostgreSQL; who comes stands before it. */}}
{{- define "service.postgres" -}}
{{- $postgres := .Values.global.postgres }}
{{- $host := required "global.postgres.host: where is PostgreSQL?" $postgres.host }}
{{- printf "%s:%d/%s?sslmode=%s" $host (int $postgres.port) $postgres.database $postgres.sslMode }}
{{- if $postgres.authoritySecret }}&sslrootcert=/stores/postgres/ca.crt
{{- else if hasPrefix "verify-" $postgres.sslMode }}
{{- fail (printf "global.postgres.authoritySecret: sslMode %s needs a Secret with the key ca.crt." $postgres.sslMode) }}
{{- end }}
{{- end }}

{{- define "service.publicUrl" -}}
{{- required "global.publicUrl: where do people reach the API? (https://orrery.example.com)" .Values.global.publicUrl }}
{{- end }}

{{/* Whether gRPC goes by mutual TLS here. */}}
{{- define "service.isMutual" -}}
{{- if and (ne .Values.global.tls.mode "none") (or (has "rpc" .Values.needs) (has "edge" .Values.needs) (has "sources" .Values.needs)) }}true{{ end }}
{{- end }}

{{- define "service.hasKafkaAuthority" -}}
{{- $kafka := .Values.global.kafka }}
{{- if and $kafka.privateAuthority (has $kafka.protocol (list "SSL" "SASL_SSL")) }}
{{- required "global.kafka.existingSecret: the Secret with the key ca.crt, for privateAuthority." $kafka.existingSecret }}
{{- end }}
{{- end }}

{{/* Whether auth's settings say that the master key comes from a vault or the environment. */}}
{{- define "service.hasOtherMaster" -}}
{{- if or (hasKey .Values.settings "KEYS__VAULT__ADDRESS") (hasKey .Values.secretSettings "KEYS__MASTER_TEXT") }}true{{ end }}
{{- end }}
