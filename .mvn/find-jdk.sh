#!/bin/sh
# Prints the home of a JDK 25: JAVA_HOME where it is one, then the usual install places, then PATH.
# Exit 2 and one line on standard error when there is none. Reads each JDK's `release` file; starts no Java.
is_25() { [ -x "$1/bin/javac" ] && grep -qs '^JAVA_VERSION="25[".]' "$1/release"; }

if [ -n "${JAVA_HOME-}" ] && is_25 "$JAVA_HOME"; then
  printf '%s\n' "$JAVA_HOME"
  exit 0
fi
for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
  "${HOME:-/nonexistent}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if is_25 "$home"; then
    printf '%s\n' "$home"
    exit 0
  fi
done
javac=$(command -v javac 2>/dev/null) && javac=$(readlink -f "$javac") && home=$(dirname "$(dirname "$javac")") && is_25 "$home" && {
  printf '%s\n' "$home"
  exit 0
}
echo "inferwatch: no JDK 25 found; install one (Debian: temurin-25-jdk or openjdk-25-jdk) or point JAVA_HOME at it" >&2
exit 2
