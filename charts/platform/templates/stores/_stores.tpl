{{/* (list root name): labels of a store's objects. */}}
{{- define "stores.labels" -}}
{{- $root := index . 0 -}}
{{ include "stores.selector" . }}
app.kubernetes.io/part-of: orrery
app.kubernetes.io/version: {{ include "stores.tag" $root | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | quote }}
{{- end }}

{{- define "stores.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
{{- end }}

{{- define "stores.tag" -}}
{{ .Values.stores.tag | default .Chart.AppVersion }}
{{- end }}

{{/* (list root name): an image and how it is fetched. */}}
{{- define "stores.image" -}}
{{- $root := index . 0 -}}
image: {{ get $root.Values.stores.images (index . 1) | default (include "stores.reference" .) | quote }}
imagePullPolicy: {{ $root.Values.global.imagePullPolicy }}
{{- end }}

{{- define "stores.reference" -}}
{{- $root := index . 0 -}}
{{- if not (get $root.Values.stores.images (index . 1)) -}}
{{- $registry := required "global.imageRegistry: name the registry that holds orrery/stores and orrery/admin." $root.Values.global.imageRegistry -}}
{{- printf "%s/orrery/%s:%s" $registry (index . 1) (include "stores.tag" $root) -}}
{{- end -}}
{{- end }}

{{/* What all pods here have in common: the restricted Pod Security Standard. */}}
{{- define "stores.pod" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "stores.container" -}}
{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: {drop: [ALL]}}
{{- end }}

{{/* (list name variable secret key): a variable from a Secret. */}}
{{- define "stores.secret" -}}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}}
{{- end }}

{{/* (list root own): the volume of one server. */}}
{{- define "stores.claims" -}}
{{- $stores := (index . 0).Values.stores -}}
persistentVolumeClaimRetentionPolicy: {whenDeleted: {{ $stores.whenDeleted }}, whenScaled: Retain}
volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      {{- with $stores.storageClass }}
      storageClassName: {{ . | quote }}
      {{- end }}
      resources: {requests: {storage: {{ (index . 1).size }}}}
{{- end }}

{{/* (list root name port): where it is found, and who may come. */}}
{{- define "stores.reach" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $port := index . 2 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $root.Release.Name }}-{{ $name }}
  labels: {{- include "stores.labels" (list $root $name) | nindent 4 }}
spec:
  selector: {{- include "stores.selector" (list $root $name) | nindent 4 }}
  ports: [{name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $root.Release.Name }}-{{ $name }}
  labels: {{- include "stores.labels" (list $root $name) | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "stores.selector" (list $root $name) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  egress: []
  ingress:
    - from:
        - namespaceSelector: {}
          podSelector:
            matchLabels: {{- toYaml $root.Values.stores.clients | nindent 14 }}
      ports: [{port: {{ $port }}, protocol: TCP}]
{{- end }}
