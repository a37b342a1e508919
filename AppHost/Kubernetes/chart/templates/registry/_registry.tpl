{{/* Whether the chart runs a Redis; "true" or nothing. */}}
{{- define "sluice.ownRedis" -}}
{{- if and (eq .Values.registry.store "redis") (not .Values.redis.external.existingSecret) -}}true{{- end -}}
{{- end }}

{{/* Whether several Registries share a folder of blobs; "true" or nothing. */}}
{{- define "sluice.sharedBlobs" -}}
{{- if and (eq .Values.registry.store "redis") (eq .Values.registry.blobs.store "folder") -}}true{{- end -}}
{{- end }}

{{- define "sluice.registry.settings" -}}
{{- $registry := .root.Values.registry -}}
{{- $blobs := $registry.blobs -}}
Registry__Access: keys
Registry__DataDirectory: /data
Registry__Store: {{ $registry.store }}
{{- if $registry.models }}
Registry__ModelsFile: /models/models.yaml
{{- end }}
{{- if include "sluice.sharedBlobs" .root }}
Registry__Blobs__Folder: /blobs
Registry__Blobs__Shared: "true"
{{- else if ne $blobs.store "folder" }}
{{- $place := required (printf "registry.blobs.bucket is missing: registry.blobs.store is %s." $blobs.store) $blobs.bucket }}
{{- $section := get (dict "s3" "S3" "azure" "Azure" "gcs" "Gcs") $blobs.store }}
Registry__Blobs__Store: {{ $blobs.store }}
Registry__Blobs__{{ $section }}__{{ ternary "Container" "Bucket" (eq $blobs.store "azure") }}: {{ $place | quote }}
{{- with $blobs.prefix }}
Registry__Blobs__{{ $section }}__Prefix: {{ . | quote }}
{{- end }}
{{- with $blobs.endpoint }}
Registry__Blobs__{{ $section }}__Endpoint: {{ . | quote }}
{{- end }}
{{- if eq $blobs.store "s3" }}
Registry__Blobs__S3__Region: {{ $blobs.region | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The dict that the definitions of all services take, without root, as JSON. */}}
{{- define "sluice.registry" -}}
{{- $values := deepCopy .Values.registry -}}
{{- with .Values.registry.blobs.existingSecret -}}
{{- $_ := set $values "settingsFromSecrets" (append $values.settingsFromSecrets .) -}}
{{- end -}}
{{- dict "component" "registry" "values" $values | toJson -}}
{{- end }}

{{/* The pod, of a StatefulSet or a Deployment. */}}
{{- define "sluice.registry.pod" -}}
{{- $values := .Values.registry -}}
{{- $service := merge (dict "root" .) (include "sluice.registry" . | fromJson) -}}
metadata:
  {{- include "sluice.podMetadata" $service | nindent 2 }}
spec:
  {{- include "sluice.podSpec" $service | nindent 2 }}
  containers:
    - name: {{ $service.component }}
      {{- include "sluice.container" $service | nindent 6 }}
      env:
        {{- include "sluice.secretEnvironment" $service | trim | nindent 8 }}
        {{- if include "sluice.ownRedis" . }}
        - name: REDIS_PASSWORD
          valueFrom:
            secretKeyRef:
              name: {{ include "sluice.redisSecret" . }}
              key: password
        - name: Registry__Redis
          value: {{ include "sluice.componentName" (list . "redis") }}:6379,password=$(REDIS_PASSWORD)
        {{- else if eq $values.store "redis" }}
        - name: Registry__Redis
          valueFrom:
            secretKeyRef:
              name: {{ .Values.redis.external.existingSecret }}
              key: connection
        {{- end }}
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - { name: data, mountPath: /data }
        - { name: tmp, mountPath: /tmp }
        {{- if include "sluice.sharedBlobs" . }}
        - { name: blobs, mountPath: /blobs }
        {{- end }}
        {{- if $values.models }}
        - { name: models, mountPath: /models, readOnly: true }
        {{- end }}
  volumes:
    {{- if eq $values.store "redis" }}
    {{- include "sluice.scratch" (dict "name" "data" "size" $values.tmpSize) | nindent 4 }}
    {{- else if $values.persistence.existingClaim }}
    - name: data
      persistentVolumeClaim:
        claimName: {{ $values.persistence.existingClaim }}
    {{- end }}
    {{- include "sluice.scratch" (dict "name" "tmp" "size" $values.tmpSize) | nindent 4 }}
    {{- if include "sluice.sharedBlobs" . }}
    - name: blobs
      persistentVolumeClaim:
        claimName: {{ $values.blobs.sharedFolder.existingClaim | default (include "sluice.componentName" (list . "blobs")) }}
    {{- end }}
    {{- if $values.models }}
    - name: models
      configMap:
        name: {{ include "sluice.componentName" (list . "models") }}
    {{- end }}
{{- end }}
