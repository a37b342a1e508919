{{/*
A service's settings, as the data of a ConfigMap: the AppHost's, then those that follow from other values, then the service's own `settings`, which win.
Takes the dict of _pods.tpl.
*/}}
{{- define "sluice.settings" -}}
{{- $root := .root -}}
{{- $settings := include (printf "apphost.%s.settings" .component) $root | fromYaml -}}
{{- $settings = mergeOverwrite $settings (include "sluice.telemetrySettings" . | fromYaml) (include (printf "sluice.%s.settings" (.kind | default .component)) . | fromYaml) (.values.settings | default dict) -}}
{{- range $name, $value := $settings -}}
{{- $_ := set $settings $name (toString $value) -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end }}

{{- define "sluice.telemetrySettings" -}}
OTEL_SERVICE_NAME: {{ .component }}
{{- with .root.Values.telemetry.otlpEndpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- end }}

{{/* The ConfigMap itself. */}}
{{- define "sluice.settingsMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "sluice.metadata" (list .root .component) | nindent 2 }}
data:
  {{- include "sluice.settings" . | nindent 2 }}
{{- end }}

{{/* Seconds as the settings write times. */}}
{{- define "sluice.time" -}}
{{- $seconds := int . -}}
{{- printf "%02d:%02d:%02d" (div $seconds 3600) (div (mod $seconds 3600) 60) (mod $seconds 60) -}}
{{- end }}
