#!/bin/sh
# Measures a node of its own in a network namespace, and checks the resident memory against the gate:
#   up cold and warm, one pod create to Ready (p50 of ten), Deployment of 20 to available, resident memory of an idle node.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
gate_mb=${WHERRY_MEMORY_GATE_MB:-220}

data=$(mktemp -d)/cluster
unshare --net sleep 3600 &
holder=$!
inside() { nsenter --net="/proc/$holder/ns/net" "$@"; }
wherry() { command=$1; shift; inside "$home/wherry" "$command" --data-dir "$data" "$@"; }
finish() { wherry down --purge >/dev/null 2>&1 || true; kill "$holder" 2>/dev/null || true; rm -rf "$(dirname "$data")"; }
trap finish EXIT
millis() { echo $(($(date +%s%N) / 1000000)); }
sleep 0.2
inside ip link set lo up
inside ip link add eth0 type veth peer name eth1
inside ip addr add 198.18.8.2/24 dev eth0
inside ip link set eth0 up
inside ip link set eth1 up
inside ip route add default via 198.18.8.1
export KUBECONFIG="$data/kubeconfig"

start=$(millis); wherry up --node-name node-1 >/dev/null; echo "up, fresh data directory: $(($(millis) - start)) ms"
for i in 1 2 3; do
  wherry down >/dev/null
  start=$(millis); wherry up --node-name node-1 >/dev/null; echo "up, warm ($i of 3): $(($(millis) - start)) ms"
done

# Idle: nothing has been asked of it since it started.
sleep 10
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
pid=$(head -1 "$data/wherry.pid")
before=$(cpu "$pid"); sleep 20; after=$(cpu "$pid")
echo "idle CPU of wherry: $(awk "BEGIN {printf \"%.2f\", ($after - $before) / 20}") % of a core"
wherry status -o json | tr '{' '\n' | sed -n 's/.*"name":"\([^"]*\)","pid":\([0-9]*\),"rssBytes":\([0-9]*\).*/\1 \3/p' >"$data/rss"
awk '{printf "idle resident memory: %s %.0f MB\n", $1, $2 / 1e6; sum += $2} END {printf "idle resident memory: all parts %.0f MB\n", sum / 1e6}' "$data/rss"
total=$(awk '{sum += $2} END {printf "%.0f", sum / 1e6}' "$data/rss")

# Create to Ready by the cluster's own clock would round to seconds: watch instead.
for i in $(seq 1 10); do
  start=$(millis)
  inside kubectl run "p$i" --image=wherry/hello:1 >/dev/null
  inside kubectl wait --for=condition=Ready "pod/p$i" --timeout=60s >/dev/null
  echo $(($(millis) - start))
done | sort -n >"$data/pods"
echo "one pod, kubectl run and wait to Ready: p50 $(sed -n 5p "$data/pods") ms, max $(tail -1 "$data/pods") ms"
inside kubectl get pods -o name >/dev/null
start=$(millis); inside kubectl get pods -o name >/dev/null; echo "  of which one kubectl call costs about $(($(millis) - start)) ms"
inside kubectl delete pods --all --grace-period=1 >/dev/null

start=$(millis)
inside kubectl create deployment twenty --image=wherry/hello:1 --replicas=20 >/dev/null
inside kubectl rollout status deployment/twenty --timeout=120s >/dev/null
echo "Deployment of 20, create to available: $(($(millis) - start)) ms"
wherry status -o json | tr '{' '\n' | sed -n 's/.*"name":"\([^"]*\)","pid":\([0-9]*\),"rssBytes":\([0-9]*\).*/\1 \3/p' \
  | awk '{sum[$1] += $2} END {for (n in sum) printf "after use, 20 pods: %s %.0f MB\n", n, sum[n] / 1e6}'
inside kubectl delete deployment twenty >/dev/null

if [ "$total" -gt "$gate_mb" ]; then
  echo "the idle node takes $total MB, more than the gate of $gate_mb MB" >&2
  exit 1
fi
