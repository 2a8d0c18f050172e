#!/bin/bash
# What spotahome's operator does through its library: regular expressions over INFO, a reset of all,
# a new start with REMOVE, MONITOR, SET.
set -u
cli() { redis-cli -h 127.0.0.1 -p "$PORT" "$@"; }
field() { cli info sentinel | grep -oE "$1=([a-z]+|[0-9]+)" | tr '\n' ' '; }

until_is() { # expected, field
  for _ in $(seq 300); do
    [ "$(field "$2")" = "$1 " ] && break
    sleep 0.1
  done
  echo "info: $(field "$2")"
}

echo "probe: $(sh -c "redis-cli -h 127.0.0.1 -p $PORT ping")"
until_is status=ok status
until_is slaves=2 slaves
until_is sentinels=3 sentinels
echo "reset: $(cli sentinel reset '*')"
until_is sentinels=3 sentinels
until_is slaves=2 slaves
echo "ckquorum: $(cli sentinel ckquorum mymaster)"
read -r -d '' host port < <(cli sentinel get-master-addr-by-name mymaster; printf '\0')
echo "remove: $(cli SENTINEL REMOVE mymaster)"
echo "remove again: $(cli SENTINEL REMOVE mymaster)"
echo "monitor: $(cli SENTINEL MONITOR mymaster "$host" "$port" 2)"
echo "monitor again: $(cli SENTINEL MONITOR mymaster "$host" "$port" 2)"
for setting in "down-after-milliseconds 5000" "failover-timeout 10000" "parallel-syncs 2"; do
  echo "set $setting: $(cli SENTINEL SET mymaster $setting)"
done
until_is sentinels=3 sentinels
until_is slaves=2 slaves
for name in down-after-milliseconds failover-timeout parallel-syncs; do
  echo "$name: $(cli sentinel master mymaster | grep -A1 -x "$name" | tail -n 1)"
done

# The hook of a server that is stopped.
master() { cli --csv SENTINEL get-master-addr-by-name mymaster | tr ',' ' ' | tr -d '\"'; }
echo "hook: $(master | cut -d' ' -f1)"
before=$(master)
echo "positions: $(cli sentinel master mymaster | sed -n '3,4p' | tr '\n' ' ')"
echo "failover: $(cli SENTINEL failover mymaster)"
for _ in $(seq 300); do
  [ "$(master)" != "$before" ] && break
  sleep 0.1
done
if [ "$(master)" != "$before" ]; then echo "another master"; else echo "the same master"; fi
