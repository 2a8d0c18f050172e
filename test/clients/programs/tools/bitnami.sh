#!/bin/bash
# What Bitnami's chart asks a Sentinel and its file: probes, the master's address, awk over the file, and
# the hook of a pod that is stopped, which fails over and waits for the end of it.
set -u
cli() { timeout -s 15 5 redis-cli -h localhost -p "$PORT" $CLI "$@"; }
export REDISCLI_AUTH="$PASSWORD"

# Liveness and readiness want exactly this word.
response=$(cli ping)
if [ "$?" -eq 124 ]; then echo "probe: timed out"; fi
if [ "$response" = PONG ]; then echo "probe: alive"; else echo "probe: '$response'"; fi

# Two lines into an array: host, then port.
info=($(cli sentinel get-master-addr-by-name mymaster))
echo "master: ${#info[@]} words: ${info[0]} ${info[1]}"
echo "unknown master: '$(cli sentinel get-master-addr-by-name nobody)'"
if cli sentinel master mymaster | grep -Fq s_down; then echo "quorum: down"; else echo "quorum: up"; fi

# Each value is the line behind one that has this word anywhere in it.
cli sentinel sentinels mymaster | awk '
  /ip/ { ip = 1 } /port/ { port = 1 } /runid/ { runid = 1 }
  !/ip|port|runid/ {
    if (ip) { address = $1; ip = 0 }
    else if (port) { number = $1; port = 0 }
    else if (runid) { print "sentinel known-sentinel mymaster", address, number, $0; runid = 0 }
  }'

# The file is read by name, through the link that its folder is.
file() {
  echo "awk: $(awk '/monitor/ {print $4}' "$FILE")"
  port=$(awk '/monitor/ {print $5}' "$FILE")
  if [ "$port" = "$1" ]; then echo "awk: the port that it answers"; else echo "awk: port $port"; fi
  echo "grep: $(grep -c '^sentinel monitor mymaster ' "$FILE")"
}
file "${info[1]}"

run_sentinel_command() { cli sentinel "$@"; }
failover_finished() {
  now=($(run_sentinel_command get-master-addr-by-name mymaster))
  [[ "${now[1]}" != "${info[1]}" ]]
}
echo "failover: $(run_sentinel_command failover mymaster)"
for _ in $(seq 30); do
  if failover_finished; then break; fi
  sleep 1
done
if failover_finished; then echo "the master is another pod"; else echo "the failover failed"; fi
file "${now[1]}"
