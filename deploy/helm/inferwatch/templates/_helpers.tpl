{{- define "inferwatch.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | replace "inferwatch-inferwatch" "inferwatch" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "inferwatch.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "inferwatch.labels" -}}
{{ include "inferwatch.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "inferwatch.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* What the chart sets, over what the user set. */}}
{{- define "inferwatch.config" -}}
{{- if and .Values.api.expose (or (not .Values.tls.secretName) (not .Values.tokens.secretName)) -}}
{{- fail "api.expose needs tls.secretName and tokens.secretName: the API is never open in plain text beyond its pod" -}}
{{- end -}}
{{- $http := dict "port" .Values.api.port "status" (dict "listen" (printf "0.0.0.0:%v" .Values.status.port)) -}}
{{- $own := dict "data" (dict "dir" "/var/lib/inferwatch/data") -}}
{{- if .Values.api.expose -}}
{{- $name := include "inferwatch.name" . -}}
{{- $_ := set $http "host" "0.0.0.0" -}}
{{- $_ := set $http "allowed_hosts" (list $name (printf "%s.%s.svc" $name .Release.Namespace)) -}}
{{- $_ := set $http "tls" (dict "certificate_file" "/run/tls/tls.crt" "key_file" "/run/tls/tls.key") -}}
{{- $_ := set $own "auth" (dict "ingest_token_file" "/run/tokens/ingest" "read_token_file" "/run/tokens/read" "admin_token_file" "/run/tokens/admin") -}}
{{- end -}}
{{- $_ := set $own "http" $http -}}
{{- if .Values.rules -}}
{{- $_ := set $own "rules" (dict "file" "/etc/inferwatch/rules.yml") -}}
{{- end -}}
{{- if not .Values.gpus.enabled -}}
{{- $_ := set $own "gpu" (dict "enabled" "false") -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $own) -}}
{{- end -}}
