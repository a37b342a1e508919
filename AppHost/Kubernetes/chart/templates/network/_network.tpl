{{/* The pods of a component, as a peer. Takes a list: root, component. */}}
{{- define "sluice.peer" -}}
- podSelector:
    matchLabels:
      {{- include "sluice.selectorLabels" . | nindent 6 }}
{{- end }}

{{/* The head of a component's policy. Takes a list: root, component. */}}
{{- define "sluice.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "sluice.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "sluice.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end }}

{{/* Ports of a component by its endpoints' names. Takes a list: root, component, endpoints. */}}
{{- define "sluice.policyPorts" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- range $name := index . 2 }}
- { port: {{ include "sluice.port" (list $root $component $name) }}, protocol: TCP }
{{- end }}
{{- end }}

{{/* Whoever reads metrics. Takes a list: root, component. */}}
{{- define "sluice.fromMonitoring" -}}
- from:
    {{- toYaml (index . 0).Values.networkPolicy.monitoring | nindent 4 }}
  ports:
    {{- include "sluice.policyPorts" (list (index . 0) (index . 1) (list "management")) | trim | nindent 4 }}
{{- end }}

{{/* What every service reaches: names, and a collector of telemetry. */}}
{{- define "sluice.commonEgress" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
{{- if .Values.telemetry.otlpEndpoint }}
{{ toYaml .Values.networkPolicy.telemetryEgress }}
{{- end }}
{{- end }}

{{/* The Registry's API, from the inside. */}}
{{- define "sluice.toRegistry" -}}
- to:
    {{- include "sluice.peer" (list . "registry") | nindent 4 }}
  ports:
    {{- include "sluice.policyPorts" (list . "registry" (list "http")) | trim | nindent 4 }}
{{- end }}
