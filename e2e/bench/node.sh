#!/bin/sh
# Measures a node of its own in a network namespace, one figure a line with its goal, within some six minutes:
#   up cold and warm; create to Ready of one pod, of a Deployment of 20, of 50 at once; delete to gone; resident memory with 0, 30,
#   110 and 200 pods; idle CPU; bytes that reach the disk when idle and with an exec probe; a reboot with no master in reach.
# Fails when the idle node takes more memory than the gate. However it ends, nothing of it stays on the machine.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
gate_mb=${WHERRY_MEMORY_GATE_MB:-220}
seconds=${WHERRY_WRITE_SECONDS:-30}

# --- cleaning up ----------------------------------------------------------------------------------------------

clean_up() { # clean_up WORK: once whoever holds the pipe is gone; nothing that kills that one kills this
  cat >/dev/null
  # Whoever is still starting would come up behind the purge.
  while pgrep -f "[Ww]herry (up|agent|master|train) .*$1/disk/|wherry (up|agent|master) --data-dir $1/disk/" >"$1/left"; do
    xargs kill -9 <"$1/left" 2>/dev/null || true
    sleep 0.2
  done
  for each in node agent master; do
    # A purge that was under way holds the directory until it has ended.
    tries=0
    until inside "$home/wherry" down --purge --data-dir "$1/disk/$each" >/dev/null 2>&1 || [ "$tries" -ge 60 ]; do
      tries=$((tries + 1))
      sleep 1
    done
  done
  kill "$(cat "$1/holder")" 2>/dev/null || true
  umount -l "$1/disk" 2>/dev/null || true
  rm -rf "$1"
}

# The pipe stays with this shell alone: a child that holds it would keep the rest waiting. What goes into the background closes it
# by exec, since a redirection of a function keeps a copy.
inside() { nsenter --net="/proc/$(cat "$work/holder")/ns/net" "$@" 9>&-; }

if [ "${1:-}" = --clean-up ]; then
  work=$2
  clean_up "$work"
  exit 0
fi

work=$(mktemp -d)
setsid unshare --net sleep 3600 & # no signal to our group ends it: the purge needs it
echo $! >"$work/holder"
mkfifo "$work/alive"
setsid sh "$0" --clean-up "$work" <"$work/alive" &
cleaner=$!
exec 9>"$work/alive"
trap 'exec 9>&-; wait "$cleaner"' EXIT

# --- the machine of it ----------------------------------------------------------------------------------------

sleep 0.2
inside ip link set lo up
inside ip link add eth0 type veth peer name eth1
inside ip addr add 198.18.8.2/24 dev eth0
inside ip link set eth0 up
inside ip link set eth1 up
inside ip route add default via 198.18.8.1

# A disk of its own says what reaches it, the file system's journal included.
mkdir "$work/disk"
truncate -s 3G "$work/disk.img"
disk=
if mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$work/disk.img" && mount -o loop "$work/disk.img" "$work/disk" 2>/dev/null; then
  disk=$(basename "$(findmnt -n -o SOURCE "$work/disk")")
fi
written() { # kilobytes; of 512 bytes is a sector of a block device's stat
  sync -f "$work/disk"
  awk '{print int($7 / 2)}' "/sys/block/$disk/stat"
}

millis() { echo $(($(date +%s%N) / 1000000)); }
figure() { # figure NAME VALUE UNIT [GOAL]
  printf '%s: %s %s%s\n' "$1" "$2" "$3" "${4:+ (goal $4)}"
}
middle() { sort -n "$1" | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}'; }
last() { sort -n "$1" | tail -n 1; }

data=$work/disk/node
export KUBECONFIG="$data/kubeconfig"
wherry() { command=$1; shift; inside "$home/wherry" "$command" --data-dir "$data" "$@"; }
up() { wherry up --node-name node-1 --max-pods 250 >/dev/null; }
kubectl() { inside kubectl "$@"; }
pods() { # pods FROM TO: manifests of so many pods
  for i in $(seq "$1" "$2"); do
    printf '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"many-%s","labels":{"app":"many"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"wherry/hello:1"}]}}\n' "$i"
  done
}
rss() { # rss LABEL [GOAL]: resident memory of all parts, and how it is made up
  wherry status -o json | tr '{' '\n' | sed -n 's/.*"name":"\([^"]*\)","pid":\([0-9]*\),"rssBytes":\([0-9]*\).*/\1 \3/p' \
    | awk '{sum[$1] += $2; count[$1]++} END {for (name in sum) print name, sum[name], count[name]}' | sort -k2 -rn >"$work/rss"
  total=$(awk '{sum += $2} END {printf "%.0f", sum / 1e6}' "$work/rss")
  figure "resident memory, $1" "$total" "MB: $(awk '{printf "%s%s%s %.0f", sep, ($3 > 1 ? $3 " " : ""), $1, $2 / 1e6; sep = ", "}' "$work/rss")" "${2:-}"
}

# --- start ----------------------------------------------------------------------------------------------------

# The start-up caches, where this build has none yet: the agent's, whose turn comes last, beside the server's.
(exec 9>&-; inside "$home/wherry" agent --help >/dev/null 2>&1) &
agents_cache=$!
up; wherry down --purge >/dev/null
wait "$agents_cache"
start=$(millis); up; figure "up, fresh data directory" $(($(millis) - start)) ms
for i in 1 2 3; do
  wherry down >/dev/null
  start=$(millis); up; echo $(($(millis) - start)) >>"$work/up"
done
figure "up to Ready, warm, median of 3" "$(middle "$work/up")" ms 3000

# Idle: nothing has been asked of it since it started, and it has given back what its start needed.
sleep 25
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
pid=$(head -n 1 "$data/wherry.pid")
before=$(cpu "$pid"); [ -z "$disk" ] || wrote=$(written)
sleep "$seconds"
after=$(cpu "$pid")
figure "idle CPU" "$(awk "BEGIN {printf \"%.2f\", ($after - $before) / $seconds}")" "% of a core" 0.5
[ -z "$disk" ] || figure "written by an idle node" $((($(written) - wrote) * 86400 / seconds / 1000)) "MB a day" 50
rss "idle" 220
idle=$total

# --- pods -----------------------------------------------------------------------------------------------------

# Create to Ready by the cluster's own clock would round to seconds: once as whoever types it waits, once as whoever watches sees it.
(exec 9>&-; kubectl get pods -l run --watch --no-headers 2>/dev/null | while read -r name ready _; do
  echo "$name $ready $(millis)"
done >"$work/seen") &
for i in $(seq 1 15); do
  start=$(millis)
  kubectl run "p$i" --image=wherry/hello:1 >/dev/null
  kubectl wait --for=condition=Ready "pod/p$i" --timeout=60s >/dev/null
  echo $(($(millis) - start)) >>"$work/one"
done
awk '!($1 in made) {made[$1] = $3} $2 == "1/1" && !($1 in ready) {ready[$1] = $3; print $3 - made[$1]}' "$work/seen" >"$work/watched"
figure "one pod, created to Ready, p50" "$(middle "$work/watched")" ms 250
figure "one pod, created to Ready, p99" "$(last "$work/watched")" ms
figure "one pod, kubectl run and wait to Ready, p50" "$(middle "$work/one")" ms
figure "one pod, kubectl run and wait to Ready, p99" "$(last "$work/one")" ms
start=$(millis); kubectl get pods -o name >/dev/null; figure "  of which a call of kubectl takes" $(($(millis) - start)) ms
start=$(millis); kubectl delete pod p1 --grace-period=1 >/dev/null; figure "one pod, delete to gone (grace 1 s)" $(($(millis) - start)) ms
kubectl delete pods --all --grace-period=1 >/dev/null

start=$(millis)
kubectl create deployment twenty --image=wherry/hello:1 --replicas=20 >/dev/null
kubectl rollout status deployment/twenty --timeout=120s >/dev/null
figure "Deployment of 20, create to available" $(($(millis) - start)) ms 3000
kubectl delete deployment twenty >/dev/null
kubectl wait --for=delete pods -l app=twenty --timeout=120s >/dev/null 2>&1 || true # none left is an error to kubectl

# kubectl asks five times a second after its first ten requests, and waiting for pods takes two for each: what is waited for here
# is looked at by lists.
await_pods() { # await_pods COUNT [COLUMN]: so many pods of "many" are there, with this column
  tries=0
  until [ "$(kubectl get pods -l app=many --no-headers 2>/dev/null | grep -c "${2:-}")" = "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 400 ] || { echo "$1 pods are waited for in vain" >&2; exit 1; }
    sleep 0.2
  done
}

# Fifty at once: each pod's own way from its creation to Ready, as whoever watches sees it.
(exec 9>&-; kubectl get pods -l app=many --watch --no-headers 2>/dev/null | while read -r name ready _; do
  [ "$ready" = 1/1 ] && echo "$name $(millis)"
done >"$work/ready") &
start=$(millis)
pods 1 50 | kubectl apply -f - >/dev/null
applied=$(($(millis) - start))
await_pods 50 1/1
sleep 1
sort -u -k1,1 "$work/ready" | awk -v s="$start" '{print $2 - s}' >"$work/times"
figure "50 pods at once, apply to Ready, p50" "$(middle "$work/times")" ms
figure "50 pods at once, apply to Ready, all" "$(last "$work/times")" ms
figure "  of which kubectl apply takes" "$applied" ms
start=$(millis)
kubectl delete --raw "/api/v1/namespaces/default/pods?labelSelector=app%3Dmany" >/dev/null # one request
await_pods 0
figure "50 pods, delete to gone (grace 1 s)" $(($(millis) - start)) ms
rss "after use, no pods"

# --- what a pod writes ----------------------------------------------------------------------------------------

if [ -n "$disk" ]; then
  kubectl apply -f - >/dev/null <<'POD'
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"probed"},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"wherry/hello:1","readinessProbe":{"exec":{"command":["true"]},"periodSeconds":10}}]}}
POD
  kubectl wait --for=condition=Ready pod/probed --timeout=60s >/dev/null
  # What the making of the pod wrote goes from the file system's journal to its place within half a minute.
  sync -f "$work/disk"; sleep 40; wrote=$(written); sleep "$seconds"
  figure "written with a pod and its exec probe every 10 s" $((($(written) - wrote) * 86400 / seconds / 1000)) "MB a day" 50
  kubectl delete pod probed --grace-period=1 >/dev/null
fi

# --- many pods ------------------------------------------------------------------------------------------------

from=1
for count in 30 110 200; do
  start=$(millis)
  pods $from $count | kubectl apply -f - >/dev/null
  await_pods "$count" 1/1
  figure "$((count - from + 1)) more pods to Ready, $count in all" $(($(millis) - start)) ms
  rss "$count pods"
  from=$((count + 1))
done
start=$(millis); wherry down --purge >/dev/null; figure "down --purge with 200 pods" $(($(millis) - start)) ms

# --- a reboot with no master ----------------------------------------------------------------------------------

data=$work/disk/agent
alone=30
running() { find "$run/c/overlay-containers" -name pidfile 2>/dev/null | wc -l; }
(exec 9>&-; inside "$home/wherry" master --data-dir "$work/disk/master" >"$work/master.log" 2>&1) &
while [ ! -f "$work/disk/master/master/join-token" ]; do sleep 0.1; done
token=$(cat "$work/disk/master/master/join-token")
agent() { inside "$home/wherry" agent --data-dir "$data" --node-name node-1 --server 127.0.0.1 --token "$token" >>"$work/agent.log" 2>&1; }
(exec 9>&-; agent) &
export KUBECONFIG="$work/disk/master/kubeconfig"
until kubectl wait --for=condition=Ready node/node-1 --timeout=60s >/dev/null 2>&1; do sleep 0.2; done
pods 1 $alone | kubectl apply -f - >/dev/null
await_pods $alone 1/1
crc=$(printf %s "$data" | gzip -c | tail -c 8 | od -An -N4 -tx4 | tr -d ' ') # the run directory's name
run=/run/wherry/$(printf '%x' "0x$crc")
sleep 3 # what the pods' status is now is in the checkpoint
kill -9 "$(head -n 1 "$work/disk/master/wherry.pid")" "$(head -n 1 "$data/wherry.pid")"
# What a machine loses that goes down: processes, first those who would write down an end; mounts, /run, rules.
for each in "$data" "$run"; do pgrep -f "$each" | xargs -r kill -9 2>/dev/null || true; done
find "$run/c/overlay-containers" -name pidfile -exec sh -c 'kill -9 "$(cat "$1")"' _ {} \; 2>/dev/null || true
sleep 1
for i in 1 2 3; do
  awk -v r="$run/" -v d="$data/" 'index($2, r) == 1 || index($2, d) == 1 {print $2}' /proc/self/mounts | sort -r | xargs -r umount -l 2>/dev/null || true
done
rm -rf "$run"
inside nft flush ruleset
start=$(millis)
(exec 9>&-; agent) &
while [ "$(running)" -lt $alone ]; do sleep 0.3; done
figure "a reboot with no master: agent's start to $alone pods running" $(($(millis) - start)) ms 10000

if [ "$idle" -gt "$gate_mb" ]; then
  echo "the idle node takes $idle MB, more than the gate of $gate_mb MB" >&2
  exit 1
fi
