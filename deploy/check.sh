#!/bin/sh
# Tries what stands in this folder with the tools there are, and says what was not tried. Exit 1: something is wrong.
set -u
cd "$(dirname "$0")" || exit 2
# shellcheck source=SCRIPTDIR/tries.sh
. ./tries.sh
trap 'rm -rf "$work"' EXIT
untried() { echo "not run  $1: no $2 here"; }
has() { command -v "$1" >/dev/null 2>&1; }

for script in dist.sh deb.sh launcher.sh make-cache.sh check.sh image-check.sh deb-check.sh tries.sh debian/postinst debian/prerm debian/postrm; do try "$script: syntax" sh -n "$script"; done

if has promtool; then
  try "prometheus/inferwatch-alerts.yml" promtool check rules prometheus/inferwatch-alerts.yml
  try "prometheus/inferwatch-alerts.yml: tests" promtool test rules prometheus/inferwatch-alerts-test.yml
  try "prometheus/scrape.yml" promtool check config --syntax-only prometheus/scrape.yml
  if has python3; then
    # Every query of the dashboard as a recording rule: promtool then reads it.
    python3 - >"$work/dashboard.yml" <<'PYTHON'
import json
print("groups:\n- name: dashboard\n  rules:")
for panel in json.load(open("grafana/inferwatch.json"))["panels"]:
    for target in panel["targets"]:
        query = target["expr"].replace("$job", "j").replace("$host", ".*").replace("$model", ".*")
        print("  - record: dashboard:panel_%d_%s\n    expr: %s" % (panel["id"], target["refId"], json.dumps(query)))
PYTHON
    try "grafana/inferwatch.json: queries" promtool check rules "$work/dashboard.yml"
  else untried "grafana/inferwatch.json" python3; fi
else untried "prometheus/, grafana/" promtool; fi

if has systemd-analyze; then
  # The program need not be installed for its units to be read.
  for unit in inferwatch.service inferwatch-proxy.service; do
    sed 's#^ExecStart=[^ ]*#ExecStart=/bin/true#' "systemd/$unit" >"$work/$unit"
    try "systemd/$unit" systemd-analyze verify --man=no "$work/$unit"
  done
else untried "systemd/" systemd-analyze; fi

if docker info >/dev/null 2>&1; then
  try "docker/Dockerfile: image-check.sh" env ENGINE=docker ./image-check.sh
else untried "docker/Dockerfile" "running docker"; fi
exit "$wrong"
