#!/bin/sh
# Measures the store alone on the disk of a directory (default: where temporary files lie): acknowledged 4 KB writes a
# second with 1, 10 and 100 writers, and a start from what they left. Under the JVM flags that bound memory in production.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
classes="$home/master/target/test-classes"
[ -f "$classes/dev/wherry/master/store/disk/StoreBench.class" ] || { echo "build first: ./dev bench store" >&2; exit 1; }
java_home=${JAVA_HOME:-}
for candidate in "${WHERRY_JAVA_HOME:-}" "$java_home" /usr/lib/jvm/*25* /opt/*jdk*25*; do
  [ -x "$candidate/bin/java" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release" && { java_home=$candidate; break; }
done
data=$(mktemp -d -p "${1:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$data"' EXIT
"$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m --enable-native-access=ALL-UNNAMED \
  -cp "$classes:$home/master/target/classes:$home/cli/target/lib/*" \
  dev.wherry.master.store.disk.StoreBench "$data/store"
