#!/bin/sh
# Simulates a master and hollow nodes in one process, with a clock of its own and a transport that loses, doubles and
# reorders: so many seeds (default 2000), from a first one (default: another each day). A failed seed says what it saw.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
classes="$home/master/target/test-classes"
[ -f "$classes/dev/wherry/master/controllers/ClusterSimulation.class" ] || { echo "build first: ./dev sim" >&2; exit 1; }
java_home=${JAVA_HOME:-}
for candidate in "${WHERRY_JAVA_HOME:-}" "$java_home" /usr/lib/jvm/*25* /opt/*jdk*25*; do
  [ -x "$candidate/bin/java" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release" && { java_home=$candidate; break; }
done
exec "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m \
  -cp "$classes:$home/master/target/classes:$home/cli/target/lib/*" \
  dev.wherry.master.controllers.ClusterSimulation "${2:-$(date +%Y%m%d)0000}" "${1:-2000}"
