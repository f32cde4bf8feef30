{{/* The enabled tracks as a JSON array. Templates walk over it and set .Track. */}}
{{- define "service.tracks" -}}
{{- $global := .Values.global }}
{{- $tracks := list }}
{{- range $name, $track := $global.tracks }}
{{- if $track.enabled }}
{{- $suffix := eq $name "blue" | ternary "" (printf "-%s" $name) }}
{{- $tracks = append $tracks (merge (dict "name" $name "suffix" $suffix "isActive" (eq $name $global.active)) $track) }}
{{- end }}
{{- end }}
{{- if not (index $global.tracks $global.active).enabled }}
{{- fail (printf "global.active is %s, but global.tracks.%s.enabled is false." $global.active $global.active) }}
{{- end }}
{{- $tracks | toJson }}
{{- end }}

{{/* The track that serves, as JSON. */}}
{{- define "service.activeTrack" -}}
{{- range include "service.tracks" . | fromJsonArray }}
{{- if .isActive }}{{ toJson . }}{{ end }}
{{- end }}
{{- end }}

{{/* True while the gateways of both tracks stand behind one Service. */}}
{{- define "service.isMixed" -}}
{{- with .Values.global }}
{{- if and (gt (int .canary.weight) 0) (eq .canary.by "replicas") .tracks.blue.enabled .tracks.green.enabled }}true{{ end }}
{{- end }}
{{- end }}

{{/* True for the track whose share of the requests is its share of the pods. */}}
{{- define "service.isCanary" -}}
{{- if and (include "service.isMixed" .) (not .Track.isActive) }}true{{ end }}
{{- end }}

{{/* The canary has weight/(100 - weight) of the active track's pods, and one at least where that has any. */}}
{{- define "service.canaryReplicas" -}}
{{- $full := index . 0 | float64 }}
{{- $weight := index . 1 | float64 }}
{{- max (eq $full 0.0 | ternary 0 1) (round (divf (mulf $full $weight) (subf 100 $weight)) 0 | int) }}
{{- end }}
