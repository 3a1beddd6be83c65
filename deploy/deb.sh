#!/bin/sh
# Makes api/target/dist/inferwatch_VERSION_ARCH.deb of what `./mvnw -Pdist package` made. Needs dpkg-deb.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
dist=$root/api/target/dist
tarball=$(ls "$dist"/inferwatch-*-linux-"$(uname -m)".tar.gz)
name=$(basename "$tarball" .tar.gz)
version=$(echo "$name" | sed 's/^inferwatch-//; s/-linux-.*//; s/-SNAPSHOT/~snapshot/')
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=$(stat -c %Y "$root/pom.xml")
if [ -n "${BUILD_TIMESTAMP-}" ]; then SOURCE_DATE_EPOCH=$(date -d "$BUILD_TIMESTAMP" +%s); fi
export SOURCE_DATE_EPOCH
stage=$dist/deb
rm -rf "$stage"
mkdir -p "$stage/DEBIAN" "$stage/opt/inferwatch" "$stage/lib/systemd/system" "$stage/etc/inferwatch" "$stage/usr/bin" \
  "$stage/usr/share/doc/inferwatch"
tar -xzf "$tarball" -C "$stage/opt/inferwatch" --strip-components=1
cp "$root"/deploy/systemd/*.service "$stage/lib/systemd/system/"
cp "$root/deploy/debian/inferwatch.yml" "$root/deploy/debian/rules.yml" "$stage/etc/inferwatch/"
ln -s /opt/inferwatch/bin/inferwatch "$stage/usr/bin/inferwatch"
cp "$root/LICENSE" "$stage/usr/share/doc/inferwatch/copyright"
install -m 0755 "$root/deploy/debian/postinst" "$root/deploy/debian/prerm" "$root/deploy/debian/postrm" "$stage/DEBIAN/"
printf '%s\n' /etc/inferwatch/inferwatch.yml /etc/inferwatch/rules.yml >"$stage/DEBIAN/conffiles"
chmod 644 "$stage"/etc/inferwatch/*
cat >"$stage/DEBIAN/control" <<CONTROL
Package: inferwatch
Version: $version
Architecture: $arch
Maintainer: Inferwatch <maintainers@inferwatch.invalid>
Installed-Size: $(du -sk "$stage/opt" | cut -f1)
Depends: libc6, passwd, init-system-helpers
Section: admin
Priority: optional
Description: watches LLM inference servers and their GPUs
 Exact percentiles of time to first token and time per output token, GPU readings
 by NVML, alert rules in YAML, notices to Slack and PagerDuty. Brings its own Java.
CONTROL
dpkg-deb --root-owner-group -Zgzip --build "$stage" "$dist/inferwatch_${version}_$arch.deb"
