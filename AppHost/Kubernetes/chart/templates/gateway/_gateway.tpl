{{- define "sluice.gateway" -}}
{{- $ports := dict -}}
{{- if .Values.gateway.tls.secretName -}}
{{- $ports = dict "https" .Values.gateway.tls.port -}}
{{- end -}}
{{- dict "component" "gateway" "ports" $ports | toJson -}}
{{- end }}

{{- define "sluice.gateway.settings" -}}
{{- $values := .root.Values -}}
Gateway__Access: keys
Gateway__DrainTimeout: {{ include "sluice.time" $values.gateway.drainSeconds | quote }}
RegistryClient__StateFile: /state/last-known-good.json
{{- if $values.gateway.tls.secretName }}
Gateway__Tls__CertificatePath: /tls/tls.crt
Gateway__Tls__KeyPath: /tls/tls.key
Gateway__Tls__Port: {{ $values.gateway.tls.port | int | toString | quote }}
{{- end }}
{{- if gt (float64 $values.gateway.capture.share) 0.0 }}
Gateway__Capture__Folder: /capture
Gateway__Capture__Share: {{ $values.gateway.capture.share | quote }}
{{- end }}
{{- end }}
