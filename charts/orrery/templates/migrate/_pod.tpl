{{/* Brings all schemas to what the track's images expect. Pods wait for it; it is no hook, which would wait for them. */}}
{{- define "orrery.migratePod" -}}
metadata: {{- include "orrery.podMetadata" (list . "migrate" (dict "orrery.dev/track" .Track.name) dict) | nindent 2 }}
spec:
  {{- include "orrery.podSpec" . | nindent 2 }}
  serviceAccountName: {{ include "orrery.adminAccountName" . | quote }}
  automountServiceAccountToken: false
  restartPolicy: OnFailure
  containers:
    - name: migrate
      image: {{ include "service.image" (list . "admin") | quote }}
      imagePullPolicy: {{ .Values.global.imagePullPolicy }}
      args: [admin, migrate]
      env: {{- include "service.variables" (include "orrery.postgresEnv" . | fromYaml) | nindent 8 }}
        {{- with .Values.admin.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      resources: {{- toYaml .Values.admin.resources | nindent 8 }}
      securityContext: {{ include "service.containerSecurity" . }}
      volumeMounts: {{- include "orrery.postgresMounts" . | nindent 8 }}
  volumes: {{- include "orrery.postgresVolumes" . | nindent 4 }}
{{- end }}
