#!/bin/sh
# Becomes Java from the runtime beside it. Everything after the name goes to Inferwatch.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
app=$root/app

# @flags@

# The cache fits the flags it was made with; Java refuses to start with another collector.
cache=
# shellcheck disable=SC2154
if [ "${1-}" = train-aot ]; then
  cache="$training_flags -XX:AOTCacheOutput=${INFERWATCH_AOT_CACHE:?inferwatch-make-cache sets it}"
elif [ -f "$app/inferwatch.aot" ] && [ -z "${INFERWATCH_JVM_FLAGS-}" ]; then
  cache="-XX:AOTCache=$app/inferwatch.aot -Xlog:aot=off -Xlog:cds=off"
fi
export MALLOC_ARENA_MAX=2
# shellcheck disable=SC2086,SC2154
exec "$root/runtime/bin/java" $jvm_flags $cache ${INFERWATCH_JVM_FLAGS-} -jar "$app/inferwatch.jar" "$@"
