{{/* What each need of a deployable puts into its environment: texts, or {secret, key}. */}}

{{- define "service.env.process" }}
{{- $telemetry := .Values.global.telemetry }}
ORRERY_PROCESS__OPERATIONS: 0.0.0.0:7200
ORRERY_PROCESS__DRAIN_SECONDS: {{ .Values.drainSeconds | quote }}
ORRERY_TELEMETRY__LOG_LEVEL: {{ $telemetry.logLevel }}
ORRERY_TELEMETRY__SAMPLE_RATIO: {{ $telemetry.sampleRatio | quote }}
ORRERY_TELEMETRY__ENVIRONMENT: {{ $telemetry.environment | quote }}
{{- with $telemetry.otlpEndpoint }}
ORRERY_TELEMETRY__OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "service.env.rpc" }}
ORRERY_RPC__LISTEN: 0.0.0.0:7100
ORRERY_RPC__IDENTITY_KEYS: /keys/public/identity.pub.pem,/keys/public/auth-identity.pub.pem
{{- end }}

{{- define "service.env.tls" }}
{{- if include "service.isMutual" . }}
ORRERY_RPC__CERTIFICATE: /tls/tls.crt
ORRERY_RPC__KEY: /tls/tls.key
ORRERY_RPC__AUTHORITY: /tls/ca.crt
{{- end }}
{{- end }}

{{- define "service.env.scratch" }}
{{- if ne .Values.scratch.kind "none" }}
ORRERY_SCRATCH: /scratch
{{- end }}
{{- end }}

{{- define "service.env.database" }}
{{- $role := printf "%s_app" .Values.schema }}
ORRERY_DATABASE__DSN: {{ printf "postgresql://%s@%s" $role (include "service.postgres" .) | quote }}
PGPASSWORD: {secret: {{ .Release.Name }}-postgres, key: {{ $role }}}
{{- end }}

{{- define "service.env.kafka" }}
{{- $kafka := .Values.global.kafka }}
ORRERY_KAFKA__BROKERS: {{ required "global.kafka.brokers: where is Kafka? (host:port, comma-separated)" $kafka.brokers | quote }}
{{- if ne $kafka.protocol "PLAINTEXT" }}
ORRERY_KAFKA__PROTOCOL: {{ $kafka.protocol }}
{{- end }}
{{- if hasPrefix "SASL_" $kafka.protocol }}
{{- $secret := required (printf "global.kafka.existingSecret: the Secret with the keys username and password, for %s." $kafka.protocol) $kafka.existingSecret }}
ORRERY_KAFKA__MECHANISM: {{ $kafka.mechanism }}
ORRERY_KAFKA__USERNAME: {secret: {{ $secret | quote }}, key: username}
ORRERY_KAFKA__PASSWORD: {secret: {{ $secret | quote }}, key: password}
{{- end }}
{{- if include "service.hasKafkaAuthority" . }}
ORRERY_KAFKA__AUTHORITY: /stores/kafka/ca.crt
{{- end }}
{{- end }}

{{- define "service.env.blobs" }}
{{- include "service.env.s3" . }}
ORRERY_BLOBS__BUCKET: {{ .Values.global.s3.buckets.media | quote }}
{{- end }}

{{- define "service.env.archives" }}
{{- include "service.env.s3" . }}
ORRERY_BLOBS__BUCKET: {{ .Values.global.s3.buckets.auth | quote }}
{{- end }}

{{- define "service.env.s3" }}
{{- $s3 := .Values.global.s3 }}
{{- $secret := required "global.s3.existingSecret: the Secret with the keys access-key and secret-key." $s3.existingSecret }}
ORRERY_BLOBS__ENDPOINT: {{ required "global.s3.endpoint: where is the S3 server? (https://host)" $s3.endpoint | quote }}
ORRERY_BLOBS__PUBLIC_ENDPOINT: {{ $s3.publicEndpoint | default $s3.endpoint | quote }}
ORRERY_BLOBS__REGION: {{ $s3.region | quote }}
ORRERY_BLOBS__ACCESS_KEY: {secret: {{ $secret | quote }}, key: access-key}
ORRERY_BLOBS__SECRET_KEY: {secret: {{ $secret | quote }}, key: secret-key}
{{- if $s3.authoritySecret }}
ORRERY_BLOBS__AUTHORITY: /stores/s3/ca.crt
{{- end }}
{{- end }}

{{- define "service.env.tokens" }}
ORRERY_TOKENS__ISSUER: {{ include "service.publicUrl" . | quote }}
ORRERY_TOKENS__AUDIENCE: orrery
ORRERY_MAIL__MAILBOX: {{ .Values.global.mail.mailbox | quote }}
{{- if not (include "service.hasOtherMaster" .) }}
ORRERY_KEYS__MASTER: /keys/auth/master.key
{{- end }}
{{- end }}

{{- define "service.env.mails" }}
{{- $mail := .Values.global.mail }}
ORRERY_MAIL__APP_URL: {{ $mail.appUrl | default (include "service.publicUrl" .) | quote }}
{{- if $mail.mailbox }}
ORRERY_MAIL__MAILBOX: "true"
{{- else }}
ORRERY_MAIL__SENDER: {{ required "global.mail.sender: whom are mails from? (Orrery <no-reply@example.com>)" $mail.sender | quote }}
ORRERY_MAIL__SMTP_URL: {secret: {{ required "global.mail.existingSecret: the Secret with the key smtp-url; or global.mail.mailbox=true, for development." $mail.existingSecret | quote }}, key: smtp-url}
{{- end }}
{{- end }}

{{- define "service.env.sources" }}
ORRERY_IDENTITY__KEY: /keys/auth/auth-identity.pem
{{- include "service.env.calls" . }}
{{- end }}

{{- define "service.env.edge" }}
ORRERY_LISTEN: 0.0.0.0:8080
ORRERY_PUBLIC_URL: {{ include "service.publicUrl" . | quote }}
ORRERY_IDENTITY__KEY: /keys/gateway/identity.pem
ORRERY_SPOOL: /spool
{{- include "service.env.redis" . }}
{{- include "service.env.calls" . }}
{{- end }}

{{- define "service.env.redis" }}
{{- $redis := .Values.global.redis }}
{{- $host := required "global.redis.host: where is Redis?" $redis.host }}
ORRERY_REDIS__URL: {{ printf "%s://%s:%d/0" ($redis.tls | ternary "rediss" "redis") $host (int $redis.port) | quote }}
{{- with $redis.existingSecret }}
ORRERY_REDIS__PASSWORD: {secret: {{ . | quote }}, key: password}
{{- end }}
{{- if $redis.authoritySecret }}
ORRERY_REDIS__AUTHORITY: /stores/redis/ca.crt
{{- end }}
{{- end }}

{{/* Where the services are that this deployable calls. */}}
{{- define "service.env.calls" }}
{{- range index .Values.global.calls .Chart.Name }}
ORRERY_SERVICES__{{ . | upper | replace "-" "_" }}: {{ include "service.address" (list $ .) | quote }}
{{- end }}
{{- end }}
