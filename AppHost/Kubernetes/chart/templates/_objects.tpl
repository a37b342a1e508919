{{/* Objects that several services have. They take the dict of _pods.tpl. */}}

{{/* No service talks to Kubernetes' API, so no pod gets a token for it. */}}
{{- define "sluice.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "sluice.metadata" (list .root .component) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{/* A service inside the cluster with all endpoints of a component. */}}
{{- define "sluice.innerService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "sluice.metadata" (list .root .component) | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "sluice.selectorLabels" (list .root .component) | nindent 4 }}
  ports:
    {{- range $name, $port := include (printf "apphost.%s.ports" .component) .root | fromYaml }}
    - name: {{ $name }}
      port: {{ $port | int }}
      targetPort: {{ $name }}
      protocol: TCP
      {{- if eq $name "grpc" }}
      appProtocol: kubernetes.io/h2c
      {{- end }}
    {{- end }}
{{- end }}

{{- define "sluice.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "sluice.metadata" (list .root .component) | nindent 2 }}
spec:
  maxUnavailable: {{ .values.disruptionBudget.maxUnavailable | int }}
  selector:
    matchLabels:
      {{- include "sluice.selectorLabels" (list .root .component) | nindent 6 }}
{{- end }}

{{/* The autoscaler by CPU. */}}
{{- define "sluice.cpuAutoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "sluice.metadata" (list .root .component) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "sluice.componentName" (list .root .component) }}
  minReplicas: {{ .values.autoscaling.minReplicas | int }}
  maxReplicas: {{ .values.autoscaling.maxReplicas | int }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .values.autoscaling.targetCPUUtilization | int }}
{{- end }}

{{/* The number of pods where nothing scales them, and nothing where something does: an upgrade must not take its pods away. For a spec. */}}
{{- define "sluice.replicas" -}}
{{- if eq .values.autoscaling.mode "none" }}
  replicas: {{ .values.replicas | int }}
{{- end }}
{{- end }}

{{- define "sluice.rollingUpdate" -}}
type: RollingUpdate
rollingUpdate:
  maxSurge: {{ .maxSurge }}
  maxUnavailable: {{ .maxUnavailable }}
{{- end }}
