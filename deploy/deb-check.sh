#!/bin/sh
# Installs the Debian package into a Debian booted by systemd-nspawn and tries its life: the service runs, an upgrade keeps what is
# the administrator's, purging leaves nothing. Needs root, debootstrap, systemd-nspawn (systemd-container), nsenter and the network.
#   deploy/deb-check.sh [DEB]          without DEB the one that deploy/deb.sh made
# shellcheck disable=SC2317  # most functions are called by way of try and says
set -u
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=SCRIPTDIR/tries.sh
. deploy/tries.sh
box=$work/box
nspawn=
deb=${1-$(ls api/target/dist/inferwatch_*.deb 2>/dev/null)}
if [ ! -f "$deb" ]; then
  echo "deb-check: no package at '$deb'; ./mvnw -Pdist -pl api -am -DskipTests package and deploy/deb.sh make one" >&2
  exit 2
fi

clean() {
  if [ -n "$nspawn" ]; then
    inside systemctl poweroff >/dev/null 2>&1
    wait "$nspawn"
  fi
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# The package again, of a later version and with another default configuration.
later() {
  dpkg-deb --raw-extract "$deb" "$work/later" &&
    sed -i 's/^Version: .*/Version: 9.9/' "$work/later/DEBIAN/control" &&
    echo '# another default' >>"$work/later/etc/inferwatch/inferwatch.yml" &&
    dpkg-deb --root-owner-group -Znone --build "$work/later" "$box/root/later.deb" && cp "$deb" "$box/root/first.deb"
}

boot() {
  # Without a systemd on the host nobody else keeps the scope or the list of machines.
  [ -d /run/systemd/system ] || set -- --keep-unit --register=no
  unshare --mount systemd-nspawn --quiet --directory="$box" "$@" --private-network --boot >"$work/console" 2>&1 &
  nspawn=$!
  for _ in $(seq 60); do
    if inside systemctl is-system-running 2>/dev/null | grep -Eq 'running|degraded'; then return 0; fi
    sleep 1
  done
  cat "$work/console"
  return 1
}

inside() {
  nsenter --target "$(pgrep -P "$nspawn")" --all --root --wd \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
ask() { inside bash -c "$client" ask "$1" "$2" "${3-}"; }
files() { inside find / -xdev -not -path '/var/log/*' -not -path '/tmp/*' -not -path '/var/lib/dpkg/*' | sort; }
# The packages' own scripts and dpkg must be content, whatever the configuration was.
install() { inside dpkg --install --force-confold "/root/$1.deb"; }
ready() {
  for _ in $(seq 60); do
    if ask GET /health/ready 2>/dev/null | grep -q '"status":"ready"'; then return 0; fi
    sleep 1
  done
  inside journalctl --unit inferwatch --no-pager
  return 1
}
process() { inside systemctl show inferwatch --property MainPID --value; }

try "a Debian to install into" debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$box"
try "a later version" later
try "booted" boot
[ "$wrong" = 0 ] || exit 1
files >"$work/before"

try "installed" install first
try "the service takes records" ready
says "it is enabled" '^enabled$' inside systemctl is-enabled inferwatch
says "the proxies' is not" '^disabled$' inside systemctl is-enabled inferwatch-proxy
says "it runs with the start cache" 'inferwatch\.aot' inside sh -c "cat /proc/$(process)/maps"
says "behind its filter of system calls" '^Seccomp:	2$' inside cat "/proc/$(process)/status"
says "it takes a record" '"accepted":1' ask POST /api/v1/requests "$record"
try "reloaded" inside systemctl reload inferwatch
says "the doctor finds its data" 'ok +data directory +/var/lib/inferwatch/data' \
  inside runuser -u inferwatch -- inferwatch doctor --config /etc/inferwatch/inferwatch.yml

inside sed -i '1i # mine' /etc/inferwatch/inferwatch.yml
before=$(process)
try "upgraded" install later
try "the service takes records again" ready
try "by another process" test "$before" != "$(process)"
says "with its data" '"count":1' ask GET "$percentile"
says "and the edited configuration" '^# mine$' inside cat /etc/inferwatch/inferwatch.yml

inside systemctl disable --now inferwatch >/dev/null 2>&1
try "upgraded while disabled" install later
says "still disabled" '^disabled$' inside systemctl is-enabled inferwatch
says "and not running" '^inactive$' inside systemctl is-active inferwatch

try "removed" inside dpkg --remove inferwatch
try "data and configuration are there" inside ls /var/lib/inferwatch/data/journal /etc/inferwatch/rules.yml
try "installed again" install first
try "enabled again" inside systemctl enable --now inferwatch
try "the service takes records" ready
says "with its data" '"count":1' ask GET "$percentile"
inside systemctl stop inferwatch
says "stopped well" '^success$' inside systemctl show inferwatch --property Result --value

try "purged" inside dpkg --purge inferwatch
files >"$work/after"
# dpkg takes /opt along when it was empty before.
try "no file left" sh -c "! diff '$work/before' '$work/after' | grep '^>'"
try "no user left" inside sh -c '! getent passwd inferwatch'
exit "$wrong"
