{{- define "sluice.canaryjudge.settings" -}}
RegistryClient__StateFile: /state/last-known-good.json
{{- with .root.Values.prometheus.url }}
Judge__Prometheus__Url: {{ . | quote }}
{{- end }}
{{- end }}
