{{/* (list context name): an image of the track: the whole reference, the digest, or the tag that is given. */}}
{{- define "service.image" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $whole := get ($root.Track.images | default dict) $name }}
{{- if $whole }}
{{- $whole }}
{{- else }}
{{- $registry := required "global.imageRegistry: name the registry that holds orrery/gateway and the others." $root.Values.global.imageRegistry }}
{{- $digest := get ($root.Track.digests | default dict) $name }}
{{- if $digest }}
{{- printf "%s/orrery/%s@%s" $registry $name $digest }}
{{- else }}
{{- printf "%s/orrery/%s:%s" $registry $name (include "service.tag" $root) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "service.tag" -}}
{{ .Track.tag | default .Chart.AppVersion }}
{{- end }}

{{/* The tag as labels and names can carry it. */}}
{{- define "service.version" -}}
{{ include "service.tag" . | replace "+" "_" | trunc 63 | trimSuffix "-" | trimSuffix "." }}
{{- end }}
