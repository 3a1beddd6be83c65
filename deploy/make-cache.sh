#!/bin/sh
# Makes the cache that shortens every later start, for this machine: run once after unpacking, as who owns the folder.
# Without it all works, only slower.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
rm -f "$root/app/inferwatch.aot"
INFERWATCH_AOT_CACHE=$root/app/inferwatch.aot "$root/bin/inferwatch" train-aot >/dev/null 2>&1 || {
  rm -f "$root/app/inferwatch.aot"
  echo "inferwatch: no start cache could be made; starts take longer without it" >&2
}
