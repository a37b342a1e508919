{{/*
What the pods of the services have alike. These take a dict: root; component, the AppHost's name of the service; values, of the service;
where they differ from it: nodeSelector, tolerations, runtimeClassName.
*/}}

{{/* The metadata of a pod. A changed setting gives other pods. The tokens of the chart's own secret never change. */}}
{{- define "sluice.podMetadata" -}}
{{- $root := .root -}}
labels:
  {{- include "sluice.podLabels" (list $root .component) | nindent 2 }}
  {{- with $root.Values.pods.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/settings: {{ include "sluice.settings" . | sha256sum }}
  {{- if and $root.Values.monitoring.podAnnotations (not $root.Values.monitoring.serviceMonitor.enabled) }}
  prometheus.io/scrape: "true"
  prometheus.io/port: {{ include "sluice.port" (list $root .component "management") | quote }}
  prometheus.io/path: /metrics
  {{- end }}
  {{- with $root.Values.pods.annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Nothing that changes with the chart's version: an upgrade that changes nothing else starts no pod anew. Takes a list: root, component. */}}
{{- define "sluice.podLabels" -}}
{{ include "sluice.selectorLabels" . }}
app.kubernetes.io/part-of: sluice
{{- with (index . 0).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What a pod is beside its containers and volumes. */}}
{{- define "sluice.podSpec" -}}
{{- $root := .root -}}
serviceAccountName: {{ include "sluice.componentName" (list $root .component) }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "sluice.gracePeriod" . }}
securityContext:
  {{- include "sluice.podSecurity" (dict "user" $root.Values.pods.runAsUser "group" $root.Values.pods.runAsGroup) | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- include "sluice.placement" . }}
{{- with $root.Values.pods.topologySpread }}
topologySpreadConstraints:
  {{- range . }}
  - topologyKey: {{ .topologyKey }}
    maxSkew: {{ .maxSkew | int }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "sluice.selectorLabels" (list $root $.component) | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Which nodes take a pod. */}}
{{- define "sluice.placement" -}}
{{- with .nodeSelector | default .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations | default .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* The pod's half of the level "restricted". Takes a dict: user, group. */}}
{{- define "sluice.podSecurity" -}}
runAsNonRoot: true
{{- if not (kindIs "invalid" .user) }}
runAsUser: {{ .user | int64 }}
{{- end }}
{{- if not (kindIs "invalid" .group) }}
runAsGroup: {{ .group | int64 }}
fsGroup: {{ .group | int64 }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* The container's half of it. */}}
{{- define "sluice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* SIGTERM comes preStopSeconds after the pod's end was decided; the service drains, and then says goodbye and writes what it has to. */}}
{{- define "sluice.gracePeriod" -}}
{{- add .root.Values.pods.preStopSeconds .values.drainSeconds .root.Values.pods.goodbyeSeconds -}}
{{- end }}

{{/* What a service's container has, but for its name, its environment's own entries, its resources and its volumes. */}}
{{- define "sluice.container" -}}
{{- $root := .root -}}
image: {{ include "sluice.image" . | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
ports:
  {{- range $name, $port := include (printf "apphost.%s.ports" .component) $root | fromYaml }}
  - name: {{ $name }}
    containerPort: {{ $port | int }}
    protocol: TCP
  {{- end }}
  {{- range $name, $port := .ports }}
  - name: {{ $name }}
    containerPort: {{ $port | int }}
    protocol: TCP
  {{- end }}
securityContext:
  {{- include "sluice.containerSecurity" . | nindent 2 }}
{{- include "sluice.probes" . }}
{{- if gt (int $root.Values.pods.preStopSeconds) 0 }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ $root.Values.pods.preStopSeconds | int }}
{{- end }}
envFrom:
  - configMapRef:
      name: {{ include "sluice.componentName" (list $root .component) }}
  {{- range .values.settingsFromSecrets }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- end }}

{{/* Startup by life, not by readiness: a predictor that waits for the Registry is not started anew for it. */}}
{{- define "sluice.probes" -}}
{{- $probes := .root.Values.pods.probes }}
startupProbe:
  httpGet: { path: /health/live, port: management, scheme: HTTP }
  periodSeconds: {{ $probes.startup.periodSeconds | int }}
  failureThreshold: {{ .startupFailureThreshold | default $probes.startup.failureThreshold | int }}
  timeoutSeconds: {{ $probes.startup.timeoutSeconds | int }}
readinessProbe:
  httpGet: { path: /health/ready, port: management, scheme: HTTP }
  periodSeconds: {{ $probes.readiness.periodSeconds | int }}
  failureThreshold: {{ $probes.readiness.failureThreshold | int }}
  timeoutSeconds: {{ $probes.readiness.timeoutSeconds | int }}
livenessProbe:
  httpGet: { path: /health/live, port: management, scheme: HTTP }
  periodSeconds: {{ $probes.liveness.periodSeconds | int }}
  failureThreshold: {{ $probes.liveness.failureThreshold | int }}
  timeoutSeconds: {{ $probes.liveness.timeoutSeconds | int }}
{{- end }}

{{/* The entries of a container's environment that are secrets. */}}
{{- define "sluice.secretEnvironment" -}}
{{- range $name, $key := include (printf "apphost.%s.secrets" .component) .root | fromYaml }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "sluice.secretName" $.root }}
      key: {{ $key }}
{{- end }}
{{- end }}

{{/* The pod's address, for what a service tells others of itself. */}}
{{- define "sluice.podAddress" -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{- end }}

{{/* A folder that only this pod has, on the node's disk. Takes a dict: name, and size. */}}
{{- define "sluice.scratch" -}}
- name: {{ .name }}
  emptyDir:
    sizeLimit: {{ .size }}
{{- end }}
