{{/*
The names in `global`. The schema leaves it open for umbrella charts, whose other charts have names of their own there;
where nobody stands above this chart, a name that it does not know is a mistake.
*/}}
{{- define "orrery.checkGlobal" -}}
{{- $known := list "active" "affinity" "argoRollouts" "autoscaling" "calls" "canary" "clusterDomain" "commonAnnotations" "commonLabels" "imagePullPolicy" "imagePullSecrets" "imageRegistry" "kafka" "keda" "mail" "networkPolicy" "nodeSelector" "paused" "podAnnotations" "podLabels" "podSecurity" "postgres" "priorityClassName" "publicUrl" "redis" "replicas" "s3" "secrets" "serviceMonitor" "telemetry" "tls" "tolerations" "tracks" }}
{{- range $name, $_ := .Values.global }}
{{- if and $.Chart.IsRoot (not (has $name $known)) }}
{{- fail (printf "global.%s is no value of this chart. There are: %s." $name (join ", " $known)) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Digests of some images and no tag: the others would run the chart's own version beside them. A tag of another release than
the digests' cannot be told from the right one.
*/}}
{{- define "orrery.checkDigests" -}}
{{- $names := list "admin" }}
{{- range include "orrery.deployables" . | fromJsonArray }}
{{- $own := index $.Values . }}
{{- $names = append $names ($own.enabled | ternary $own.image "") }}
{{- end }}
{{- range $track := include "service.tracks" . | fromJsonArray }}
{{- $missing := list }}
{{- range $name := $names | compact | uniq | sortAlpha }}
{{- if not (or (get ($track.digests | default dict) $name) (get ($track.images | default dict) $name)) }}
{{- $missing = append $missing $name }}
{{- end }}
{{- end }}
{{- if and $track.digests $missing (not $track.tag) }}
{{- fail (printf "global.tracks.%s.digests lacks %s, and without a tag they would run %s beside the others: give all digests (images.yaml of a build), or global.tracks.%s.tag." $track.name (join ", " $missing) $.Chart.AppVersion $track.name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Combinations that no schema can refuse. */}}
{{- define "orrery.check" -}}
{{- include "service.checkRelease" . }}
{{- include "orrery.checkDigests" . }}
{{- range $name, $_ := .Values.global.commonLabels }}
{{- if regexMatch "^(app\\.kubernetes\\.io|helm\\.sh|orrery\\.dev)/" $name }}
{{- fail (printf "global.commonLabels: the chart sets %s itself." $name) }}
{{- end }}
{{- end }}
{{- $tls := .Values.global.tls }}
{{- if and (eq $tls.mode "job") (lt (int $tls.authorityDays) (mul 5 $tls.days)) }}
{{- fail (printf "global.tls.authorityDays is %v, but a rotation of the authority only fits into 5 times global.tls.days (%v) or more." $tls.authorityDays $tls.days) }}
{{- end }}
{{- if and (eq $tls.mode "job") (lt (int $tls.days) 4) }}
{{- fail "global.tls.days: 4 at least, so that the daily CronJob comes within the last third of a certificate." }}
{{- end }}
{{- if and .Values.global.redis.authoritySecret (not .Values.global.redis.tls) }}
{{- fail "global.redis.authoritySecret says who signed Redis' certificate, but global.redis.tls is false." }}
{{- end }}
{{- if and .Values.global.s3.authoritySecret (not (hasPrefix "https://" .Values.global.s3.endpoint)) }}
{{- fail "global.s3.authoritySecret says who signed the S3 server's certificate, but global.s3.endpoint is not https." }}
{{- end }}
{{- if and .Values.backup.enabled .Values.backup.claim .Values.backup.s3.endpoint }}
{{- fail "Backups go to backup.s3 or to the volume backup.claim, not to both." }}
{{- end }}
{{- if and .Values.backup.postgres.existingSecret (not .Values.backup.postgres.user) }}
{{- fail "backup.postgres.existingSecret is the password of backup.postgres.user, which is empty." }}
{{- end }}
{{- if has .Values.backup.postgres.user (list "admin" .Values.global.postgres.adminUser) }}
{{- fail "backup.postgres.user is for a role that only reads, not for the administrator." }}
{{- end }}
{{- end }}
