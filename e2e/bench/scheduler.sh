#!/bin/sh
# Measures the scheduler: decisions a second with 100, 1,000 and 5,000 nodes; pods a second that are bound durably on the
# disk of a directory (default: where temporary files lie), all controllers running; and the memory of the master with
# hollow nodes and 10,000 running pods. Under the JVM flags of production, but for the heap.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
classes="$home/master/target/test-classes"
[ -f "$classes/dev/wherry/master/controllers/SchedulerBench.class" ] || { echo "build first: ./dev bench scheduler" >&2; exit 1; }
java_home=${JAVA_HOME:-}
for candidate in "${WHERRY_JAVA_HOME:-}" "$java_home" /usr/lib/jvm/*25* /opt/*jdk*25*; do
  [ -x "$candidate/bin/java" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release" && { java_home=$candidate; break; }
done
bench() {
  "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss512k "-Xmx$1" --enable-native-access=ALL-UNNAMED \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$classes:$home/master/target/classes:$home/cli/target/lib/*" dev.wherry.master.controllers.SchedulerBench "$2" "$3" "$4" "$5"
}
data=$(mktemp -d -p "${1:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$data"' EXIT
for nodes in 100 1000 5000; do
  bench 256m decide "$nodes" 0 0
done
for nodes in 100 1000 5000; do
  bench 512m bind "$nodes" 10000 "$data/$nodes"
done
