#!/bin/sh
# Builds the image and tries it as it is meant to run: as its own user, nothing writable but the data volume, no capability,
# no network but loopback. With docker, podman or buildah, the first that works here; buildah needs root. Exit 1: something is wrong.
#   deploy/image-check.sh [IMAGE]      with IMAGE none is built
# ENGINE=podman takes that one. BUILD_FLAGS goes to the build, such as '--build-arg RUNTIME_IMAGE=mirror.example/debian:12-slim'.
# shellcheck disable=SC2317  # most functions are called by way of try and says
set -u
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=SCRIPTDIR/tries.sh
. deploy/tries.sh
box=inferwatch-check-$$
starts=0
running=
root=
image=${1-}

engine=${ENGINE-}
for candidate in docker podman buildah; do
  if [ -z "$engine" ] && "$candidate" info >/dev/null 2>&1; then engine=$candidate; fi
done
if [ -z "$engine" ]; then
  echo "image-check: none of docker, podman and buildah works here; install one or start its daemon" >&2
  exit 2
fi

# --- Two kinds of engine: docker and podman run containers, buildah only makes them, so that a box is built around its root.

build() {
  case $engine in
  buildah) set -- bud ;;
  *) set -- build ;;
  esac
  # shellcheck disable=SC2086
  "$engine" "$1" ${BUILD_FLAGS-} -f deploy/docker/Dockerfile -t "$image" .
}

# A field of the image's configuration, such as User.
config() {
  case $engine in
  buildah) buildah inspect --type image --format "{{with .OCIv1.Config}}$1{{end}}" "$image" ;;
  *) "$engine" image inspect --format "{{with .Config}}$1{{end}}" "$image" ;;
  esac
}

unpack() {
  if [ "$engine" = buildah ]; then
    buildah from --pull-never --name "$box" "$image" >/dev/null && root=$(buildah mount "$box")
    install -d -o 65532 -g 65532 -m 0700 "$work/data"
  fi
}

# As root in the image, for looking at it.
look() {
  case $engine in
  buildah) chroot "$root" sh -c "$1" ;;
  *) "$engine" run --rm --network none --user 0 --entrypoint sh "$image" -c "$1" ;;
  esac
}

# Argument: environment, NAME=VALUE.
begin() {
  starts=$((starts + 1))
  case $engine in
  buildah)
    # shellcheck disable=SC2046
    unshare --mount --net --pid --uts --ipc --fork --kill-child sh -c "$walls" walls "$root" "$work/data" \
      $(config '{{range .Env}}{{.}} {{end}}') ${1:+"$1"} $(config '{{range .Entrypoint}}{{.}} {{end}}{{range .Cmd}}{{.}} {{end}}') \
      >"$work/log.$starts" 2>&1 &
    running=$!
    ;;
  *)
    # By itself podman leaves /tmp and /run writable.
    set -- ${1:+--env "$1"}
    if [ "$engine" = podman ]; then set -- "$@" --read-only-tmpfs=false; fi
    "$engine" run -d --name "$box-$starts" --read-only --network none --cap-drop ALL --security-opt no-new-privileges \
      --volume "$box:/var/lib/inferwatch" "$@" "$image" >/dev/null
    ;;
  esac
}

# What a container engine does around the program; $1 is the image's root, $2 the data. The program is process 1 in it.
# shellcheck disable=SC2016
walls='set -e
mount --make-rprivate /
mount --bind "$1" /mnt
mount -t proc proc /mnt/proc
for device in null zero random urandom; do : >>"/mnt/dev/$device"; mount --bind "/dev/$device" "/mnt/dev/$device"; done
mount --bind "$2" /mnt/var/lib/inferwatch
mount -o remount,bind,ro /mnt
ip link set lo up
shift 2
exec chroot /mnt setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  env -i "$@"'

# In the running container, as its user.
inside() {
  case $engine in
  buildah) nsenter --target "$(pgrep -P "$running")" --mount --net --pid --root --wd --setuid 65532 --setgid 65532 "$@" ;;
  *) "$engine" exec "$box-$starts" "$@" ;;
  esac
}

log() {
  case $engine in
  buildah) cat "$work/log.$starts" ;;
  *) "$engine" logs "$box-$starts" ;;
  esac
}

is_running() {
  case $engine in
  buildah) kill -0 "$running" 2>/dev/null ;;
  *) [ "$("$engine" inspect --format '{{.State.Running}}' "$box-$starts")" = true ] ;;
  esac
}

# SIGTERM; says the exit code.
finish() {
  case $engine in
  buildah)
    kill -TERM "$(pgrep -P "$running")" && wait "$running"
    echo "exit $?"
    running=
    ;;
  *)
    "$engine" stop --time 15 "$box-$starts" >/dev/null
    echo "exit $("$engine" inspect --format '{{.State.ExitCode}}' "$box-$starts")"
    ;;
  esac
}

clean() {
  case $engine in
  buildah)
    if [ -n "$running" ]; then kill -KILL "$running" 2>/dev/null; fi
    if [ -n "$root" ]; then buildah rm "$box" >/dev/null; fi
    ;;
  *)
    while [ "$starts" -gt 0 ]; do
      "$engine" rm --force "$box-$starts" >/dev/null
      starts=$((starts - 1))
    done
    "$engine" volume rm --force "$box" >/dev/null
    ;;
  esac
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# --- What is tried.

ask() { inside bash -c "$client" ask "$1" "$2" "${3-}"; }

# Within a minute.
ready() {
  seconds=0
  until ask GET /health/ready 2>/dev/null | grep -q '"status":"ready"'; do
    seconds=$((seconds + 1))
    if [ "$seconds" -gt 60 ] || ! is_running; then
      log
      return 1
    fi
    sleep 1
  done
}

if [ -z "$image" ]; then
  image=inferwatch:check
  try "docker/Dockerfile: built with $engine" build
  [ "$wrong" = 0 ] || exit 1
fi
try "unpacked: $("$engine" images --format '{{.Size}}' "$image")" unpack

says "its user" '^65532:65532$' config '{{.User}}'
says "its data are a volume" '/var/lib/inferwatch' config '{{.Volumes}}'
try "no JDK, no sources, no repository" look '! find / -xdev \( -name javac -o -name "*.java" -o -name pom.xml -o -path "*/.m2/?*" -o -name .git \) | grep .'
try "no setuid, no setgid program" look '! find / -xdev -type f -perm /6000 | grep .'
try "nothing of the program is its user's to change" look '! find /opt/inferwatch ! -type l \( ! -user root -o -perm /022 \) | grep .'

# Java then starts with the cache or not at all; without this flag it says nothing of one that does not fit.
begin JDK_JAVA_OPTIONS=-XX:AOTMode=on
try "starts, with the start cache" ready
says "runs as 65532" '^Uid:	65532	65532	65532	65532' inside cat /proc/1/status
says "without a capability" '^CapEff:	0+$' inside cat /proc/1/status
try "nothing else is writable" inside sh -c '! touch /tmp/a && ! touch /opt/inferwatch/a && ! touch /etc/a && ! touch /var/lib/a'
says "JNA found where to unpack itself" 'gpus: (none \(libnvidia-ml.so.1 not found\)|[0-9])' log
says "takes a record" '"accepted":1,"duplicates":0' ask POST /api/v1/requests "$record"
says "its percentile" '"count":1,.*"p50":118.2' ask GET "$percentile"
says "ends on SIGTERM" '^exit 0$' finish

begin ''
try "starts again" ready
says "with what it had" '"count":1,.*"p50":118.2' ask GET "$percentile"
says "the record sent again is a duplicate" '"accepted":0,"duplicates":1' ask POST /api/v1/requests "$record"
says "ends on SIGTERM" '^exit 0$' finish
exit "$wrong"
