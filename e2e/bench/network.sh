#!/bin/sh
# Measures the network of a node of its own in a network namespace, with its backend in another one:
#   wrk through ClusterIP, NodePort and ingress against direct; ingress against nginx, by processor time a request, plain,
#   over TLS, with a new TLS connection each; names against dnsmasq; one endpoint change at 100, 1,000 and 5,000 services;
#   a pod's coming and going at 100, 1,000 and 5,000 pods with policies; a policy from the API to packets that are held;
#   the userspace mode against haproxy; memory before and after.
# Everything runs in one go on the same machine, so that ratios mean something; absolute figures are the machine's.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
seconds=${WHERRY_BENCH_SECONDS:-4}

missing=''
for tool in wrk:wrk nginx:nginx-light haproxy:haproxy dnsmasq:dnsmasq-base dnsperf:dnsperf openssl:openssl; do
  command -v "${tool%%:*}" >/dev/null || [ -x "/usr/sbin/${tool%%:*}" ] || missing="$missing ${tool#*:}"
done
if [ -n "$missing" ]; then
  echo "installing what is compared with:$missing" >&2
  # shellcheck disable=SC2086 # a list of words
  { apt-get update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >/dev/null 2>&1 \
    || { echo "apt-get could not install:$missing" >&2; exit 1; }
fi

work=$(mktemp -d)
data="$work/cluster"
unshare --net sleep 3600 &
node=$!
unshare --net sleep 3600 &
other=$!
started=''
inside() { nsenter --net="/proc/$node/ns/net" "$@"; }
beside() { nsenter --net="/proc/$other/ns/net" "$@"; }
wherry() { command=$1; shift; inside "$home/wherry" "$command" --data-dir "$data" "$@"; }
finish() {
  wherry down --purge >/dev/null 2>&1 || true
  for each in $started $node $other; do # what runs in the background is a child of a shell of its own
    # shellcheck disable=SC2046 # a list of numbers
    kill $(cat "/proc/$each/task/$each/children" 2>/dev/null) "$each" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT
sleep 0.3
inside ip link set lo up
beside ip link set lo up
inside ip link add eth0 type veth peer name eth0 netns "$other"
inside ip addr add 198.18.9.2/24 dev eth0
beside ip addr add 198.18.9.1/24 dev eth0
inside ip link set eth0 up
beside ip link set eth0 up
inside ip route add default via 198.18.9.1
export KUBECONFIG="$data/kubeconfig"

# --- the backend and those that are compared with ---
mkdir "$work/www"
echo hello >"$work/www/index.html"
head -c 268435456 /dev/zero >"$work/www/bulk"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=bench.example \
  -addext subjectAltName=DNS:bench.example -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
chmod 755 "$work" "$work/www"
nginx_conf() { # FILE, its http block on standard input
  { echo "user root; worker_processes 1; pid $1.pid; error_log /dev/null crit; events { worker_connections 4096; }"
    echo "http { access_log off; keepalive_requests 1000000; sendfile on;"; cat; echo "}"; } >"$1"
}
nginx_conf "$work/backend.conf" <<EOF
server { listen 198.18.9.1:8080 backlog=4096; root $work/www; }
EOF
nginx_conf "$work/proxy.conf" <<EOF
upstream backend { server 198.18.9.1:8080; keepalive 64; keepalive_requests 1000000; }
server {
  listen 198.18.9.2:8180; listen 198.18.9.2:8143 ssl;
  ssl_certificate $work/tls.crt; ssl_certificate_key $work/tls.key; ssl_session_tickets off; ssl_session_cache off;
  location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$host; }
}
EOF
cat >"$work/haproxy.cfg" <<EOF
global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen tcp
  bind 198.18.9.2:8280
  server one 198.18.9.1:8080
EOF
beside nginx -c "$work/backend.conf" -e /dev/null
started="$started $(cat "$work/backend.conf.pid")"
inside nginx -c "$work/proxy.conf" -e /dev/null
proxy_pid=$(cat "$work/proxy.conf.pid")
started="$started $proxy_pid"
inside haproxy -D -f "$work/haproxy.cfg" -p "$work/haproxy.pid"
started="$started $(cat "$work/haproxy.pid")"

# --- one endpoint change ---
classes="$home/agent/target/test-classes"
[ -f "$classes/dev/wherry/agent/services/RulesBench.class" ] || { echo "build first: ./dev bench network" >&2; exit 1; }
java_home=${JAVA_HOME:-}
for candidate in "${WHERRY_JAVA_HOME:-}" "$java_home" /usr/lib/jvm/*25* /opt/*jdk*25*; do
  [ -x "$candidate/bin/java" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release" && { java_home=$candidate; break; }
done
library=$(sed "s#\(^\|:\)lib/#\1$home/cli/target/lib/#g" "$home/cli/target/class-path")
in_process() { # CLASS ARGUMENT...: with the flags of the launcher that tell here
  inside "$java_home/bin/java" -XX:+UseSerialGC -Xms12m -Xmx128m -Xmn6m -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=32m \
    --enable-native-access=ALL-UNNAMED -cp "$classes:$home/agent/target/classes:$library" "$@"
}
echo "one endpoint change, from the slice to the kernel:"
in_process dev.wherry.agent.services.RulesBench 100 1000 5000
echo "a pod that comes or goes, until the policies of a node know it:"
in_process dev.wherry.agent.policy.PolicyBench 100 1000 5000

# --- a cluster with one service, whose endpoint is the backend ---
manifest() {
  cat <<EOF
apiVersion: v1
kind: Service
metadata: {name: bench}
spec: {type: NodePort, clusterIP: 10.43.0.99, ports: [{port: 80, targetPort: 8080, nodePort: 30999}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: bench-1, labels: {kubernetes.io/service-name: bench}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [198.18.9.1]}]
---
apiVersion: v1
kind: Secret
metadata: {name: bench}
type: kubernetes.io/tls
data: {tls.crt: $(base64 -w0 "$work/tls.crt"), tls.key: $(base64 -w0 "$work/tls.key")}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: bench, annotations: {nginx.ingress.kubernetes.io/ssl-redirect: "false"}}
spec:
  tls: [{hosts: [bench.example], secretName: bench}]
  rules: [{host: bench.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: bench, port: {number: 80}}}}]}}]
EOF
}
up() { wherry up --node-name node-1 "$@" >/dev/null; manifest | inside kubectl apply -f - >/dev/null; }
answers() { # URL
  for _ in $(seq 100); do inside curl -sk -o /dev/null -H 'Host: bench.example' "$1" && return 0; sleep 0.1; done
  echo "$1 does not answer" >&2
  exit 1
}
rss() { wherry status -o json | tr '{' '\n' | sed -n 's/.*"rssBytes":\([0-9]*\).*/\1/p' | awk '{s += $1} END {printf "%.0f", s / 1e6}'; }
rate() { # URL [HEADER]; requests a second
  inside wrk -t1 -c32 "-d${seconds}s" -H 'Host: bench.example' ${2:+-H "$2"} "$1" | awk '/^Requests\/sec/ {print $2}'
}
ticks() { # of a process and its children: processor time, 10 ms each
  for each in "$1" $(cat "/proc/$1/task/$1/children"); do awk '{print $14 + $15}' "/proc/$each/stat"; done | awk '{s += $1} END {print s}'
}
ratio() { awk "BEGIN {printf \"%.2f\", $1 / $2}"; }

up
pid=$(head -1 "$data/wherry.pid")
answers http://10.43.0.99/
answers http://198.18.9.2:30999/
echo "memory of the idle node: $(rss) MB"
rate http://198.18.9.1:8080/ >/dev/null
direct=$(rate http://198.18.9.1:8080/)
cluster=$(rate http://10.43.0.99/)
port=$(rate http://198.18.9.2:30999/)
again=$(rate http://198.18.9.1:8080/)
direct=$(awk "BEGIN {print ($direct + $again) / 2}")
echo "requests a second, keep-alive: direct $direct, ClusterIP $cluster ($(ratio "$cluster" "$direct")), NodePort $port ($(ratio "$port" "$direct"))"

# --- network policies: from the call to the API to packets that are held, and to packets that pass again ---
inside kubectl run held --image=wherry/hello:1 --labels=app=held >/dev/null
inside kubectl wait --for=condition=Ready pod/held --timeout=120s >/dev/null
pod=$(inside kubectl get pod held -o 'jsonpath={.status.podIP}')
beside ip route replace 10.42.0.0/16 via 198.18.9.2
inside kubectl proxy --port=8001 >/dev/null &
started="$started $!"
answers http://127.0.0.1:8001/readyz
policies=http://127.0.0.1:8001/apis/networking.k8s.io/v1/namespaces/default/networkpolicies
echo '{"metadata": {"name": "held"}, "spec": {"podSelector": {"matchLabels": {"app": "held"}}}}' >"$work/policy.json"
reaches() { beside curl -s -o /dev/null --max-time "$1" "http://$pod/healthz"; } # SECONDS
holds() { ! reaches 0.5; }
until_held() { # START; milliseconds until the first try that is held begins
  for _ in $(seq 500); do
    at=$(date +%s%N)
    if holds; then echo $(((at - $1) / 1000000)); return 0; fi
  done
  echo "the policy took no effect" >&2
  exit 1
}
until_passed() { # START; the same for a try that passes. A held one waits for long: others begin meanwhile
  tries=$(mktemp -p "$work")
  for _ in $(seq 500); do
    at=$(date +%s%N)
    { reaches 0.5 && echo $(((at - $1) / 1000000)) >>"$tries"; } &
    sleep 0.02
    [ -s "$tries" ] && { head -1 "$tries"; return 0; }
  done
  echo "the policy did not end" >&2
  exit 1
}
median() { tr ' ' '\n' | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
reaches 1 || { echo "the pod does not answer" >&2; exit 1; }
held=''; passed=''
for _ in 1 2 3 4 5; do
  start=$(date +%s%N)
  inside curl -sf -o /dev/null -H 'Content-Type: application/json' --data "@$work/policy.json" "$policies"
  held="$held $(until_held "$start")"
  start=$(date +%s%N)
  inside curl -sf -o /dev/null -X DELETE "$policies/held"
  passed="$passed $(until_passed "$start")"
done
echo "network policies, from the call to the API: packets are held after $(echo "${held# }" | median) ms, pass again after $(echo "${passed# }" | median) ms (of 5)"

answers http://198.18.9.2/
answers https://198.18.9.2/
echo "memory with the ingress loaded: $(rss) MB"
compare() { # NAME PATH-OF-OURS PATH-OF-NGINX [HEADER]
  rate "$2" "${4:-}" >/dev/null # warm
  before=$(ticks "$pid"); ours=$(rate "$2" "${4:-}"); after=$(ticks "$pid")
  ours_cost=$(awk "BEGIN {print ($after - $before) * 10000 / ($ours * $seconds)}")
  before=$(ticks "$proxy_pid"); theirs=$(rate "$3" "${4:-}"); after=$(ticks "$proxy_pid")
  their_cost=$(awk "BEGIN {print ($after - $before) * 10000 / ($theirs * $seconds)}")
  echo "ingress, $1: $ours requests/s at $ours_cost us of processor each; nginx $theirs at $their_cost; per core $(ratio "$their_cost" "$ours_cost")"
}
compare plain http://198.18.9.2/ http://198.18.9.2:8180/
compare TLS https://198.18.9.2/ https://198.18.9.2:8143/
compare "TLS, a connection each" https://198.18.9.2/ https://198.18.9.2:8143/ 'Connection: close'
echo "memory after the ingress's load: $(rss) MB"

# --- names ---
for i in $(seq 20); do inside kubectl create service clusterip "names-$i" --tcp=80 >/dev/null; done
inside kubectl get services --no-headers | awk '/^names-/ {print $1 ".default.svc.cluster.local A"}' >"$work/queries"
inside kubectl get services --no-headers | awk '/^names-/ {print $3, $1 ".default.svc.cluster.local"}' >"$work/hosts"
inside dnsmasq --no-daemon --port=5353 --listen-address=198.18.9.2 --bind-interfaces --no-resolv --no-hosts --addn-hosts="$work/hosts" \
  >/dev/null 2>&1 &
dns_pid=$!
started="$started $dns_pid"
sleep 1
queries() { # ADDRESS PORT; a second
  inside dnsperf -s "$1" -p "$2" -d "$work/queries" -l "$seconds" -c 8 -Q 2000000 2>/dev/null | awk '/Queries per second/ {print $4}'
}
queries 10.43.0.10 53 >/dev/null
before=$(ticks "$pid"); ours=$(queries 10.43.0.10 53); after=$(ticks "$pid")
ours_cost=$(awk "BEGIN {print ($after - $before) * 10000 / ($ours * $seconds)}")
before=$(ticks "$dns_pid"); theirs=$(queries 198.18.9.2 5353); after=$(ticks "$dns_pid")
their_cost=$(awk "BEGIN {print ($after - $before) * 10000 / ($theirs * $seconds)}")
echo "names: $ours queries/s at $ours_cost us; dnsmasq $theirs at $their_cost; rate $(ratio "$ours" "$theirs"), per core $(ratio "$their_cost" "$ours_cost")"

# --- the userspace mode ---
wherry down --purge >/dev/null
up --proxy-mode userspace
answers http://10.43.0.99/
bulk() { inside curl -s -o /dev/null -w '%{speed_download}' "$1/bulk" | awk '{printf "%.0f", $1 / 1e6}'; }
rate http://10.43.0.99/ >/dev/null
ours=$(rate http://10.43.0.99/)
theirs=$(rate http://198.18.9.2:8280/)
echo "userspace mode: $ours requests/s, haproxy $theirs ($(ratio "$ours" "$theirs"))"
ours=$(rate http://10.43.0.99/ 'Connection: close')
theirs=$(rate http://198.18.9.2:8280/ 'Connection: close')
echo "userspace mode, a connection each: $ours requests/s, haproxy $theirs ($(ratio "$ours" "$theirs"))"
ours=$(bulk http://10.43.0.99)
theirs=$(bulk http://198.18.9.2:8280)
echo "userspace mode, bulk: $ours MB/s, haproxy $theirs ($(ratio "$ours" "$theirs"))"
echo "memory in userspace mode: $(rss) MB"
