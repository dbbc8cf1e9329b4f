{{- define "flow.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What the names of all objects begin with; short enough for the longest ending. */}}
{{- define "flow.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 48 | trimSuffix "-" -}}
{{- else if contains (include "flow.name" .) .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "flow.name" .) | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The roles, by the name of their values; `kebabcase` of it is the app's and the objects'. */}}
{{- define "flow.roles" -}}
publicApi privateApi worker
{{- end -}}

{{/* Of all objects of a release; never changes for a pod that lives. */}}
{{- define "flow.selector" -}}
app.kubernetes.io/name: {{ include "flow.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "flow.labels" -}}
{{ include "flow.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: flow-automation
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "flow.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "flow.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{ .Values.serviceAccount.name }}
{{- else if .Values.serviceAccount.create -}}
{{ include "flow.fullname" . }}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- define "flow.secret" -}}
{{ default (include "flow.fullname" .) .Values.secret.existing }}
{{- end -}}

{{/* Secret settings: what every process must have alike, and what there may be. */}}
{{- define "flow.secretsNeeded" -}}
ADMIN_TOKEN MARIADB_URL MONGODB_URL SECRETS_KEY
{{- end -}}
{{- define "flow.secretsOptional" -}}
KAFKA_SASL_PASSWORD METRICS_TOKEN REDIS_SENTINEL_PASSWORD REDIS_URL
{{- end -}}

{{/* Whether a secret setting is there, as far as the chart can know. */}}
{{- define "flow.hasSecret" -}}
{{- if or .root.Values.secret.existing (hasKey .root.Values.secret.values .name) -}}true{{- end -}}
{{- end -}}

{{/* The settings of a role as it gets them: those of all, its own over them, and what the chart says itself. */}}
{{- define "flow.settings" -}}
{{- $own := dict
  "API_SERVER_HOST" "0.0.0.0"
  "API_SERVER_PORT" "8082"
  "API_SERVER_PRIVATE_PORT" "8083"
  "DATA_DIR" "/data"
  "DRAIN_TIMEOUT" (printf "PT%dS" (int .root.Values.drainTimeoutSeconds)) -}}
{{- range $name, $value := merge $own .values.settings .root.Values.settings }}
{{ $name }}: {{ include "flow.text" $value }}
{{- end }}
{{- end -}}

{{/* A value as the text of an environment variable: YAML's numbers come as floats, and 20000000 would be 2e+07. */}}
{{- define "flow.text" -}}
{{- if kindIs "float64" . -}}{{ . | toJson | quote }}{{- else -}}{{ . | toString | quote }}{{- end -}}
{{- end -}}

{{/* Alike for every pod of the release: nothing that a process could use besides what it is. */}}
{{- define "flow.podSecurity" -}}
automountServiceAccountToken: false
# The cluster's own variables could be taken for settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- with .Values.runAs.user }}
  runAsUser: {{ int64 . }}
  {{- end }}
  {{- with .Values.runAs.group }}
  runAsGroup: {{ int64 . }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "flow.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "flow.mounts" -}}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if .Values.caBundle.configMap }}
  - name: authorities
    mountPath: /etc/flow/authorities
    readOnly: true
  {{- end }}
{{- end -}}

{{- define "flow.volumes" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
  {{- if .Values.caBundle.configMap }}
  - name: authorities
    configMap:
      name: {{ .Values.caBundle.configMap }}
      items:
        - key: {{ .Values.caBundle.key }}
          path: ca.crt
  {{- end }}
{{- end -}}

{{- define "flow.authorities" -}}
{{- if .Values.caBundle.configMap -}}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/flow/authorities/ca.crt
{{- end }}
{{- end -}}

{{/* One rule of a NetworkPolicy: out to some peers (none: anywhere) at some ports. */}}
{{- define "flow.egressRule" -}}
- ports:
    {{- range .ports }}
    - port: {{ int . }}
      protocol: TCP
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "flow.dnsRule" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  {{- with .Values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
