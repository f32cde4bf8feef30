{{/* What `orrery secrets make` makes where it is missing. Nothing here is a secret. */}}
{{- define "orrery.secretsFile" -}}
{{- $release := .Release.Name }}
{{- if .Values.global.secrets.generate -}}
secrets:
  {{ $release }}-postgres:
    {{- range include "orrery.schemas" . | fromJsonArray }}
    {{ . }}_owner: password
    {{ . }}_app: password
    {{- end }}
    {{- if and (include "orrery.keeper" .) (not .Values.backup.postgres.existingSecret) }}
    {{ include "orrery.keeper" . }}: password
    {{- end }}
  {{ $release }}-identity-gateway:
    identity.pem: ed25519
  {{ $release }}-identity-auth-worker:
    auth-identity.pem: ed25519
  {{ $release }}-identity-public:
    identity.pub.pem: ed25519-public:{{ $release }}-identity-gateway/identity.pem
    auth-identity.pub.pem: ed25519-public:{{ $release }}-identity-auth-worker/auth-identity.pem
  {{ $release }}-master-key:
    master.key: random32
{{- end }}
{{- if eq .Values.global.tls.mode "job" }}
certificates:
  authority: {{ $release }}-tls-authority
  authorityDays: {{ .Values.global.tls.authorityDays }}
  days: {{ .Values.global.tls.days }}
  issue:
    {{- range include "orrery.certified" . | fromJsonArray }}
    {{ $release }}-tls-{{ . }}: {{ include "orrery.dnsNames" (list $ .) }}
    {{- end }}
{{- end }}
labels:
  orrery.dev/release: {{ $release | quote }}
  app.kubernetes.io/part-of: orrery
  app.kubernetes.io/managed-by: orrery
  app.kubernetes.io/instance: null # by it Argo CD takes an object for its application's, and prunes what no chart renders
annotations:
  argocd.argoproj.io/sync-options: Prune=false
  argocd.argoproj.io/compare-options: IgnoreExtraneous
  helm.sh/resource-policy: keep
{{- end }}

{{- define "orrery.makesSecrets" -}}
{{- if or .Values.global.secrets.generate (eq .Values.global.tls.mode "job") }}true{{ end }}
{{- end }}

{{/* All schemas as a JSON array, those of deployables that are off too: their rows stay. */}}
{{- define "orrery.schemas" -}}
{{- $schemas := list }}
{{- range include "orrery.deployables" . | fromJsonArray }}
{{- $schemas = append $schemas (index $.Values .).schema }}
{{- end }}
{{- $schemas | compact | uniq | sortAlpha | toJson }}
{{- end }}

{{/* The names that the Job may read and change, as a JSON array. */}}
{{- define "orrery.secretNames" -}}
{{- $file := include "orrery.secretsFile" . | fromYaml }}
{{- $names := keys ($file.secrets | default dict) }}
{{- with $file.certificates }}
{{- $names = concat $names (keys .issue) (list .authority) }}
{{- end }}
{{- $names | sortAlpha | toJson }}
{{- end }}

{{/* (list context command…): the pod that makes secrets, renews certificates and changes keys. */}}
{{- define "orrery.secretsPod" -}}
{{- $arguments := concat (list "admin" "secrets") (rest .) (list "--file" "/etc/orrery/secrets.yaml") }}
{{- with index . 0 }}
{{- $checksum := dict "checksum/secrets" (include "orrery.secretsFile" . | sha256sum) -}}
metadata: {{- include "orrery.podMetadata" (list . "secrets" dict $checksum) | nindent 2 }}
spec:
  {{- include "orrery.podSpec" . | nindent 2 }}
  serviceAccountName: {{ .Release.Name }}-secrets
  automountServiceAccountToken: true
  restartPolicy: OnFailure
  containers:
    - name: secrets
      image: {{ include "service.image" (list . "admin") | quote }}
      imagePullPolicy: {{ .Values.global.imagePullPolicy }}
      args: {{ toJson $arguments }}
      resources: {{- toYaml .Values.admin.resources | nindent 8 }}
      securityContext: {{ include "service.containerSecurity" . }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: file, mountPath: /etc/orrery, readOnly: true}
  volumes:
    - {name: tmp, emptyDir: {}}
    - {name: file, configMap: {name: {{ .Release.Name }}-secrets}}
{{- end }}
{{- end }}
