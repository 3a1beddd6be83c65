#!/bin/sh
# Makes the cache that shortens every later start, for this machine: run once after unpacking, as who owns the folder.
# Without it all works, only slower.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rm -f "$root/app/inferwatch.aot"
# JNA would leave a folder in the home of who runs this, root's mostly.
export JDK_JAVA_OPTIONS="-Djava.io.tmpdir=$scratch -Djna.tmpdir=$scratch"
INFERWATCH_AOT_CACHE=$root/app/inferwatch.aot "$root/bin/inferwatch" train-aot >/dev/null 2>&1 || {
  rm -f "$root/app/inferwatch.aot"
  echo "inferwatch: no start cache could be made; starts take longer without it" >&2
}
