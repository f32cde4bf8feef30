{{/* Secrets are mounted as whole folders: what is renewed arrives in running pods. */}}
{{- define "service.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .Values.tmp.sizeLimit }}}
{{- if include "service.isMutual" . }}
- name: tls
  secret: {secretName: {{ .Release.Name }}-tls-{{ .Chart.Name }}, defaultMode: 0440}
{{- end }}
{{- if has "rpc" .Values.needs }}
- name: keys-public
  secret: {secretName: {{ .Release.Name }}-identity-public, defaultMode: 0440}
{{- end }}
{{- if has "edge" .Values.needs }}
- name: keys-gateway
  secret: {secretName: {{ .Release.Name }}-identity-gateway, defaultMode: 0440}
- name: spool
  emptyDir: {sizeLimit: {{ .Values.spool.sizeLimit }}}
{{- end }}
{{- if and (has "tokens" .Values.needs) (not (include "service.hasOtherMaster" .)) }}
- name: keys-auth
  secret: {secretName: {{ .Release.Name }}-master-key, defaultMode: 0440}
{{- end }}
{{- if has "sources" .Values.needs }}
- name: keys-auth
  secret: {secretName: {{ .Release.Name }}-identity-auth-worker, defaultMode: 0440}
{{- end }}
{{- if eq .Values.scratch.kind "emptyDir" }}
- name: scratch
  emptyDir: {sizeLimit: {{ .Values.scratch.size }}}
{{- else if eq .Values.scratch.kind "ephemeral" }}
- name: scratch
  ephemeral:
    volumeClaimTemplate:
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .Values.scratch.storageClassName }}
        storageClassName: {{ . | quote }}
        {{- end }}
        resources: {requests: {storage: {{ .Values.scratch.size }}}}
{{- end }}
{{- range $store, $secret := include "service.authorities" . | fromYaml }}
- name: authority-{{ $store }}
  secret: {secretName: {{ $secret | quote }}, items: [{key: ca.crt, path: ca.crt}], defaultMode: 0440}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "service.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if include "service.isMutual" . }}
- {name: tls, mountPath: /tls, readOnly: true}
{{- end }}
{{- if has "rpc" .Values.needs }}
- {name: keys-public, mountPath: /keys/public, readOnly: true}
{{- end }}
{{- if has "edge" .Values.needs }}
- {name: keys-gateway, mountPath: /keys/gateway, readOnly: true}
- {name: spool, mountPath: /spool}
{{- end }}
{{- if or (has "sources" .Values.needs) (and (has "tokens" .Values.needs) (not (include "service.hasOtherMaster" .))) }}
- {name: keys-auth, mountPath: /keys/auth, readOnly: true}
{{- end }}
{{- if ne .Values.scratch.kind "none" }}
- {name: scratch, mountPath: /scratch}
{{- end }}
{{- include "service.authorityMounts" . }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "service.authorityMounts" -}}
{{- range $store, $_ := include "service.authorities" . | fromYaml }}
- {name: authority-{{ $store }}, mountPath: /stores/{{ $store }}, readOnly: true}
{{- end }}
{{- end }}

{{/* The Secrets (key ca.crt) of those who signed the certificates of the stores that this deployable asks. */}}
{{- define "service.authorities" -}}
{{- $global := .Values.global }}
{{- $needs := .Values.needs }}
{{- if and (has "database" $needs) $global.postgres.authoritySecret }}
postgres: {{ $global.postgres.authoritySecret | quote }}
{{- end }}
{{- if and (has "kafka" $needs) (include "service.hasKafkaAuthority" .) }}
kafka: {{ $global.kafka.existingSecret | quote }}
{{- end }}
{{- if and (has "edge" $needs) $global.redis.authoritySecret }}
redis: {{ $global.redis.authoritySecret | quote }}
{{- end }}
{{- if and (or (has "blobs" $needs) (has "archives" $needs)) $global.s3.authoritySecret }}
s3: {{ $global.s3.authoritySecret | quote }}
{{- end }}
{{- end }}
