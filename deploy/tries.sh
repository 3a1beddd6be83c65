# Sourced by the checks beside it: what is tried is told in a line, ok or WRONG and what was said. The last line of a check is
# exit "$wrong".
# shellcheck shell=sh disable=SC2034
work=$(mktemp -d)
wrong=0

ok() { echo "ok       $1"; }
wrong() {
  echo "WRONG    $1"
  sed 's/^/         /' "$work/out"
  wrong=1
}
# try WHAT COMMAND…: it ends with 0.
try() {
  what=$1
  shift
  if "$@" >"$work/out" 2>&1; then ok "$what"; else wrong "$what"; fi
}
# says WHAT REGEX COMMAND…: it prints a line that fits the extended regular expression.
says() {
  what=$1
  expected=$2
  shift 2
  "$@" >"$work/out" 2>&1
  if grep -Eq -- "$expected" "$work/out"; then ok "$what"; else wrong "$what: no $expected"; fi
}

# METHOD PATH [BODY], said to the sidecar by bash alone, where there is no HTTP client: bash -c "$client" ask GET /health/ready ''
# shellcheck disable=SC2016
client='exec 3<>/dev/tcp/127.0.0.1/9477 && printf "%s %s HTTP/1.1\r\nHost: 127.0.0.1:9477\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s" \
  "$1" "$2" "${#3}" "$3" >&3 && cat <&3'
record='{"model":"m","request_id":"r-1","ttft_ms":118.2,"latency_ms":2140,"output_tokens":96}'
percentile='/api/v1/percentiles?metric=llm.ttft&p=50&by=model'
