{{/* The secret with the password of the chart's own Redis. */}}
{{- define "sluice.redisSecret" -}}
{{- default (include "sluice.componentName" (list . "redis")) .Values.redis.auth.existingSecret -}}
{{- end }}

{{- define "sluice.redisConfiguration" -}}
port 6379
dir /data
# What is acknowledged survives a crash of the node.
appendonly yes
appendfsync always
save ""
# The Registry's state is no cache: rather refuse a write than forget something.
maxmemory-policy noeviction
{{- end }}
