{{/* (list context arguments): a container that runs `orrery` with them, as backups and restores do. */}}
{{- define "orrery.backupContainer" -}}
{{- $root := index . 0 -}}
image: {{ include "service.image" (list $root "admin") | quote }}
imagePullPolicy: {{ $root.Values.global.imagePullPolicy }}
args: {{ prepend (index . 1) "admin" | toJson }}
env: {{- include "orrery.adminEnv" $root | nindent 2 }}
resources: {{- toYaml $root.Values.backup.resources | nindent 2 }}
securityContext: {{ include "service.containerSecurity" $root }}
terminationMessagePolicy: FallbackToLogsOnError
volumeMounts: {{- include "orrery.adminMounts" $root | nindent 2 }}
{{- end }}
