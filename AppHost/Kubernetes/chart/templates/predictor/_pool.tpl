{{/*
The two pools: one image, one set of settings, each its own number of pods. These take a dict: root; component, the AppHost's name of the pool's service;
pool, the pool's values.
*/}}

{{/* The dict that the definitions of all services take, without root, as JSON. */}}
{{- define "sluice.pool" -}}
{{- $predictor := .root.Values.predictor -}}
{{- $gpu := $predictor.gpu -}}
{{- $service := dict "component" .component "kind" "predictor" "values" (merge (deepCopy .pool) $predictor) "startupFailureThreshold" $predictor.startupFailureThreshold -}}
{{- if $gpu.enabled -}}
{{- $_ := set $service "suffix" "-gpu" -}}
{{- $_ := set $service "nodeSelector" (merge (deepCopy $predictor.nodeSelector) $gpu.nodeSelector) -}}
{{- $_ := set $service "tolerations" (concat $predictor.tolerations $gpu.tolerations) -}}
{{- $_ := set $service "runtimeClassName" $gpu.runtimeClassName -}}
{{- end -}}
{{- $service | toJson -}}
{{- end }}

{{- define "sluice.predictor.settings" -}}
{{- $predictor := .root.Values.predictor -}}
Predictor__CacheDirectory: /cache
Predictor__CacheLimitBytes: {{ $predictor.cache.limitBytes | int64 | toString | quote }}
Predictor__DrainTimeout: {{ include "sluice.time" $predictor.drainSeconds | quote }}
Predictor__IntraOpThreads: {{ $predictor.intraOpThreads | int | toString | quote }}
{{- with $predictor.maxConcurrency }}
Predictor__MaxConcurrency: {{ . | int | toString | quote }}
{{- end }}
Predictor__Provider: {{ ternary "cuda" "cpu" $predictor.gpu.enabled }}
{{- if $predictor.gpu.enabled }}
Predictor__AllowCpuFallback: "false"
{{- with $predictor.gpu.memoryLimitBytes }}
Predictor__GpuMemoryLimitBytes: {{ . | int64 | toString | quote }}
{{- end }}
{{- end }}
RegistryClient__StateFile: /state/last-known-good.json
{{- end }}

{{- define "sluice.pool.strategy" -}}
{{- $isGpu := .root.Values.predictor.gpu.enabled -}}
{{- $strategy := dict "maxSurge" (ternary 0 1 $isGpu) "maxUnavailable" (ternary 1 0 $isGpu) -}}
{{- range $name, $value := .pool.strategy -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $strategy $name $value -}}
{{- end -}}
{{- end -}}
{{- include "sluice.rollingUpdate" $strategy -}}
{{- end }}

{{- define "sluice.pool.resources" -}}
{{- $gpu := .root.Values.predictor.gpu -}}
{{- $resources := deepCopy .pool.resources -}}
{{- if $gpu.enabled -}}
{{- $resources = mergeOverwrite $resources (dict "limits" (dict $gpu.resourceName ($gpu.count | int)) "requests" (dict $gpu.resourceName ($gpu.count | int))) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end }}

{{- define "sluice.pool.deployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values.predictor -}}
{{- $service := merge (dict "root" $root) (include "sluice.pool" . | fromJson) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "sluice.metadata" (list $root .component) | nindent 2 }}
spec:
  {{- include "sluice.replicas" $service }}
  revisionHistoryLimit: {{ $root.Values.pods.revisionHistoryLimit | int }}
  strategy:
    {{- include "sluice.pool.strategy" . | nindent 4 }}
  selector:
    matchLabels:
      {{- include "sluice.selectorLabels" (list $root .component) | nindent 6 }}
  template:
    metadata:
      {{- include "sluice.podMetadata" $service | nindent 6 }}
    spec:
      {{- include "sluice.podSpec" $service | nindent 6 }}
      containers:
        - name: {{ $service.component }}
          {{- include "sluice.container" $service | nindent 10 }}
          env:
            {{- include "sluice.podAddress" $root | nindent 12 }}
            - name: Predictor__AdvertisedAddress
              value: http://$(POD_IP):{{ include "sluice.port" (list $root .component "http") }}
            {{- include "sluice.secretEnvironment" $service | trim | nindent 12 }}
          resources:
            {{- include "sluice.pool.resources" . | nindent 12 }}
          volumeMounts:
            - { name: cache, mountPath: /cache }
            - { name: state, mountPath: /state }
            - { name: tmp, mountPath: /tmp }
      volumes:
        {{- if eq $values.cache.type "ephemeral" }}
        - name: cache
          ephemeral:
            volumeClaimTemplate:
              spec:
                accessModes: [ReadWriteOnce]
                {{- with $values.cache.storageClassName }}
                storageClassName: {{ . }}
                {{- end }}
                resources:
                  requests:
                    storage: {{ $values.cache.size }}
        {{- else }}
        {{- include "sluice.scratch" (dict "name" "cache" "size" $values.cache.size) | nindent 8 }}
        {{- end }}
        {{- include "sluice.scratch" (dict "name" "state" "size" $root.Values.pods.stateSize) | nindent 8 }}
        {{- include "sluice.scratch" (dict "name" "tmp" "size" $values.tmpSize) | nindent 8 }}
{{- end }}

{{/* Everything else of a pool. */}}
{{- define "sluice.pool.objects" -}}
{{- $service := merge (dict "root" .root) (include "sluice.pool" . | fromJson) -}}
{{ include "sluice.serviceAccount" $service }}
---
{{ include "sluice.settingsMap" $service }}
---
{{ include "sluice.innerService" $service }}
---
{{ include "sluice.disruptionBudget" $service }}
{{- if eq .pool.autoscaling.mode "cpu" }}
---
{{ include "sluice.cpuAutoscaler" $service }}
{{- else if eq .pool.autoscaling.mode "utilization" }}
---
{{ include "sluice.pool.scaledObject" . }}
{{- end }}
{{- end }}

{{/*
KEDA, by the share of the pool's capacity that is in use. The query is a hundred times the number of replicas that the requests in flight would fill, so
its target per replica is the share in percent: replicas = ceil(100 × requests in flight / capacity of one / target).
*/}}
{{- define "sluice.pool.scaledObject" -}}
{{- $scaling := .pool.autoscaling -}}
{{- $keda := .root.Values.keda -}}
{{- $pool := ternary "canary" "stable" (eq .component "predictor-canary") -}}
{{- $labels := printf "pool=%q,namespace=%q" $pool .root.Release.Namespace -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "sluice.metadata" (list .root .component) | nindent 2 }}
spec:
  scaleTargetRef:
    name: {{ include "sluice.componentName" (list .root .component) }}
  minReplicaCount: {{ $scaling.minReplicas | int }}
  maxReplicaCount: {{ $scaling.maxReplicas | int }}
  pollingInterval: {{ $keda.pollingSeconds | int }}
  fallback:
    # Without figures the pool stays as it is: fewer pods on silence would be a guess.
    failureThreshold: {{ $keda.failureThreshold | int }}
    replicas: {{ $scaling.minReplicas | int }}
    behavior: currentReplicas
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0
          policies:
            - { type: Percent, value: {{ $keda.scaleUp.percent | int }}, periodSeconds: {{ $keda.scaleUp.periodSeconds | int }} }
            - { type: Pods, value: {{ $keda.scaleUp.pods | int }}, periodSeconds: {{ $keda.scaleUp.periodSeconds | int }} }
          selectPolicy: Max
        scaleDown:
          stabilizationWindowSeconds: {{ $scaling.scaleDownSeconds | int }}
          policies:
            - { type: Percent, value: {{ $keda.scaleDown.percent | int }}, periodSeconds: {{ $keda.scaleDown.periodSeconds | int }} }
            - { type: Pods, value: {{ $keda.scaleDown.pods | int }}, periodSeconds: {{ $keda.scaleDown.periodSeconds | int }} }
          selectPolicy: Max
  triggers:
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ required "prometheus.url is missing: predictor autoscaling by utilization asks Prometheus." .root.Values.prometheus.url | quote }}
        query: 100 * sum(sluice_gateway_requests_in_flight{ {{- $labels -}} }) / avg(sluice_predictor_capacity{ {{- $labels -}} })
        threshold: {{ $scaling.targetUtilization | int | toString | quote }}
      {{- if .root.Values.prometheus.tokenSecret }}
      authenticationRef:
        name: {{ include "sluice.componentName" (list .root "prometheus") }}
      {{- end }}
{{- end }}
