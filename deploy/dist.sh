#!/bin/sh
# Makes api/target/dist/inferwatch-VERSION-linux-ARCH.tar.gz: the program, a Java runtime of its own, the launcher, the SBOM.
# Called by the Maven profile `dist` after the program is packaged; the same sources and the same JDK give the same bytes.
set -eu
version=${1:?usage: deploy/dist.sh VERSION TIMESTAMP}
timestamp=${2:?usage: deploy/dist.sh VERSION TIMESTAMP}
root=$(cd "$(dirname "$0")/.." && pwd)
app=$root/api/target/inferwatch
JAVA_HOME=$(sh "$root/.mvn/find-jdk.sh")
arch=$(uname -m)
name=inferwatch-$version-linux-$arch
dist=$root/api/target/dist
stage=$dist/$name
rm -rf "$stage" "$dist/$name.tar.gz"
mkdir -p "$stage/bin" "$stage/app/lib" "$stage/share"

# What the program and its libraries use, and somewhat more: Netty wants jdk.jfr, which no module says.
modules=java.base,java.compiler,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss
modules=$modules,java.sql,java.xml,java.desktop,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs
"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
  --output "$stage/runtime"

cp "$app/inferwatch.jar" "$stage/app/"
cp "$app"/lib/*.jar "$stage/app/lib/"
flags=$(sed -n '/^jvm_flags="/,/"$/p; /^training_flags="/p' "$root/inferwatch")
while IFS= read -r line; do
  if [ "$line" = "# @flags@" ]; then printf '%s\n' "$flags"; else printf '%s\n' "$line"; fi
done <"$root/deploy/launcher.sh" >"$stage/bin/inferwatch"
cp "$root/deploy/make-cache.sh" "$stage/bin/inferwatch-make-cache"
chmod 755 "$stage/bin/inferwatch" "$stage/bin/inferwatch-make-cache"
cp "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$stage/share/"
cp -r "$root/deploy/systemd" "$root/deploy/grafana" "$root/deploy/prometheus" "$stage/share/"
if [ -f "$root/api/target/bom.json" ]; then cp "$root/api/target/bom.json" "$stage/share/sbom.json"; fi

tar --sort=name --mtime="$timestamp" --owner=0 --group=0 --numeric-owner --mode='u+w,go-w,a+rX' -C "$dist" -cf - "$name" |
  gzip -9n >"$dist/$name.tar.gz"
echo "$dist/$name.tar.gz"
