{{/* The environment of the `orrery` command. */}}
{{- define "orrery.adminEnv" -}}
{{- $env := include "orrery.postgresEnv" . | fromYaml }}
{{- range list "kafka" "s3" "redis" }}
{{- $env = mergeOverwrite $env (include (printf "service.env.%s" .) $ | fromYaml) }}
{{- end }}
{{- $env = mergeOverwrite $env (include "orrery.keysEnv" . | fromYaml) (include "orrery.backupEnv" . | fromYaml) }}
{{- if ne .Values.global.tls.mode "none" }}
{{- $_ := set $env "ORRERY_CERTIFICATES" "/certificates" }}
{{- end }}
{{- $_ := set $env "ORRERY_BUCKETS" (values .Values.global.s3.buckets | uniq | sortAlpha | join ",") }}
{{- include "service.variables" $env }}
{{- range .Values.admin.extraEnv }}
{{- if hasKey $env .name }}
{{- fail (printf "admin.extraEnv: the chart sets %s itself." .name) }}
{{- end }}
- {{ toJson . }}
{{- end }}
{{- end }}

{{- define "orrery.postgresEnv" }}
ORRERY_POSTGRES__URL: {{ printf "postgresql://%s" (include "service.postgres" .) | quote }}
ORRERY_POSTGRES__ADMIN_USER: {{ .Keeper | default .Values.global.postgres.adminUser | quote }}
ORRERY_POSTGRES__PASSWORDS: /secrets/postgres
ORRERY_POSTGRES__PROVISION: {{ .Values.global.postgres.provision | quote }}
{{- with include "orrery.keeper" . }}
ORRERY_POSTGRES__KEEPER: {{ . | quote }}
{{- end }}
{{- end }}

{{/* Whom backups read as, where that is not the administrator. */}}
{{- define "orrery.keeper" -}}
{{- if .Values.backup.enabled }}{{ .Values.backup.postgres.user }}{{ end }}
{{- end }}

{{/* The keeper's password as a volume's source, in the file that is named by `path`: (list context path). */}}
{{- define "orrery.keeperSecret" -}}
{{- $root := index . 0 }}
{{- $own := $root.Values.backup.postgres.existingSecret }}
{{- $name := $own | default (printf "%s-postgres" $root.Release.Name) -}}
secret: {name: {{ $name | quote }}, items: [{key: {{ (not $own) | ternary (include "orrery.keeper" $root) "password" }}, path: {{ index . 1 }}}]}
{{- end }}

{{- define "orrery.hasOtherMaster" -}}
{{- $auth := .Values.auth }}
{{- include "service.hasOtherMaster" (dict "Values" (dict "settings" ($auth.settings | default dict) "secretSettings" ($auth.secretSettings | default dict))) }}
{{- end }}

{{/* The master key, from where auth has it. */}}
{{- define "orrery.keysEnv" }}
{{- if not (include "orrery.hasOtherMaster" .) }}
ORRERY_KEYS__MASTER: /keys/auth/master.key
{{- end }}
{{- range $name, $value := .Values.auth.settings }}
{{- if hasPrefix "KEYS__" $name }}
ORRERY_{{ $name }}: {{ include "service.text" $value | quote }}
{{- end }}
{{- end }}
{{- range $name, $ref := .Values.auth.secretSettings }}
{{- if hasPrefix "KEYS__" $name }}
ORRERY_{{ $name }}: {secret: {{ $ref.secret | quote }}, key: {{ $ref.key | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "orrery.backupEnv" }}
{{- with .Values.backup }}
{{- if .enabled }}
ORRERY_BACKUP__KEEP: {{ .keep | quote }}
{{- if .claim }}
ORRERY_BACKUP__FOLDER: /backups
{{- else }}
ORRERY_BACKUP__ENDPOINT: {{ required "backup.s3.endpoint: where do backups go? Or backup.claim: to which volume?" .s3.endpoint | quote }}
ORRERY_BACKUP__BUCKET: {{ required "backup.s3.bucket: into which bucket do backups go?" .s3.bucket | quote }}
ORRERY_BACKUP__REGION: {{ .s3.region | quote }}
ORRERY_BACKUP__PREFIX: {{ .s3.prefix | quote }}
ORRERY_BACKUP__ACCESS_KEY: {secret: {{ required "backup.s3.existingSecret: the Secret with the keys access-key and secret-key." .s3.existingSecret | quote }}, key: access-key}
ORRERY_BACKUP__SECRET_KEY: {secret: {{ .s3.existingSecret | quote }}, key: secret-key}
{{- if .s3.authoritySecret }}
ORRERY_BACKUP__AUTHORITY: /stores/backup/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What `orrery migrate` mounts. */}}
{{- define "orrery.postgresVolumes" -}}
- {name: tmp, emptyDir: {sizeLimit: 1Gi}}
- name: postgres
  projected:
    defaultMode: 0440
    sources:
      {{- if .Keeper }}
      - {{ include "orrery.keeperSecret" (list . "admin") }}
      {{- else }}
      - secret: {name: {{ .Release.Name }}-postgres}
      {{- if and (include "orrery.keeper" .) .Values.backup.postgres.existingSecret }}
      - {{ include "orrery.keeperSecret" (list . (include "orrery.keeper" .)) }}
      {{- end }}
      {{- with .Values.global.postgres }}
      {{- if or .existingSecret .provision }}
      - secret: {name: {{ required "global.postgres.existingSecret: the Secret with the key password, that of adminUser; or global.postgres.provision=false." .existingSecret | quote }}, items: [{key: password, path: admin}]}
      {{- end }}
      {{- end }}
      {{- end }}
{{- range $store, $secret := include "service.authorities" (include "orrery.asAdmin" . | fromYaml) | fromYaml }}
- {name: authority-{{ $store }}, secret: {secretName: {{ $secret | quote }}, items: [{key: ca.crt, path: ca.crt}], defaultMode: 0440}}
{{- end }}
{{- end }}

{{- define "orrery.postgresMounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: postgres, mountPath: /secrets/postgres, readOnly: true}
{{- include "service.authorityMounts" (include "orrery.asAdmin" . | fromYaml) }}
{{- end }}

{{/* What every command of `orrery` mounts. */}}
{{- define "orrery.adminVolumes" -}}
{{ include "orrery.postgresVolumes" . }}
{{- if not (include "orrery.hasOtherMaster" .) }}
- {name: keys-auth, secret: {secretName: {{ .Release.Name }}-master-key, defaultMode: 0440}}
{{- end }}
{{- if and .Values.backup.enabled .Values.backup.claim }}
- {name: backups, persistentVolumeClaim: {claimName: {{ .Values.backup.claim | quote }}}}
{{- end }}
{{- if ne .Values.global.tls.mode "none" }}
- name: certificates # without their keys: `orrery doctor` looks at their age
  projected:
    defaultMode: 0440
    sources:
      {{- range include "orrery.certified" . | fromJsonArray }}
      - secret: {name: {{ $.Release.Name }}-tls-{{ . }}, optional: true, items: [{key: tls.crt, path: {{ . }}/tls.crt}]}
      {{- end }}
{{- end }}
{{- with include "orrery.backupAuthority" . }}
- {name: authority-backup, secret: {secretName: {{ . | quote }}, items: [{key: ca.crt, path: ca.crt}], defaultMode: 0440}}
{{- end }}
{{- with .Values.admin.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "orrery.adminMounts" -}}
{{ include "orrery.postgresMounts" . }}
{{- if not (include "orrery.hasOtherMaster" .) }}
- {name: keys-auth, mountPath: /keys/auth, readOnly: true}
{{- end }}
{{- if and .Values.backup.enabled .Values.backup.claim }}
- {name: backups, mountPath: /backups}
{{- end }}
{{- if ne .Values.global.tls.mode "none" }}
- {name: certificates, mountPath: /certificates, readOnly: true}
{{- end }}
{{- if include "orrery.backupAuthority" . }}
- {name: authority-backup, mountPath: /stores/backup, readOnly: true}
{{- end }}
{{- with .Values.admin.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Who signed the certificate of the backups' S3 server, where backups go to one. */}}
{{- define "orrery.backupAuthority" -}}
{{- with .Values.backup }}
{{- if and .enabled (not .claim) }}{{ .s3.authoritySecret }}{{ end }}
{{- end }}
{{- end }}

{{/* Whom the operators' pod and backups are to the Kubernetes API and, by that, to a vault. */}}
{{- define "orrery.adminAccount" -}}
serviceAccountName: {{ include "orrery.adminAccountName" . | quote }}
automountServiceAccountToken: {{ .Values.admin.serviceAccount.automountToken }}
{{- end }}

{{/* Migrations and `helm test` are the same, without a token. */}}
{{- define "orrery.adminAccountName" -}}
{{ .Values.admin.serviceAccount.name | default (printf "%s-admin" .Release.Name) }}
{{- end }}

{{/* A deployable that needs all stores, for the templates of charts/service. */}}
{{- define "orrery.asAdmin" -}}
Values:
  needs: [database, kafka, blobs, edge]
  global: {{ toJson .Values.global }}
{{- end }}

{{/* What all pods of the chart itself have. */}}
{{- define "orrery.podSpec" -}}
enableServiceLinks: false
securityContext: {{- include "service.podSecurity" . | nindent 2 }}
{{- with include "service.placement" (list . dict) }}
{{ trim . }}
{{- end }}
{{- end }}
