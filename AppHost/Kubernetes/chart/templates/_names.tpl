{{/* The chart's name in labels. */}}
{{- define "sluice.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* What the names of all objects begin with: two releases in one namespace do not meet. Short enough for the longest component. */}}
{{- define "sluice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "sluice.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sluice.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* The name of a component's objects. Takes a list: root, component. */}}
{{- define "sluice.componentName" -}}
{{- printf "%s-%s" (include "sluice.fullname" (index . 0)) (index . 1) -}}
{{- end }}

{{/* The secret with the services' tokens. */}}
{{- define "sluice.secretName" -}}
{{- default (include "sluice.componentName" (list . "tokens")) .Values.tokens.existingSecret -}}
{{- end }}

{{/* The labels that select a component's pods; they never change. Takes a list: root, component. */}}
{{- define "sluice.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "sluice.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* All labels of a component's object. Takes a list: root, component. */}}
{{- define "sluice.labels" -}}
{{- $root := index . 0 -}}
{{ include "sluice.selectorLabels" . }}
app.kubernetes.io/part-of: sluice
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The metadata of a component's object of the component's name. Takes a list: root, component. */}}
{{- define "sluice.metadata" -}}
name: {{ include "sluice.componentName" . }}
namespace: {{ (index . 0).Release.Namespace }}
labels:
  {{- include "sluice.labels" . | nindent 2 }}
{{- end }}

{{/* The image of one of Sluice's own services. Takes a dict: root, values, and suffix for a variant's tag. */}}
{{- define "sluice.image" -}}
{{- $image := .values.image -}}
{{- $repository := $image.repository -}}
{{- with .root.Values.image.registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s%s" $repository ($image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) (.suffix | default "") -}}
{{- end -}}
{{- end }}

{{/* Where a service listens by what the AppHost says. Takes a list: root, component, endpoint. */}}
{{- define "sluice.port" -}}
{{- get (include (printf "apphost.%s.ports" (index . 1)) (index . 0) | fromYaml) (index . 2) | required (printf "the AppHost has no endpoint %s of %s" (index . 2) (index . 1)) -}}
{{- end }}
