#!/bin/sh
# Measures the API of a master alone, over TLS from another process: creates, gets, patches, applies and lists of 1,000 a second
# with their p99 and the server's processor time for one, and what 1,000 idle watches take. Then etcd (Debian's, unpacked and not installed, where it is to be had),
# written through its own API with the same objects on the same disk: the floor.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
classes="$home/master/target/test-classes"
[ -f "$classes/dev/wherry/master/http/ApiBench.class" ] || { echo "build first: ./dev bench api" >&2; exit 1; }
java_home=${JAVA_HOME:-}
for candidate in "${WHERRY_JAVA_HOME:-}" "$java_home" /usr/lib/jvm/*25* /opt/*jdk*25*; do
  [ -x "$candidate/bin/java" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release" && { java_home=$candidate; break; }
done
data=$(mktemp -d -p "${1:-${TMPDIR:-/tmp}}")
master='' etcd=''
stop() {
  for each in $master $etcd; do kill "$each" 2>/dev/null || true; done
  for each in $master $etcd; do wait "$each" 2>/dev/null || true; done
  rm -rf "$data"
}
trap stop EXIT

bench() { # the tests' libraries are the build's, found by Maven
  "$java_home/bin/java" -Xmx512m --enable-native-access=ALL-UNNAMED \
    -cp "$classes:$home/master/target/classes:$(cat "$data/class-path")" dev.wherry.master.http.ApiBench "$@"
}

(cd "$home" && JAVA_HOME=$java_home mvn -q -B --no-transfer-progress -Dquick -pl master -am compile dependency:build-classpath \
  -Dmdep.outputFile="$data/class-path" -Dmdep.includeScope=test) >&2

"$home/wherry" master --data-dir "$data/master" --api-port 16443 --agent-port 16444 --node-name bench > "$data/master.log" 2>&1 &
master=$!
for _ in $(seq 300); do [ -f "$data/master/kubeconfig" ] && break; kill -0 "$master" || { cat "$data/master.log" >&2; exit 1; }; sleep 0.1; done
echo "the API of a master:"
bench api "$data/master/kubeconfig" "$master"

if ! command -v etcd >/dev/null; then
  mkdir "$data/package"
  (cd "$data/package" && apt-get -q download etcd-server >/dev/null 2>&1 && dpkg -x ./*.deb .) || true
fi
program=$(command -v etcd || echo "$data/package/usr/bin/etcd")
[ -x "$program" ] || { echo "no etcd to compare with: the package etcd-server cannot be had here"; exit 0; }
"$program" --data-dir "$data/etcd" --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
  --listen-peer-urls http://127.0.0.1:12380 > "$data/etcd.log" 2>&1 &
etcd=$!
for _ in $(seq 100); do curl -s http://127.0.0.1:12379/health >/dev/null && break; sleep 0.1; done
echo "etcd, $("$program" --version | head -1):"
bench etcd 12379 "$etcd"
